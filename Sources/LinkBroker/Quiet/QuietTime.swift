import Simulation

/// How far the short way has gone.
struct QuietTime: Sendable {
  /// The last instant that it may become by it.
  var horizon = VirtualTime.zero
  /// When the last TLP arrives that has gone it; zero when it is that instant already.
  var arrival = VirtualTime.zero
  var unseen = UnseenReads()
  /// Counts what ends a lane: anything sent otherwise, events, another node.
  var epoch: UInt64 = 0
}
