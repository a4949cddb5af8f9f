import CPCIeLink
public import LinkBroker
import PCIe
public import Simulation

/// An outside program at a node of the fabric, over rings in memory that both share.
///
/// Whatever the program writes there is copied and checked before it is used; what it does wrong ends its
/// link.
public final class LinkTransport: Transport {
  public private(set) var state = TransportState.up

  private let socket: StreamSocket
  private let ring: LinkRing
  /// What the program was last told of its function.
  private var told: OutsideSettings
  private var messages: [String] = []
  private var hasHungUp = false
  /// Whether it has said goodbye; its link stays until what it sent before has arrived.
  private var isLeaving = false
  /// Whether something waits for the program to take what it has got.
  private var isBlocked = false
  /// Whether the program has to wait until the link has taken what it sent before.
  private var isHeldBack = false
  /// Whether records were left in the ring until the clock is read again.
  private var isPaused = false
  /// Whether the answer to a request was published before its accounts were done.
  private var hasAnswered = false
  /// The short way for what comes, opened while there is time.
  private let lane = QuietLane()

  init(takingOver socket: consuming StreamSocket, _ hello: pcie_link_hello, _ terms: LinkTerms)
    throws(LinkError)
  {
    ring = try LinkRing(slots: terms.slots)
    var answer = unsafe pcie_link_terms()
    unsafe answer.function = pcie_link_function(terms.settings)
    unsafe answer.completion_timeout = terms.completionTimeout.picoseconds / 1000
    unsafe answer.role = hello.role
    try unsafe ring.welcome(socket.number, answer, describing: terms.description)
    self.socket = socket
    told = terms.settings
  }

  public var deadline: VirtualTime? { nil }

  public var waits: [TransportWait] {
    [
      TransportWait(descriptor: ring.doorbell),
      TransportWait(descriptor: socket.number),
    ]
  }

  public func takeNotes() -> [String] {
    defer { messages.removeAll() }
    return messages
  }

  public var watched: LinkWatch.End? { ring.watched }

  public func mayWait(with node: any OutsideEnd, in fabric: borrowing Fabric) -> Bool {
    guard state == .up else { return false }
    // Events of the fabric bring what it has sent to its end.
    if isLeaving { return !hasArrived(node, in: fabric) }
    guard !hasHungUp || isHeldBack else { return false }
    // What holds the program back ends with an event of the fabric, or with another's doorbell.
    guard holdsBack(node, in: fabric) ? isHeldBack : ring.arm() else { return false }
    guard !isBlocked || ring.armRoom() else {
      ring.disarm()
      return false
    }
    return true
  }

  /// Whether so much of the program waits for credits that the rest has to stay in its ring.
  private func holdsBack(_ node: any OutsideEnd, in fabric: borrowing Fabric) -> Bool {
    guard let port = node.port else { return false }
    return fabric.waitingTLPs(at: port) >= Self.backlogMax
  }

  /// Whether all that the program has sent is where it was sent to.
  private func hasArrived(_ node: any OutsideEnd, in fabric: borrowing Fabric) -> Bool {
    node.port.map { fabric.carriesNothing(from: $0) } ?? true
  }

  public func wake(_ ready: [CInt]) {
    ring.disarm()
    for descriptor in ready {
      if descriptor == ring.doorbell {
        ring.clearDoorbell()
      } else if descriptor == socket.number,
        pcie_link_socket_drain(descriptor) == CInt(PCIE_LINK_E_CLOSED)
      {
        hasHungUp = true
      }
    }
  }

  public var wantsTurn: Bool { isHeldBack || (hasHungUp || isLeaving) && state == .up }

  public func take(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> Bool { ring.push(tlp, in: fabric) }

  public func prepare(for node: any OutsideEnd, in fabric: inout Fabric) {
    _ = fabric.open(lane, from: node)
  }

  public func exchange(with node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    guard state == .up else { return false }
    (isHeldBack, isPaused) = (false, false)
    let count = receiveAll(for: node, in: &fabric)
    var hasMoved = count > 0
    publishAnswers(in: &fabric)
    ring.holdBack(isHeldBack)
    // It may have broken what we give to it, while what it gives is left alone.
    if ring.isBroken, state == .up { state = .lost(.garbage("\(ring.failure)")) }
    // What the program wrote before it hung up still counts.
    if hasHungUp, !hasMoved, !isHeldBack, !isPaused, !isLeaving, state == .up { state = .lost(.closed) }
    if isLeaving, state == .up, hasArrived(node, in: fabric) { state = .lost(.goodbye) }
    guard state == .up else { return true }
    if node.hasWaiting {
      if give(from: node, in: &fabric) { hasMoved = true }
    } else {
      ring.forgetRoom()
    }
    ring.publish()
    return hasMoved
  }

  // MARK: From the program

  /// How many TLPs of the program may wait for credits; more stay in its ring, which then fills.
  ///
  /// That is more than all the requests that it may have under way, so that completions are never behind
  /// requests that wait for them.
  private static let backlogMax = 512

  /// How many records are taken at a time, so that one program cannot keep the fabric to itself.
  private static let recordsMax = 256

  /// Takes what has come, and tells how many records that were.
  private func receiveAll(for node: any OutsideEnd, in fabric: inout Fabric) -> Int {
    var left = Self.recordsMax
    while left > 0, !isLeaving, state == .up {
      if fabric.isCurrent(lane) || fabric.open(lane, from: node) {
        guard receiveQuietly(for: node, in: &fabric, &left) else { break }
      } else {
        isHeldBack = holdsBack(node, in: fabric)
        guard !isHeldBack, receive(ring.next(), for: node, in: &fabric) else { break }
        left -= 1
      }
    }
    return Self.recordsMax - left
  }

  /// Takes records as long as they may go the short way, and the first that may not.
  ///
  /// Who has just got an answer most likely asks again at once, so that it is waited for a moment.
  /// - Returns: false when no more is to be taken now.
  private func receiveQuietly(
    for node: any OutsideEnd, in fabric: inout Fabric, _ left: inout Int
  ) -> Bool {
    guard let memory = lane.memory else { return false }
    var answers = 0
    while left > 0 {
      isPaused = fabric.isFarAhead(on: lane)
      if isPaused { return false }
      let record = ring.next()
      if case .nothing = record { return false }
      left -= 1
      hasAnswered = false
      if case .tlp = record, serve(for: node, from: memory, in: &fabric) {
        if hasAnswered {
          fabric.noteAnswersSeen()
        } else {
          guard ring.isUnpublished else { continue }
          // An answer waits for others only where more is asked already.
          let isLast = !ring.hasNext
          guard isLast || ring.unpublishedSlots >= Self.slotsPerPublication else { continue }
          publishAnswers(in: &fabric)
          guard isLast else { continue }
        }
        answers += 1
        guard answers < Self.answersMax, ring.lingers() else { return false }
        fabric.passAnswers(on: lane)
      } else {
        return receive(record, for: node, in: &fabric)
      }
    }
    return true
  }

  /// The answers to one program after which others are looked at.
  private static let answersMax = 32

  /// Lets the program see what was answered at once; from here on it may use the tags again.
  private func publishAnswers(in fabric: inout Fabric) {
    guard ring.isUnpublished else { return }
    ring.publish()
    fabric.noteAnswersSeen()
  }

  /// A quarter of a ring.
  private static let slotsPerPublication = 64

  /// Serves a record at once; false when it has to be sent as others are.
  private func serve(for node: any OutsideEnd, from memory: any NodeMemory, in fabric: inout Fabric) -> Bool {
    ring.withPlainRequest { sent, payload in
      var header = sent
      guard node.identify(&header, at: fabric.now) == nil else { return false }
      if !header.hasData {
        return payload.isEmpty && answer(header, from: memory, in: &fabric)
      }
      guard fabric.take(write: header, payloadBytes: payload.byteCount, on: lane) else { return false }
      memory.store(payload, at: lane.place(of: header))
      return true
    }
  }

  /// Answers a read at once; false when it has to be sent as others are.
  ///
  /// Where the program waits for nothing but that, it has the answer before the accounts of it are done.
  @inline(__always)
  private func answer(_ request: TLPHeader, from memory: any NodeMemory, in fabric: inout Fabric) -> Bool {
    guard fabric.admits(read: request, on: lane),
      ring.hasRoom(
        forCompletions: lane.completionCount(of: request), ofBytes: lane.completionBytesMax(of: request))
    else { return false }
    var done = 0
    while let completion = lane.completion(of: request, after: done) {
      ring.push(completion: completion.header, byteCount: completion.byteCount) {
        memory.load(from: completion.place, into: &$0)
      }
      done += completion.byteCount
    }
    hasAnswered = !ring.hasNext
    if hasAnswered { ring.publish() }
    fabric.settle(read: request, on: lane)
    return true
  }

  private func receive(_ record: LinkRing.Record, for node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    switch record {
    case .nothing: return false
    case .tlp: submit(to: node, in: &fabric)
    case .interrupt:
      let interrupt = ring.interrupt
      if let refusal = node.raise(interrupt, in: &fabric) {
        messages.append("\(interrupt) of the program was not raised: \(refusal)")
      }
    case .goodbye:
      let text = ring.text
      if !text.isEmpty { messages.append("the program says goodbye: \(text)") }
      isLeaving = true
    case .broken: state = .lost(.garbage("\(ring.failure)"))
    }
    return true
  }

  private func submit(to node: any OutsideEnd, in fabric: inout Fabric) {
    do throws(TLPError) {
      try ring.withBody { bytes throws(TLPError) in try submit(bytes, to: node, in: &fabric) }
    } catch {
      state = .lost(.garbage("a record that is no TLP: \(error)"))
    }
  }

  @inline(__always)
  private func submit(
    _ bytes: RawSpan, to node: any OutsideEnd, in fabric: inout Fabric
  ) throws(TLPError) {
    let sent = try TLPHeader(decoding: bytes)
    let payload = try FabricTLP.payload(of: sent, in: bytes)
    var header = sent
    if let refusal = node.identify(&header, at: fabric.now) {
      messages.append("\(header.kind?.mnemonic ?? "TLP") of the program was not sent: \(refusal)")
    } else {
      node.send(FabricTLP(header, sentAs: sent, payload, of: bytes, in: &fabric), in: &fabric)
    }
  }

  // MARK: To the program

  private func give(from node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    var hasMoved = false
    isBlocked = false
    while true {
      if let item = node.outbox.firstNews {
        guard ring.hasRoom(forSlots: Self.newsSlots) else {
          isBlocked = true
          break
        }
        node.outbox.removeFirstNews()
        tell(item, of: node, in: fabric)
      } else if let first = node.outbox.first {
        guard ring.push(first, in: fabric) else {
          isBlocked = true
          break
        }
        node.outbox.removeFirst(in: &fabric)
      } else {
        break
      }
      hasMoved = true
    }
    return hasMoved
  }

  /// The slots of a record with news and of one with the function's settings, and the rest of a ring that
  /// the second has to leave out.
  private static let newsSlots = 1 + 2 * 3

  /// Tells news, for which there is room.
  ///
  /// Settings are those of the moment at which the news came: what waits behind them was sent by these.
  private func tell(_ item: OutsideNews, of node: any OutsideEnd, in fabric: borrowing Fabric) {
    var settings: OutsideSettings?
    switch item {
    case .link(.up): ring.push(state: PCIE_LINK_STATE_UP)
    case .link(.hotReset): ring.push(state: PCIE_LINK_STATE_HOT_RESET)
    case .link: ring.push(state: PCIE_LINK_STATE_DOWN)
    case .functionLevelReset: ring.push(state: PCIE_LINK_STATE_FLR)
    case .configurationWritten(let written): settings = written
    }
    let new = settings ?? node.settings(in: fabric)
    if new != told {
      told = new
      ring.push(pcie_link_function(new))
    }
  }
}
