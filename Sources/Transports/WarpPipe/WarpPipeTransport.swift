public import LinkBroker
import PCIe
public import Simulation

/// A Warp Pipe peer at a node of the fabric, over a connection that stands.
public final class WarpPipeTransport: Transport {
  public private(set) var state = TransportState.up

  private var session: WarpPipeSession
  private let connection: StreamSocket
  private var output = WarpPipeOutput()
  /// What the session was last told of the fabric's side.
  private var told: OutsideSettings
  private var messages: [String] = []
  /// Whether the peer is read: not while it sends faster than its link or its answers go on.
  private var takesInput = true
  /// Whether the last read has emptied the socket.
  private var pacing = ReadPacing()
  /// What the other end of the link has been shown: how much the peer has acknowledged, and whether not all.
  private var (seenCount, isBehind): (UInt64, Bool) = (0, false)
  /// Since when the peer owes something, nil when it owes nothing.
  private var debt = PeerDebt<WarpPipeDebt>(limit: WarpPipeDebt.limit)

  init(takingOver connection: consuming StreamSocket, _ session: WarpPipeSession, _ settings: OutsideSettings)
  {
    self.session = session
    self.connection = connection
    told = settings
    adopt(settings)
  }

  /// The TLPs that may wait at the link before a peer is read no more.
  private static let backlogMax = 1024

  public var deadline: VirtualTime? {
    guard let end = debt.deadline else { return session.deadline }
    return min(session.deadline ?? end, end)
  }

  /// The socket has been looked at by a wait.
  public func wake(_ ready: [CInt]) { pacing.isDrained = false }

  public var waits: [TransportWait] {
    // A peer of whom nothing is wanted is not waited for: what lets it go on is somewhere else.
    guard takesInput || output.isBlocked else { return [] }
    return [
      TransportWait(
        descriptor: connection.number, isForReading: takesInput, isForWriting: output.isBlocked)
    ]
  }

  public func takeNotes() -> [String] {
    if messages.isEmpty { return [] }
    defer { messages.removeAll() }
    return messages
  }

  public func exchange(with node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    guard state == .up else { return false }
    if node.outbox.hasNews { hear(node, in: fabric) }
    takesInput = session.wantsInput && node.port.map { fabric.waitingTLPs(at: $0) < Self.backlogMax } ?? true
    var hasMoved = takesInput && pacing.mayHaveInput() && read(at: fabric.now)
    if submit(to: node, in: &fabric) {
      hasMoved = true
      // The answer of a model is ready at once, and goes with the acknowledgement.
      fabric.runEvents(until: fabric.now + Fabric.lead)
    }
    while let first = node.outbox.first, session.send(tlp(first, in: fabric), at: fabric.now) {
      hasMoved = true
      node.outbox.removeFirst(in: &fabric)
    }
    // After what has come in time and only waited for the peer.
    if let deadline = session.deadline, deadline <= fabric.now { expire(node, in: &fabric) }
    if write() { hasMoved = true }
    if !session.notes.isEmpty { tell(node, in: &fabric) }
    if session.isLost { lose(.garbage("it has refused a TLP \(WarpPipeTransmitter.replaysMax + 1) times")) }
    settleDebt(at: fabric.now, hasMoved: hasMoved)
    showProgress(to: node, at: fabric.now)
    return hasMoved
  }

  /// Gives up requests whose time is over, which counts from when the peer at the other end could take them.
  private func expire(_ node: any OutsideEnd, in fabric: inout Fabric) {
    if let port = node.port, let progress = fabric.progress(opposite: port) {
      session.postpone(at: fabric.now, since: progress.lastTaken, isBehind: progress.isBehind)
    }
    session.expire(at: fabric.now)
  }

  /// Lets the other end of the link see how far this peer is.
  private func showProgress(to node: any OutsideEnd, at now: VirtualTime) {
    if session.acknowledgedCount != seenCount {
      seenCount = session.acknowledgedCount
      node.outbox.lastTaken = now
    }
    if session.isUnacknowledged != isBehind {
      isBehind.toggle()
      node.outbox.isUntaken = isBehind
    }
  }

  /// Tells what the session has noted, the violations among it as findings.
  private func tell(_ node: any OutsideEnd, in fabric: inout Fabric) {
    for note in session.takeNotes() {
      if let violation = note.violation, let port = node.port {
        fabric.report(
          Finding(
            time: fabric.now, violation: violation, node: port.node, link: port.link, text: "\(note)"))
      } else {
        messages.append("\(note)")
      }
    }
  }

  private func lose(_ loss: TransportLoss) { if state == .up { state = .lost(loss) } }

  /// Takes news of the link and of registers, of which the peer cannot be told.
  private func hear(_ node: any OutsideEnd, in fabric: borrowing Fabric) {
    _ = node.outbox.takeNews()
    let settings = node.settings(in: fabric)
    guard settings != told else { return }
    told = settings
    adopt(settings)
  }

  private func adopt(_ settings: OutsideSettings) {
    guard session.settings.role == .device else { return }
    session.settings.peer = settings.id
    session.settings.maxPayloadBytes = settings.maxPayloadBytes
    session.settings.maxReadRequestBytes = settings.maxReadRequestBytes
    for index in session.settings.windows.indices {
      let bar = session.settings.windows[index].bar.index
      session.settings.windows[index].address = settings.barAddresses[bar]
    }
  }

  private func read(at now: VirtualTime) -> Bool {
    switch connection.read() {
    case .nothing:
      pacing.isDrained = true
      return false
    case .bytes(let bytes):
      pacing.isDrained = bytes.count < StreamSocket.readBytes
      do throws(WarpPipeStreamError) { try session.receive(bytes, at: now) } catch {
        lose(.garbage("\(error)"))
      }
    case .end: lose(.end(inside: session.pendingBytes))
    case .failed(let error): lose(.system("\(error)"))
    }
    return true
  }

  private func write() -> Bool {
    switch output.write(&session, to: connection) {
    case .nothing: return false
    case .moved: return true
    case .gone: lose(.closed)
    case .failed(let error): lose(.system("\(error)"))
    }
    return true
  }

  /// Looks whether the peer does what only it can do.
  private func settleDebt(at now: VirtualTime, hasMoved: Bool) {
    let kind: WarpPipeDebt? =
      if output.isBlocked {
        .reading
      } else if !session.hasWindow {
        .acknowledgement
      } else if !takesInput {
        nil
      } else if session.pendingBytes > 0 {
        .frame(bytes: session.pendingBytes)
      } else if session.isUnacknowledged {
        .acknowledgement
      } else {
        nil
      }
    debt.settle(kind, at: now, hasMoved: hasMoved)
  }

  public func isOverdue(at now: VirtualTime) -> Bool {
    state == .up && debt.isOverdue(at: now)
  }

  public func settleOverdue(at now: VirtualTime, isExcused: Bool) {
    guard let kind = debt.kind else { return }
    if isExcused { debt.excuse(at: now) } else { lose(.garbage("\(kind)")) }
  }

  /// Sends what the peer has sent; false when there was nothing.
  private func submit(to node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    var hasMoved = false
    while let tlp = session.nextTLP() {
      hasMoved = true
      submit(tlp, node, in: &fabric)
    }
    return hasMoved
  }

  private func submit(_ tlp: TLP, _ node: any OutsideEnd, in fabric: inout Fabric) {
    var payload = PayloadReference.none
    if !tlp.payload.isEmpty {
      payload = fabric.payloads.take(bytes: tlp.payload.count)
      fabric.payloads.write(tlp.payload.rawSpan, to: payload)
    }
    if let refusal = node.submit(FabricTLP(header: tlp.header, payload: payload), in: &fabric) {
      messages.append("\(tlp.header.kind?.mnemonic ?? "TLP") of the peer was not sent: \(refusal)")
    }
  }

  private func tlp(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> TLP {
    var header = tlp.header
    header.hasDigest = false
    return TLP(header: header, payload: fabric.payloads.copy(tlp.payload))
  }
}
