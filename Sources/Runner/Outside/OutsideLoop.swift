import LinkBroker
import Simulation
import Transports

/// Lets a fabric and the programs at its edge go on together, by the real clock.
struct OutsideLoop {
  var peers: [OutsidePeer]
  let clock: RealClock
  private var spin: AdaptiveSpin

  /// How far the fabric may be ahead of the clock.
  ///
  /// What a link takes, nanoseconds, is not waited for; what a fault delays or a timer measures is.
  private static let lead = VirtualDuration.microseconds(20)

  init(_ peers: [OutsidePeer], clock: RealClock) {
    self.peers = peers
    self.clock = clock
    // This thread and one in each program, of which one is at work with it.
    spin = AdaptiveSpin(threads: 2)
  }

  /// Moves everything that can be moved now; false when nothing could.
  mutating func turn(_ fabric: inout Fabric) -> Bool {
    let horizon = clock.now + Self.lead
    fabric.runEvents(until: horizon)
    fabric.advance(to: min(clock.now, fabric.nextTime ?? .never))
    var hasMoved = false
    for peer in peers where peer.transport.exchange(with: peer.node, in: &fabric) { hasMoved = true }
    guard hasMoved else { return false }
    // The answer of a model is ready at once.
    fabric.runEvents(until: horizon)
    for peer in peers where !peer.node.outbox.isEmpty {
      _ = peer.transport.exchange(with: peer.node, in: &fabric)
    }
    return true
  }

  /// Waits until there is something to do, or a descriptor of somebody else is ready, or an instant has come.
  mutating func wait(
    _ fabric: borrowing Fabric, for others: [TransportWait], until limit: VirtualTime
  ) {
    guard !spin.find({ peers.contains { $0.transport.hasInput } }) else { return }
    var readied = 0
    defer { for peer in peers.prefix(readied) { peer.transport.wake() } }
    for peer in peers {
      guard peer.transport.mayWait() || peer.transport.state.isLost else { return }
      readied += 1
    }
    var end = limit
    if let next = fabric.nextTime { end = min(end, next) }
    for peer in peers { if let deadline = peer.transport.deadline { end = min(end, deadline) } }
    guard end > clock.now else { return }
    let waits = peers.flatMap(\.transport.waits) + others
    _ = Readiness.wait(
      for: waits, nanoseconds: end == .never ? nil : (end - clock.now).picoseconds / 1000 + 1)
  }
}
