public import LinkBroker
public import Simulation

/// A device server of vfio-user at a node of the fabric, over a connection that stands.
public final class VfioUserDeviceTransport: Transport {
  public private(set) var state = TransportState.up

  private var session: VfioUserDeviceSession
  private var input: VfioUserInput
  private var events = VfioUserEventSet()
  private let connection: StreamSocket
  private var isBlocked = false
  /// Vectors that were raised behind messages that are still to be read.
  private var raised: [(index: VfioUserInterruptIndex, vector: Int)] = []
  /// Since when the device owes something, nil when it owes nothing.
  private var debt = PeerDebt<VfioUserDebt>(limit: VfioUserDebt.limit)

  init(
    takingOver connection: consuming StreamSocket, _ reader: VfioUserReader, _ session: VfioUserDeviceSession
  ) {
    self.connection = connection
    input = VfioUserInput(reader: reader)
    self.session = session
  }

  /// Lets the device map a part of the memory, where its accesses are no TLPs.
  ///
  /// - Parameters:
  ///   - address: the bus address of the first byte, a multiple of a page.
  ///   - bytes: whole pages.
  package func share(_ memory: PassedDescriptor, at address: UInt64, bytes: UInt64) {
    session.share(memory, at: address, bytes: bytes)
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
    // What it has to be told first, and what it has said before.
    (session.client.output.isEmpty || isBlocked) && !(input.isHeld && session.takesInput)
  }

  public func exchange(with node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    guard state == .up else { return false }
    events.add(session.events)
    for (index, vector) in events.raised() where session.takeSignal(index, vector) {
      raised.append((index, vector))
    }
    var hasMoved = !raised.isEmpty
    if readAll() { hasMoved = true }
    if session.advance(node, in: &fabric) { hasMoved = true }
    if write() { hasMoved = true }
    settleDebt(at: fabric.now)
    return hasMoved
  }

  /// So that others get a look in between.
  private static let readsMax = 64

  private func lose(_ loss: TransportLoss) { if state == .up { state = .lost(loss) } }

  /// Takes messages as long as there is room for what they bring, and then the vectors that were raised: what
  /// the device wrote before is there when the socket is empty once.
  private func readAll() -> Bool {
    var hasMoved = takeMessages()
    for _ in 0..<Self.readsMax where session.takesInput && state == .up {
      guard read() else {
        for (index, vector) in raised { session.outflow.add(.interrupt(index, vector)) }
        raised = []
        break
      }
      hasMoved = true
    }
    return hasMoved
  }

  private func takeMessages() -> Bool {
    do throws(VfioUserStreamError) { return try input.take(for: &session) } catch {
      lose(.garbage("\(error)"))
      return true
    }
  }

  /// Reads once; false when the socket is empty.
  private func read() -> Bool {
    let (arrival, descriptors) = connection.readPassing()
    switch arrival {
    case .nothing: return false
    case .bytes(let bytes):
      do throws(VfioUserStreamError) { try input.reader.append(bytes, descriptors) } catch {
        lose(.garbage("\(error)"))
      }
      _ = takeMessages()
    case .end: lose(.end(inside: input.reader.pendingBytes))
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

  /// Looks whether the device does what only it can do; what we do not read it cannot.
  private func settleDebt(at now: VirtualTime) {
    let kind: VfioUserDebt? =
      if isBlocked {
        .reading(bytes: session.client.output.count)
      } else if !session.takesInput || input.isHeld {
        nil
      } else if input.reader.pendingBytes > 0 {
        .message(bytes: input.reader.pendingBytes)
      } else {
        session.client.oldest.map { .answer(commands: session.client.openCount, oldest: $0) }
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
