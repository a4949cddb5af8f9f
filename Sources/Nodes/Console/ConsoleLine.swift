/// A line of a console, as reports show it.
public struct ConsoleLine: Hashable, Sendable {
  /// When its first byte arrived.
  public var time: MonotonicInstant
  /// Without its end and without control sequences of terminals.
  public var text: String
  /// The bytes between the line told before and this one that are not told.
  public var omittedBytes: UInt64

  init(time: MonotonicInstant, text: String, omittedBytes: UInt64 = 0) {
    self.time = time
    self.text = text
    self.omittedBytes = omittedBytes
  }
}
