import SuiteLanguage

/// What the command line says about trying again.
public struct TryPolicy: Hashable, Sendable {
  /// The retries of every case; nil leaves each case its own.
  public var retries: Int?
  /// Whether a pass on a later try is a pass.
  public var allowsFlaky: Bool

  /// Makes a policy; without words each case keeps its own retries, and a flaky one fails.
  public init(retries: Int? = nil, allowsFlaky: Bool = false) {
    self.retries = retries
    self.allowsFlaky = allowsFlaky
  }

  /// The most tries a case may have.
  ///
  /// A case that is known to fail has one: trying again could only hide that it passed.
  func triesMax(_ settings: CaseSettings) -> Int {
    settings.knownFailure == nil ? 1 + (retries ?? settings.retries) : 1
  }
}
