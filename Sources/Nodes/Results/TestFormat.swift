/// A form in which programs tell of their tests.
public enum TestFormat: String, CaseIterable, Hashable, Sendable {
  /// Zephyr's ztest, the old interface and the new one.
  case ztest
  /// TAP 12 to 14, and KTAP as Linux's KUnit and kselftest print it.
  case tap
  /// Google Test.
  case googleTest = "google-test"

  /// A grammar that has read nothing.
  var grammar: any TestGrammar {
    switch self {
    case .ztest: ZtestGrammar()
    case .tap: TAPGrammar()
    case .googleTest: GoogleTestGrammar()
    }
  }
}

/// What the lines of a format mean.
protocol TestGrammar: Sendable {
  /// Reads the next line; one that means nothing is none of the format.
  mutating func read(_ line: TestLine, into run: inout TestRun)
}
