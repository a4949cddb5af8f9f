public import LinkBroker
public import Simulation

/// A device server of vfio-user at a node of the fabric, over a connection that stands.
public final class VfioUserDeviceTransport: Transport {
  public private(set) var state = TransportState.up

  private var session: VfioUserDeviceSession
  private var reader: VfioUserReader
  private var events = VfioUserEventSet()
  private let connection: StreamSocket
  private var isBlocked = false
  /// Since when the device owes something, nil when it owes nothing.
  private var debt = PeerDebt<VfioUserDebt>(limit: VfioUserDebt.limit)

  init(
    takingOver connection: consuming StreamSocket, _ reader: VfioUserReader, _ session: VfioUserDeviceSession
  ) {
    self.connection = connection
    self.reader = reader
    self.session = session
  }

  /// It reads at each turn.
  public func wake(_ ready: [CInt]) {}

  public var deadline: VirtualTime? {
    guard let end = debt.deadline else { return session.deadline }
    return min(session.deadline ?? end, end)
  }

  public var waits: [TransportWait] {
    var waits: [TransportWait] = []
    if session.takesInput || isBlocked {
      waits.append(
        TransportWait(
          descriptor: connection.number, isForReading: session.takesInput, isForWriting: isBlocked))
    }
    if let descriptor = events.descriptor { waits.append(TransportWait(descriptor: descriptor.number)) }
    return waits
  }

  public func takeNotes() -> [String] {
    if session.notes.isEmpty { return [] }
    defer { session.notes.removeAll() }
    return session.notes
  }

  public func mayWait(with node: any OutsideEnd, in fabric: borrowing Fabric) -> Bool {
    // What it has to be told first.
    session.client.output.isEmpty || isBlocked
  }

  public func exchange(with node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    guard state == .up else { return false }
    events.add(session.events)
    // What the device wrote before it raised a vector is there by now.
    let raised = events.raised()
    var hasMoved = false
    for _ in 0..<Self.readsMax {
      guard session.takesInput, state == .up, read(node, in: &fabric) else { break }
      hasMoved = true
    }
    if session.advance(node, in: &fabric) { hasMoved = true }
    for (index, vector) in raised where session.raise(index, vector, node, in: &fabric) { hasMoved = true }
    if write() { hasMoved = true }
    settleDebt(at: fabric.now, hasMoved: hasMoved)
    return hasMoved
  }

  /// So that others get a look in between.
  private static let readsMax = 64

  private func lose(_ loss: TransportLoss) { if state == .up { state = .lost(loss) } }

  private func read(_ node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    let (input, descriptors) = connection.readPassing()
    switch input {
    case .nothing: return false
    case .bytes(let bytes):
      do throws(VfioUserStreamError) {
        try reader.append(bytes, descriptors)
        while let message = try reader.next() { try session.receive(message, node, in: &fabric) }
      } catch { lose(.garbage("\(error)")) }
    case .end: lose(.end(inside: reader.pendingBytes))
    case .failed(let error): lose(.system("\(error)"))
    }
    return true
  }

  private func write() -> Bool {
    isBlocked = false
    switch session.client.output.write(to: connection) {
    case .nothing: return false
    case .moved: return true
    case .blocked: isBlocked = true
    case .gone: lose(.closed)
    case .failed(let error): lose(.system("\(error)"))
    }
    return false
  }

  private func settleDebt(at now: VirtualTime, hasMoved: Bool) {
    let kind: VfioUserDebt? =
      if isBlocked {
        .reading
      } else if reader.pendingBytes > 0 {
        .message(bytes: reader.pendingBytes)
      } else if session.client.openCount > 0 {
        .answer(commands: session.client.openCount)
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
}
