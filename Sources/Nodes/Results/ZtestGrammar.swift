/// The lines of Zephyr's ztest.
///
/// - Source: Zephyr 3.2.99, subsys/testsuite/ztest/src/ztest.c and ztest_new.c, and
///   subsys/testsuite/include/zephyr/tc_util.h.
struct ZtestGrammar: TestGrammar {
  /// The suite that runs.
  private var suite = ""
  /// The suites of which the program says that they failed.
  private var failed: [String] = []
  /// The failed tests of each suite by the summary, which comes before the list of its tests.
  private var totals: [(suite: String, failed: Int)] = []

  mutating func read(_ line: TestLine, into run: inout TestRun) {
    if let name = line.after("Running TESTSUITE ") ?? line.after("Running test suite ") {
      suite = TestRun.cut(name)
    } else if let name = line.after("START - ") {
      run.begin(qualified(name))
    } else if let (outcome, rest) = Self.outcome(line), !rest.hasPrefix("[") {
      end(rest, outcome, in: &run)
    } else if let (outcome, rest) = line.after("- ").flatMap(Self.outcome), rest.hasPrefix("[") {
      list(rest, outcome, in: &run)
    } else if let rest = line.after("SUITE ") {
      total(rest)
    } else if let rest = line.after("TESTSUITE ") ?? line.after("Test suite "), rest.contains(" failed") {
      failed.append(String(rest.prefix { $0 != " " }))
    } else if line.text == "TESTSUITE crashed." {
      run.complain("it says that it crashed")
    } else if line.text == "PROJECT EXECUTION SUCCESSFUL" {
      finish(&run, failed: false)
    } else if line.text == "PROJECT EXECUTION FAILED" {
      finish(&run, failed: true)
    } else if run.current != nil, !line.text.allSatisfy({ $0 == "=" }) {
      run.note(line.text)
    }
  }

  private func qualified(_ name: some StringProtocol) -> String {
    suite.isEmpty ? "\(name)" : "\(suite).\(name)"
  }

  private static func outcome(_ line: TestLine) -> (TestResult.Outcome, Substring)? { outcome(line.text) }

  private static func outcome(_ text: Substring) -> (TestResult.Outcome, Substring)? {
    for (word, outcome) in [
      ("PASS - ", TestResult.Outcome.passed), ("FAIL - ", .failed), ("SKIP - ", .skipped),
    ]
    where text.hasPrefix(word) { return (outcome, text.dropFirst(word.count)) }
    return nil
  }

  /// `test_name in 0.001 seconds`, the time only with newer versions.
  private func end(_ rest: Substring, _ outcome: TestResult.Outcome, in run: inout TestRun) {
    let words = rest.split(separator: " ")
    guard let name = words.first, words.count == 1 || words.count == 4 && words[1] == "in" else { return }
    let duration = words.count == 4 ? Self.nanoseconds(words[2]) : nil
    run.end(qualified(name), outcome, duration: duration)
  }

  /// `[suite.test_name] duration = 0.001 seconds`, which adds those that said nothing themselves.
  private func list(_ rest: Substring, _ outcome: TestResult.Outcome, in run: inout TestRun) {
    guard let end = rest.firstIndex(of: "]") else { return }
    let name = String(rest[rest.index(after: rest.startIndex)..<end])
    let words = rest[end...].split(separator: " ")
    if !run.has(name) { run.end(name, outcome, duration: words.count > 3 ? Self.nanoseconds(words[3]) : nil) }
  }

  /// `PASS - 100.00% [suite]: pass = 5, fail = 0, skip = 0, total = 5 duration = 0.001 seconds`.
  private mutating func total(_ rest: Substring) {
    guard let start = rest.firstIndex(of: "["), let end = rest.firstIndex(of: "]"), start < end else {
      return
    }
    let name = rest[rest.index(after: start)..<end]
    let words = rest[end...].split(separator: " ")
    guard let place = words.firstIndex(of: "fail"), place + 2 < words.count,
      let count = Int(words[place + 2].prefix { $0 != "," })
    else { return }
    totals.append((TestRun.cut(name), count))
  }

  private func finish(_ run: inout TestRun, failed hasFailed: Bool) {
    if let current = run.current { run.complain("'\(current)' has no result") }
    for (suite, count) in totals {
      let seen = run.results.count { $0.isFailure(in: suite) }
      if seen != count {
        run.complain("\(count) tests of '\(suite)' failed by the summary, and \(seen) told so")
      }
    }
    if let suite = failed.first(where: { suite in !run.results.contains { $0.isFailure(in: suite) } }) {
      run.complain("'\(suite)' failed as a whole, and none of its tests did")
    } else if hasFailed, run.failures == 0 {
      run.complain("it says that it failed, and no test did")
    } else if !hasFailed, run.failures > 0 {
      run.complain("it says that it succeeded, and tests failed")
    }
    run.finish()
  }

  /// Reads seconds with a decimal point, or a comma as some versions print it.
  private static func nanoseconds(_ text: Substring) -> UInt64? {
    guard let seconds = Double(text.map { $0 == "," ? "." : String($0) }.joined()), seconds >= 0,
      seconds < 1e9
    else { return nil }
    return UInt64(seconds * 1e9)
  }
}

extension TestResult {
  fileprivate func isFailure(in suite: String) -> Bool { outcome == .failed && name.hasPrefix("\(suite).") }
}
