import RunEvents
import Testing

@Suite("Exit code")
struct ExitCodeTests {
  struct Facts: Sendable {
    var totals: RunTotals
    var signal: Int?
    var policy = ExitCode.Policy()
    var outstanding = 0
    var harnessBroke = false
  }

  static let green = RunTotals(selected: 2, passed: 2)
  static let skipped = RunTotals(selected: 2, skipped: 2)
  /// Everything at once, so that each row below takes one reason away.
  static let worst = RunTotals(selected: 9, passed: 1, failed: 1, errors: 1, skipped: 1)

  @Test(
    "each code, and the order when several apply",
    arguments: [
      (Facts(totals: green), 0),
      (Facts(totals: RunTotals(selected: 2, passed: 1, skipped: 1)), 0),
      (
        Facts(totals: RunTotals(selected: 2, passed: 1, knownFailures: 1), policy: .init(requiresAll: true)),
        0
      ),
      (Facts(totals: skipped), 0),
      (Facts(totals: skipped, policy: .init(allSkippedCode: .allSkipped)), 77),
      (
        Facts(
          totals: RunTotals(selected: 2, passed: 1, skipped: 1), policy: .init(allSkippedCode: .allSkipped)),
        0
      ),
      (Facts(totals: RunTotals()), 4),
      (Facts(totals: RunTotals(), policy: .init(allowsNoCases: true)), 0),
      (Facts(totals: RunTotals(), policy: .init(allSkippedCode: .allSkipped, allowsNoCases: true)), 0),
      (Facts(totals: green, outstanding: 1), 5),
      (Facts(totals: skipped, policy: .init(allSkippedCode: .allSkipped), outstanding: 1), 5),
      (
        Facts(totals: skipped, policy: .init(requiresAll: true, allSkippedCode: .allSkipped), outstanding: 1),
        69
      ),
      (
        Facts(
          totals: RunTotals(selected: 3, passed: 1, errors: 1, skipped: 1), policy: .init(requiresAll: true)),
        3
      ),
      (Facts(totals: RunTotals(selected: 3, passed: 2)), 3),
      (Facts(totals: worst), 1),
      (Facts(totals: worst, signal: 2), 130),
      (Facts(totals: worst, signal: 15), 143),
      (Facts(totals: green, signal: 15), 143),
      (Facts(totals: worst, signal: 15, harnessBroke: true), 70),
    ] as [(Facts, Int32)])
  func code(facts: Facts, expected: Int32) {
    let code = ExitCode(
      totals: facts.totals, signal: facts.signal, policy: facts.policy, outstanding: facts.outstanding,
      harnessBroke: facts.harnessBroke)
    #expect(code.rawValue == expected)
  }

  @Test("the codes are those of the documentation")
  func codes() {
    #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 3, 4, 5, 64, 65, 69, 70, 77, 130, 143])
  }
}

@Suite("Totals")
struct RunTotalsTests {
  @Test("each verdict counts once, a flaky case once more")
  func count() {
    var totals = RunTotals()
    totals.count(
      Event(
        .runStarted(
          RunStarted(
            run: "a", product: "b", seed: 1,
            suites: [
              SuiteSummary(name: "a", path: "a", cases: 3), SuiteSummary(name: "b", path: "b", cases: 13),
            ]))))
    for (index, verdict) in Samples.verdicts.enumerated() {
      let key = CaseKey(instance: index)
      totals.count(Event(.tryEnded(CaseOutcome(.failed(.timeout))), of: key))
      totals.count(Event(.caseEnded(CaseOutcome(verdict)), of: key))
    }
    totals.count(Event(.caseEnded(CaseOutcome(.passed)), of: CaseKey(instance: 20, attempt: 2)))
    #expect(
      totals
        == RunTotals(selected: 16, passed: 2, failed: 8, errors: 2, skipped: 1, knownFailures: 1, flaky: 2))
    #expect(totals.ended == 14)
    #expect(totals.notRun == 2)
  }
}
