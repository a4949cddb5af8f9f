/// A case that was made smaller and still fails in the same way.
public struct MinimalCase: Hashable, Sendable {
  /// The fault rules that are left.
  public var faults: Int
  /// The steps that are left, those within others too.
  public var steps: Int
  /// The runs that it took.
  public var runs: Int
  /// A whole suite with the case, as YAML.
  public var suite: String

  /// Makes a minimal case.
  public init(faults: Int, steps: Int, runs: Int, suite: String) {
    self.faults = faults
    self.steps = steps
    self.runs = runs
    self.suite = suite
  }

  /// The lines of the suite.
  public var lines: [String] {
    suite.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
  }
}
