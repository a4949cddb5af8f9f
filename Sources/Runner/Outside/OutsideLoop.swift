import LinkBroker
import Simulation
import Transports

/// Lets a fabric and the programs at its edge go on together, by the real clock.
struct OutsideLoop {
  private(set) var peers: [OutsidePeer] = []
  // This thread and one in each program, of which one is at work with it.
  private var spin = AdaptiveSpin(threads: 2)

  /// How far the fabric may be ahead of the clock.
  ///
  /// What a link takes, nanoseconds, is not waited for; what a fault delays or a timer measures is.
  private static let lead = VirtualDuration.microseconds(20)

  /// Without a program the fabric is where the clock is.
  private func horizon(_ now: VirtualTime) -> VirtualTime { peers.isEmpty ? now : now + Self.lead }

  mutating func add(_ peer: OutsidePeer) { peers.append(peer) }

  /// Forgets the programs that are gone, and gives them.
  mutating func takeLost() -> [OutsidePeer] {
    guard peers.contains(where: { $0.transport.state.isLost }) else { return [] }
    defer { peers.removeAll { $0.transport.state.isLost } }
    return peers.filter { $0.transport.state.isLost }
  }

  /// Moves everything that can be moved now; false when nothing could.
  ///
  /// It ends early when a fault wants something done.
  mutating func turn(_ fabric: inout Fabric, at now: VirtualTime) -> Bool {
    let horizon = horizon(now)
    let hasStepped = fabric.runEvents(until: horizon)
    fabric.advance(to: min(now, fabric.nextTime ?? .never))
    if fabric.hasSignals { return true }
    var hasMoved = false
    for peer in peers where peer.transport.exchange(with: peer.node, in: &fabric) { hasMoved = true }
    guard hasMoved else { return hasStepped }
    // The answer of a model is ready at once.
    fabric.runEvents(until: horizon)
    for peer in peers where !peer.node.outbox.isEmpty {
      _ = peer.transport.exchange(with: peer.node, in: &fabric)
    }
    return true
  }

  /// Waits until there is something to do, or a descriptor of somebody else is ready, or an instant has come.
  ///
  /// - Returns: whether it has slept, so that others may have news.
  mutating func wait(
    _ fabric: borrowing Fabric, for others: [TransportWait], until limit: VirtualTime,
    now: () -> VirtualTime
  ) -> Bool {
    guard peers.isEmpty || !spin.find({ peers.contains { $0.transport.hasInput } }) else { return false }
    var readied = 0
    defer { for peer in peers.prefix(readied) { peer.transport.wake() } }
    for peer in peers {
      guard peer.transport.mayWait() else { return false }
      readied += 1
    }
    let time = now()
    var end = limit
    if let next = fabric.nextTime {
      guard next > horizon(time) else { return false }
      end = min(end, next)
    }
    for peer in peers { if let deadline = peer.transport.deadline { end = min(end, deadline) } }
    guard end > time else { return false }
    let waits = peers.flatMap(\.transport.waits) + others
    _ = Readiness.wait(
      for: waits, nanoseconds: end == .never ? nil : (end - time).picoseconds / 1000 + 1)
    return true
  }
}
