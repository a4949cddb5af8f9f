/// What became of one test of a program, as the program tells it on its console.
public struct TestResult: Hashable, Sendable {
  /// The three ends of a test that all formats know.
  public enum Outcome: Hashable, Sendable {
    case passed
    case failed
    /// Not run, or failed as was to be expected.
    case skipped
  }

  /// The names of its suites, the outermost first, and its own, joined by dots.
  public var name: String
  public var outcome: Outcome
  /// What it printed last, or the reason for which it was skipped.
  public var lines: [String]
  /// - Units: nanoseconds by the program's own clock; nil where it does not tell.
  public var duration: UInt64?

  /// Makes a result.
  public init(name: String, _ outcome: Outcome, lines: [String] = [], duration: UInt64? = nil) {
    self.name = name
    self.outcome = outcome
    self.lines = lines
    self.duration = duration
  }
}
