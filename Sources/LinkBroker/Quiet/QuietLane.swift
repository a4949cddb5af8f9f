import Simulation

/// The short way over one link for the requests of a peer, for as long as nothing else goes on there.
///
/// What it holds stays as it is while requests take it. Whatever else is done with the fabric ends it, and
/// `Fabric.open` begins it anew.
/// A class, for a struct of its size would be copied with each request.
public final class QuietLane {
  /// The direction that requests take; their completions take the other one.
  var direction = 0
  /// The memory at its end, and the port of the node that has it.
  var memory: (any NodeMemory)?
  var port = 0
  /// Where the request before went: most of them follow one another.
  var window = MemoryWindow.none
  /// The last instant at which anything may arrive: another event comes after it, or the clock is not as far.
  var end = VirtualTime.zero
  /// How far the short way goes before the clock should be read again.
  var leadEnd = VirtualTime.zero
  /// The largest completion that may come back.
  ///
  /// - Units: bytes; 0 where reads do not take this way.
  var completionBytesMax = 0
  /// That of `QuietTime` when it was opened.
  var epoch = UInt64.max

  /// A lane that is not open.
  public init() {}
}
