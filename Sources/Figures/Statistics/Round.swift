/// One measurement, with the yardstick measured right before and right after it.
public struct Round: Hashable, Sendable {
  public var subject: Double
  /// Both nil for a figure that needs no yardstick, as a count.
  public var before: Double?
  public var after: Double?

  public init(subject: Double, before: Double? = nil, after: Double? = nil) {
    self.subject = subject
    self.before = before
    self.after = after
  }

  /// By how much the two yardsticks may differ before the machine has changed its state between them.
  static let yardstickSpreadMax = 1.15

  /// Whether the machine kept its state.
  public var isSteady: Bool {
    guard let before, let after, before > 0, after > 0 else { return true }
    return max(before, after) / min(before, after) <= Self.yardstickSpreadMax
  }

  /// The yardstick of the round.
  public var yardstick: Double? {
    guard let before, let after else { return nil }
    return (before + after) / 2
  }

  /// The subject as a multiple of the yardstick.
  public var ratio: Double? {
    guard let yardstick, yardstick > 0 else { return nil }
    return subject / yardstick
  }
}
