public import LinkBroker
public import Simulation

/// A host that speaks vfio-user at a node of the fabric, over a connection that stands.
public final class VfioUserTransport: Transport {
  public private(set) var state = TransportState.up

  private var session = VfioUserSession()
  private var input = VfioUserInput()
  private let connection: StreamSocket
  private var isBlocked = false
  /// Whether the last read has emptied the socket.
  private var pacing = ReadPacing()
  /// Since when the host owes something, nil when it owes nothing.
  private var debt = PeerDebt<VfioUserDebt>(limit: VfioUserDebt.limit)

  init(takingOver connection: consuming StreamSocket) { self.connection = connection }

  public var deadline: VirtualTime? {
    guard let end = debt.deadline else { return session.deadline }
    return min(session.deadline ?? end, end)
  }

  public func wake(_ ready: [CInt]) { pacing.isDrained = false }

  public var waits: [TransportWait] {
    var waits: [TransportWait] = []
    if session.takesInput || isBlocked {
      waits.append(
        TransportWait(
          descriptor: connection.number, isForReading: session.takesInput, isForWriting: isBlocked))
    }
    if let unmasking = session.server?.interrupts.unmasking {
      waits.append(TransportWait(descriptor: unmasking.number))
    }
    return waits
  }

  public func mayWait(with node: any OutsideEnd, in fabric: borrowing Fabric) -> Bool {
    !session.wantsTurn(node, in: fabric) && !(input.isHeld && session.takesInput)
  }

  public func takeNotes() -> [String] {
    if session.notes.isEmpty { return [] }
    defer { session.notes.removeAll() }
    return session.notes
  }

  /// Lets the host map a BAR of the device, before it learns what the device is.
  ///
  /// Its accesses there go over no link, whatever becomes of that.
  package func offer(_ memory: PassedDescriptor, asBar bar: Int, bytes: Int) {
    session.offer(VfioUserOffer(bar: bar, bytes: UInt64(bytes), memory: memory))
  }

  public func takeFailure() -> HostFailure? { session.accesses.takeFailure() }

  public func exchange(with node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    guard state == .up else { return false }
    var hasMoved = false
    if input.isHeld, takeMessages() { hasMoved = true }
    if session.takesInput, pacing.mayHaveInput(), read() { hasMoved = true }
    if session.advance(node, in: &fabric) { hasMoved = true }
    if write() { hasMoved = true }
    if let loss = session.loss { lose(loss) }
    settleDebt(at: fabric.now)
    return hasMoved
  }

  private func lose(_ loss: TransportLoss) { if state == .up { state = .lost(loss) } }

  private func read() -> Bool {
    let (arrival, descriptors) = connection.readPassing()
    switch arrival {
    case .nothing:
      pacing.isDrained = true
      return false
    case .bytes(let bytes):
      pacing.isDrained = bytes.count < StreamSocket.readBytes && descriptors.isEmpty
      do throws(VfioUserStreamError) {
        try input.reader.append(bytes, descriptors)
      } catch { lose(.garbage("\(error)")) }
      _ = takeMessages()
    case .end: lose(.end(inside: input.reader.pendingBytes))
    case .failed(let error): lose(.system("\(error)"))
    }
    return true
  }

  private func takeMessages() -> Bool {
    do throws(VfioUserStreamError) { return try input.take(for: &session) } catch {
      lose(.garbage("\(error)"))
      return true
    }
  }

  private func write() -> Bool {
    isBlocked = false
    switch session.server?.output.write(to: connection) ?? .nothing {
    case .nothing: return false
    case .moved: return true
    case .blocked:
      isBlocked = true
      return false
    case .gone: lose(.closed)
    case .failed(let error): lose(.system("\(error)"))
    }
    return true
  }

  /// Looks whether the host does what only it can do; what we do not read it cannot.
  private func settleDebt(at now: VirtualTime) {
    let kind: VfioUserDebt? =
      if isBlocked {
        .reading(bytes: session.server?.output.count ?? 0)
      } else if !session.takesInput || input.isHeld {
        nil
      } else if input.reader.pendingBytes > 0 {
        .message(bytes: input.reader.pendingBytes)
      } else {
        session.server.flatMap { server in
          server.transfers.oldest.map { .memory(requests: server.transfers.count, oldest: $0) }
        }
      }
    debt.settle(kind, at: now)
  }

  public func isOverdue(at now: VirtualTime) -> Bool {
    state == .up && debt.isOverdue(at: now)
  }

  public func settleOverdue(at now: VirtualTime, isExcused: Bool) {
    guard let kind = debt.kind else { return }
    if isExcused { debt.excuse(at: now) } else { lose(.garbage("\(kind)")) }
  }
}
