import Nodes
import Simulation

/// The clock of a fabric with a peer outside: it goes on whatever happens.
struct RealClock: Sendable {
  private let start = MonotonicInstant.now

  /// Now, as the fabric counts.
  var now: VirtualTime {
    VirtualTime(picoseconds: MonotonicInstant.now.nanoseconds(since: start) &* 1000)
  }
}
