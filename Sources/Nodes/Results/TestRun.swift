/// What a program has told of its tests so far, in bounded memory.
public struct TestRun: Sendable {
  /// The tests that are told at most.
  public static let resultsMax = 10_000
  /// The lines of a test that are kept, the last ones, and the characters of each.
  static let linesMax = 20
  static let lineMax = 200

  /// The tests in the order of their ends.
  public private(set) var results: [TestResult] = []
  /// Whether the program has told of all of them.
  public private(set) var isOver = false
  /// What is wrong with the run as a whole; the first of it.
  public private(set) var problem: String?
  /// The test that has begun and not ended.
  private(set) var current: String?
  private var lines: [String] = []
  /// Whether lines that come now belong to the result before.
  private var isExplaining = false

  /// How many results change no more.
  public var settled: Int { isOver || !isExplaining ? results.count : results.count - 1 }
  /// How many tests failed.
  public var failures: Int { results.count { $0.outcome == .failed } }

  /// Why a run that goes on no more is no good one; nil when it is.
  ///
  /// - Parameter format: what its lines were taken for.
  public func complaint(_ format: TestFormat) -> String? {
    if let problem { return problem }
    if isOver { return results.isEmpty ? "it tells of no test" : nil }
    if let current { return "'\(current)' has begun and has no result, and the summary is missing" }
    if results.isEmpty { return "nothing of it is a test of \(format.rawValue)" }
    return "the summary is missing"
  }

  mutating func begin(_ name: some StringProtocol) {
    if let current { complain("'\(current)' has no result") }
    current = Self.cut(name)
    (lines, isExplaining) = ([], false)
  }

  /// Ends a test, which has what was printed since its beginning.
  mutating func end(
    _ name: some StringProtocol, _ outcome: TestResult.Outcome, reason: String = "", duration: UInt64? = nil
  ) {
    guard results.count < Self.resultsMax else {
      return finish("it tells of more than \(Self.resultsMax) tests")
    }
    var told = outcome == .passed ? [] : lines
    if !reason.isEmpty { told.append(Self.cut(reason)) }
    results.append(TestResult(name: Self.cut(name), outcome, lines: told, duration: duration))
    (current, lines, isExplaining) = (nil, [], false)
  }

  /// Keeps a line in mind that says something of the test.
  mutating func note(_ line: some StringProtocol) {
    if line.isEmpty { return }
    if isExplaining {
      if results[results.count - 1].lines.count < Self.linesMax {
        results[results.count - 1].lines.append(Self.cut(line))
      }
      return
    }
    lines.append(Self.cut(line))
    if lines.count > Self.linesMax { lines.removeFirst() }
  }

  /// Lets lines that follow belong to the test that has ended.
  mutating func explain() { isExplaining = true }

  /// Whether a test has a result.
  func has(_ name: String) -> Bool { results.contains { $0.name == name } }

  mutating func complain(_ problem: String) { self.problem = self.problem ?? problem }

  /// Ends the run.
  mutating func finish(_ problem: String? = nil) {
    if let problem { complain(problem) }
    isOver = true
  }

  static func cut(_ text: some StringProtocol) -> String { String(text.prefix(lineMax)) }
}
