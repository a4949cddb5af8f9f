/// Turns the bytes of a suite file into a plan.
public enum SuiteLoader {
  /// What loading gives.
  public struct Result: Sendable {
    /// Nil when any diagnostic is an error.
    public var plan: Plan?
    /// In the order of the file, at most 20 errors and one that counts the rest.
    public var diagnostics: [Diagnostic]
    public var source: SourceText
  }
}
