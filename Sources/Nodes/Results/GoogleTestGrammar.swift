/// The lines of Google Test.
///
/// - Source: googletest 1.12, googletest/src/gtest.cc, PrettyUnitTestResultPrinter.
struct GoogleTestGrammar: TestGrammar {
  mutating func read(_ line: TestLine, into run: inout TestRun) {
    if let name = line.after("[ RUN      ] ") {
      run.begin(name)
    } else if let rest = line.after("[       OK ] ") {
      end(rest, .passed, in: &run)
    } else if let rest = line.after("[  FAILED  ] ") {
      end(rest, .failed, in: &run)
    } else if let rest = line.after("[  SKIPPED ] ") {
      end(rest, .skipped, in: &run)
    } else if let rest = line.after("[==========] ") {
      if rest.contains(" ran.") { finish(rest, in: &run) }
    } else if run.current != nil {
      run.note(line.text)
    }
  }

  /// `Suite.Test, where GetParam() = 4 (12 ms)`; the lists at the end have no time.
  private func end(_ rest: Substring, _ outcome: TestResult.Outcome, in run: inout TestRun) {
    guard rest.hasSuffix(" ms)"), let open = rest.lastIndex(of: "(") else { return }
    let milliseconds = UInt64(rest[rest.index(after: open)...].prefix { $0 != " " })
    let name = rest[..<open].split(separator: ",", maxSplits: 1).first ?? ""
    let duration = milliseconds.map { $0.multipliedReportingOverflow(by: 1_000_000) }
    run.end(
      String(name.prefix { $0 != " " }), outcome,
      duration: duration.flatMap { $0.overflow ? nil : $0.partialValue })
  }

  /// `3 tests from 2 test suites ran. (1 ms total)`.
  private func finish(_ rest: Substring, in run: inout TestRun) {
    if let current = run.current { run.complain("'\(current)' has no result") }
    let count = Int(rest.prefix { $0 != " " })
    if let count, count != run.results.count {
      run.complain("the summary tells of \(count) tests, and \(run.results.count) have a result")
    }
    run.finish()
  }
}
