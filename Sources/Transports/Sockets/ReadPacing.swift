/// Whether a read of a socket is worth its call: not after one that took all there was, until a wait says so.
///
/// Somebody else who is always at work can keep the loop from waiting, so that it is tried now and then.
struct ReadPacing {
  /// Whether the last read has taken all there was.
  var isDrained = false
  private var skipped = 0

  private static let skippedMax = 16

  /// Asked once for each chance to read.
  mutating func mayHaveInput() -> Bool {
    guard isDrained else { return true }
    skipped = (skipped + 1) % Self.skippedMax
    return skipped == 0
  }
}
