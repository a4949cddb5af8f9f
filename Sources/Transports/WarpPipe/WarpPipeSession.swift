public import PCIe
public import Simulation

/// One link over Warp Pipe's stream, without sockets and clock: bytes and TLPs in, TLPs and bytes out.
///
/// The wire's peculiarities end here: on the fabric's side everything is as the specification wants it. What
/// the peer lacks is added: its reads get a completion timeout, a Nak is answered by a replay, and a peer
/// that does not acknowledge is sent no more instead of being overrun.
/// - Source: Warp Pipe 74950a0, observed on unmodified programs.
public struct WarpPipeSession: Sendable {
  public var settings: WarpPipeSettings
  /// What this wire has not carried and the peer did wrong, until somebody takes it.
  public internal(set) var notes: [WarpPipeNote] = []
  /// Whether the peer refused a TLP for good.
  public internal(set) var isLost = false

  var reader = WarpPipeReader()
  var transmitter = WarpPipeTransmitter()
  /// TLPs for the fabric.
  private var arrived: [TLP] = []
  private var nextArrived = 0
  /// Requests of the fabric at the peer; its table has 32 entries and does not check.
  var outbound = WarpPipeReads(tags: 32)
  /// Whether a request of the fabric waits for a tag.
  var isShortOfTags = false
  /// Requests of the peer on the fabric.
  var inbound = WarpPipeReads(tags: 32)
  /// Requests of the peer for which no tag was free.
  var waiting: [TLP] = []
  /// Whether memory requests of a host find the function enabled.
  var isTargetEnabled = false

  /// A session in which nothing has been sent.
  public init(_ settings: WarpPipeSettings) { self.settings = settings }
}

// The peer's side.
extension WarpPipeSession {
  /// Whether bytes of the peer are to be read now: not while it asks faster than it is served.
  ///
  /// What it is not served for want of its acknowledgements is read on, as those may come behind.
  public var wantsInput: Bool {
    waiting.count < (hasWindow ? 64 : 4096) && transmitter.output.count < 256 << 10
  }
  /// Whether the peer can be sent one more TLP, before it has acknowledged others.
  public var hasWindow: Bool { transmitter.hasWindow }
  /// The bytes of a frame that has begun.
  public var pendingBytes: Int { reader.pendingBytes }
  /// Whether bytes wait to be written.
  public var hasOutput: Bool { !transmitter.output.isEmpty }

  /// The TLPs that the peer has acknowledged so far.
  public var acknowledgedCount: UInt64 { transmitter.acknowledgedCount }
  /// Whether the peer has not acknowledged all that it was sent.
  public var isUnacknowledged: Bool { !transmitter.isEmpty }

  /// Takes the bytes to write, always whole frames.
  ///
  /// They must go out in one piece: a peer drops the link when it reads part of a frame.
  public mutating func takeOutput() -> [UInt8] { transmitter.takeOutput() }

  /// Takes bytes that the peer has sent.
  ///
  /// - Throws: when they are no frames; the link is to be closed then.
  public mutating func receive(_ bytes: some Sequence<UInt8>, at now: VirtualTime) throws(WarpPipeStreamError)
  {
    reader.append(bytes)
    while let item = try reader.next() {
      switch item {
      case .frame(.tlp(let sequence, let tlp)):
        // At once and before any answer, as the peer itself does.
        transmitter.acknowledge(peers: sequence)
        handle(tlp, at: now)
      case .frame(.dllp(.ack(let sequence))): acknowledge(sequence)
      case .frame(.dllp(.nak(let sequence))): replay(sequence)
      case .frame(.dllp): break
      case .badTLP(let sequence):
        notes.append(.badFrame)
        transmitter.put(.nak(sequence: sequence))
      case .badDLLP: notes.append(.badFrame)
      }
    }
  }

  /// Sends a TLP to the peer.
  mutating func transmit(_ tlp: TLP, completing request: TLPHeader? = nil) {
    transmitter.put(tlp, completing: request)
  }

  private mutating func acknowledge(_ sequence: UInt16) {
    for request in transmitter.acknowledge(sequence) {
      arrive(TLP(header: .completion(of: request, status: .successful, completer: settings.peer)))
    }
  }

  private mutating func replay(_ sequence: UInt16) {
    switch transmitter.replay(sequence) {
    case .sent: notes.append(.replayed(sequence: sequence))
    case .givenUp:
      isLost = true
      notes.append(.refused(sequence: sequence))
    case .unknown: break
    }
  }
}

// The fabric's side.
extension WarpPipeSession {
  /// The oldest TLP for the fabric, nil when there is none.
  public mutating func nextTLP() -> TLP? {
    guard nextArrived < arrived.count else { return nil }
    defer {
      nextArrived += 1
      if nextArrived == arrived.count {
        arrived.removeAll(keepingCapacity: true)
        nextArrived = 0
      }
    }
    return arrived[nextArrived]
  }

  mutating func arrive(_ tlp: TLP) { arrived.append(tlp) }

  /// Takes what was noted.
  public mutating func takeNotes() -> [WarpPipeNote] {
    defer { notes.removeAll() }
    return notes
  }

  /// When `expire` has something to do, nil when nothing waits.
  public var deadline: VirtualTime? {
    let first = isShortOfTags ? outbound.deadline : nil
    // Completions that the peer has no room for are not late.
    guard transmitter.hasWindow, let second = inbound.deadline else { return first }
    return min(first ?? second, second)
  }

  /// Counts the time of the peer's requests from when they were sent out, where that is known to be later.
  ///
  /// - Parameter since: when the completer last took something; while it is behind, that may be before them.
  public mutating func postpone(at now: VirtualTime, since taken: VirtualTime, isBehind: Bool) {
    inbound.postpone(at: now, until: taken + settings.completionTimeout, isBehind: isBehind)
  }

  /// Gives up requests whose completions did not come in time.
  ///
  /// A requester on the fabric has a timeout of its own, so that its request is only given up when another
  /// wants the tag; a peer gets a completion that says so.
  public mutating func expire(at now: VirtualTime) {
    if isShortOfTags {
      for (_, tag) in outbound.expire(at: now) { notes.append(.tagTakenBack(tag)) }
    }
    guard transmitter.hasWindow else { return }
    for (read, tag) in inbound.expire(at: now) {
      notes.append(.completionTimeout(tag: tag))
      answerPeer(read, failure: .unsupportedRequest)
    }
    admitWaiting(at: now)
  }
}
