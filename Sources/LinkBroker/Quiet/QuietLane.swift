import Simulation

/// The short way over one link for the requests of a peer, for as long as nothing else goes on there.
///
/// What it holds stays as it is while requests take it. Whatever else is done with the fabric ends it.
public struct QuietLane: ~Copyable {
  /// The direction that requests take; their completions take the other one.
  let direction: Int
  /// The memory at its end, and the port of the node that has it.
  let memory: any NodeMemory
  let port: Int
  /// The last instant at which anything may arrive: another event comes after it, or the clock is not as far.
  let end: VirtualTime
  /// When half of the time until then is used up.
  let middle: VirtualTime
  /// The largest completion that may come back.
  ///
  /// - Units: bytes; 0 where reads do not take this way.
  let completionBytesMax: Int
  /// That of `QuietTime` when it was made.
  let epoch: UInt64
}
