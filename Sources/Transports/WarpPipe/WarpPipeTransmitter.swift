import PCIe

/// What goes to a Warp Pipe peer: sequence numbers, what is not acknowledged, and the bytes to write.
struct WarpPipeTransmitter: Sendable {
  /// A TLP on its way to the peer, kept until it is acknowledged.
  struct Sent: Sendable {
    var sequence: UInt16
    var bytes: [UInt8]
    /// A write that wants an answer: the peer gives none, so its acknowledgement has to do.
    var completes: TLPHeader?
    var replays = 0
  }

  /// What became of a Nak.
  enum Replay: Hashable, Sendable {
    case sent
    /// The TLP was refused too often: the link is lost.
    case givenUp
    /// Nothing with that number waits for an acknowledgement.
    case unknown
  }

  /// What may be on its way unacknowledged; the peer drops the link when its buffers are full.
  static let windowBytes = 32 << 10
  /// Replays of one TLP before the link is lost.
  ///
  /// - Source: PCI Express Base 5.0, 3.6.2.1: REPLAY_NUM rolls over with the fourth.
  static let replaysMax = 4

  /// The first TLP has number 1.
  private var nextSequence: UInt16 = 1
  private var unacknowledged: [Sent] = []
  private var unacknowledgedBytes = 0
  /// The TLPs that have been acknowledged so far.
  private(set) var acknowledgedCount: UInt64 = 0
  private(set) var output: [UInt8] = []
  private var endsInAcknowledgement = false
  /// The output from which on acknowledgements are joined.
  private static let acknowledgementBytes = 16 << 10

  /// Whether everything is acknowledged.
  var isEmpty: Bool { unacknowledged.isEmpty }

  /// Whether the peer can take one more TLP.
  var hasWindow: Bool {
    unacknowledged.isEmpty || unacknowledgedBytes + WarpPipeFrame.bytesMax <= Self.windowBytes
  }

  mutating func takeOutput() -> [UInt8] {
    defer { output.removeAll(keepingCapacity: true) }
    endsInAcknowledgement = false
    return output
  }

  mutating func put(_ dllp: DLLP) {
    endsInAcknowledgement = false
    output += WarpPipeFrame.dllp(dllp).bytes
  }

  /// Acknowledges a TLP of the peer, and with it all before it.
  ///
  /// A peer takes one acknowledgement for each TLP, but one that does not read them gets no more than the
  /// last of them, so that posting without an end does not fill the memory.
  /// - Source: PCI Express Base 5.0, 3.6.2.2: an Ack stands for all TLPs up to its number.
  mutating func acknowledge(peers sequence: UInt16) {
    if endsInAcknowledgement, output.count > Self.acknowledgementBytes {
      output.removeLast(WarpPipeFrame.leadBytes)
    }
    put(.ack(sequence: sequence))
    endsInAcknowledgement = true
  }

  /// Sends a TLP with the next number; the request that its acknowledgement completes, if any.
  mutating func put(_ tlp: TLP, completing request: TLPHeader?) {
    let frame = WarpPipeFrame.tlp(sequence: nextSequence, tlp).bytes
    unacknowledged.append(Sent(sequence: nextSequence, bytes: frame, completes: request))
    unacknowledgedBytes += frame.count
    nextSequence = (nextSequence + 1) & 0xfff
    output += frame
    endsInAcknowledgement = false
  }

  /// Forgets a TLP that has arrived, and those before it that were not refused; gives the requests that this
  /// completes.
  mutating func acknowledge(_ sequence: UInt16) -> [TLPHeader] {
    guard let place = unacknowledged.firstIndex(where: { $0.sequence == sequence }) else { return [] }
    var completed: [TLPHeader] = []
    for index in (0...place).reversed() where index == place || unacknowledged[index].replays == 0 {
      let sent = unacknowledged.remove(at: index)
      unacknowledgedBytes -= sent.bytes.count
      acknowledgedCount &+= 1
      if let request = sent.completes { completed.insert(request, at: 0) }
    }
    return completed
  }

  /// Sends a TLP again; the peer names the one that it refused, not the last good one.
  mutating func replay(_ sequence: UInt16) -> Replay {
    guard let place = unacknowledged.firstIndex(where: { $0.sequence == sequence }) else { return .unknown }
    guard unacknowledged[place].replays < Self.replaysMax else { return .givenUp }
    unacknowledged[place].replays += 1
    output += unacknowledged[place].bytes
    endsInAcknowledgement = false
    return .sent
  }
}
