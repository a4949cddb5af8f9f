/// One test of a program of a node, as it told of it on its console while a step waited for that.
public struct TestRecord: Hashable, Sendable {
  /// What became of a test.
  public enum Outcome: String, CaseIterable, Hashable, Sendable {
    case passed
    case failed
    case skipped
  }

  /// The node whose program it is.
  public var node: String
  /// Its name and those of its suites.
  public var name: String
  public var outcome: Outcome
  /// What it printed last, or why it was skipped.
  public var lines: [String]
  /// The time that it took by the program's own clock; nil where it does not tell.
  ///
  /// - Units: nanoseconds.
  public var nanoseconds: UInt64?

  /// Makes the content of the event.
  ///
  /// - Units: nanoseconds.
  public init(
    node: String, name: String, _ outcome: Outcome, lines: [String] = [], nanoseconds: UInt64? = nil
  ) {
    self.node = node
    self.name = name
    self.outcome = outcome
    self.lines = lines
    self.nanoseconds = nanoseconds
  }
}
