import RunEvents
import Simulation
import SuiteLanguage
import Testing

@testable import Runner

@Suite struct CaseRunTests {
  private func run(_ text: String, _ outcomes: [CaseOutcome]) throws -> (
    CaseOutcome, [Event.Kind], [CaseTask]
  ) {
    let plan = try Fixture.plan(text)
    var performer = ScriptedPerformer(outcomes: outcomes)
    var events: [Event.Kind] = []
    let task = CaseTask(plan: plan, instance: plan.instances[0], seed: 7)
    let outcome = CaseRun.perform(task, by: &performer) { kind, _ in events.append(kind) }
    return (outcome, events, performer.seen)
  }

  @Test func oneSeedIsOneRunWithTheSeedOfTheCase() throws {
    let (outcome, events, seen) = try run("a: {…}", [CaseOutcome(.passed, duration: 5)])
    #expect(outcome == CaseOutcome(.passed, duration: 5))
    #expect(seen.map(\.seed) == [7])
    #expect(events == [.note(Note("try 1"))])
  }

  @Test func seedsAddUpAndAreToldOneByOne() throws {
    let part = CaseOutcome(.passed, duration: 5, counts: CaseCounts(steps: 2, checks: 1, tlps: 4))
    let (outcome, events, seen) = try run("a: {seeds: 3, …}", [part])
    #expect(outcome.duration == 15)
    #expect(outcome.counts == CaseCounts(steps: 6, checks: 3, tlps: 12))
    #expect(outcome.seeds == SeedRuns(run: 3, count: 3))
    #expect(seen.map(\.seed) == (1...3).map { FixedHash.seed(7, "\($0)") })
    let started = events.compactMap { if case .seedStarted(let seed) = $0 { seed } else { nil } }
    #expect(started.map(\.index) == [1, 2, 3] && started.map(\.seed) == seen.map(\.seed))
  }

  @Test func theFirstFailingSeedEndsTheCaseAndIsNamed() throws {
    let bad = CaseOutcome(.failed(.expectation), message: "expected status SC, got UR", duration: 2)
    let (outcome, _, seen) = try run("a: {seeds: 9, …}", [CaseOutcome(.passed, duration: 5), bad])
    #expect(seen.count == 2)
    #expect(outcome.verdict == .failed(.expectation) && outcome.message == bad.message)
    #expect(outcome.seeds == SeedRuns(run: 2, count: 9, failing: seen[1].seed))
    #expect(outcome.duration == 7)
  }

  @Test(arguments: [(499, 0), (500, 1), (900, 1)])
  func halfOfTheTimeIsMarkedOnce(_ milliseconds: UInt64, _ marks: Int) throws {
    let part = CaseOutcome(.passed, duration: milliseconds * 1_000_000_000)
    let (_, events, _) = try run("a: {timeout: 1s, seeds: 2, …}", [part])
    #expect(events.count { if case .slow(let mark) = $0 { mark.clock == .virtual } else { false } } == marks)
  }
}

@Suite struct ConclusionTests {
  private func conclude(
    _ text: String, _ verdict: Verdict, attempt: Int = 1, policy: TryPolicy = TryPolicy()
  ) throws -> Conclusion {
    let settings = try Fixture.plan(text).instances[0].settings
    return Conclusion(CaseOutcome(verdict, message: "m"), of: settings, attempt: attempt, policy: policy)
  }

  @Test func aFailureIsTriedAgainWhileTriesAreLeft() throws {
    #expect(try conclude("a: {retries: 1, …}", .failed(.timeout)).triesAgain)
    #expect(try conclude("a: {retries: 1, …}", .error(.harness)).triesAgain)
    #expect(try !conclude("a: {retries: 1, …}", .failed(.timeout), attempt: 2).triesAgain)
    #expect(try !conclude("a: {…}", .failed(.timeout)).triesAgain)
    #expect(try conclude("a: {…}", .failed(.timeout), policy: TryPolicy(retries: 1)).triesAgain)
    #expect(try !conclude("a: {retries: 1, …}", .passed).triesAgain)
  }

  @Test func aLatePassIsAFlakyFailureUnlessAllowed() throws {
    let flaky = try conclude("a: {retries: 1, …}", .passed, attempt: 2)
    #expect(flaky.outcome.verdict == .failed(.flaky) && !flaky.triesAgain)
    #expect(flaky.outcome.message == "passed only on try 2 of 2; --flaky-ok allows that")
    let allowed = TryPolicy(allowsFlaky: true)
    #expect(
      try conclude("a: {retries: 1, …}", .passed, attempt: 2, policy: allowed).outcome.verdict == .passed)
  }

  @Test(arguments: [
    (Verdict.passed, Verdict.failed(.unexpectedPass)), (.failed(.expectation), .skipped(.knownFailure)),
    (.error(.harness), .error(.harness)),
  ])
  func aKnownFailureIsTurnedRound(_ raw: Verdict, _ shown: Verdict) throws {
    let text = "a: {retries: 3, known_failure: {reason: too slow, issue: '#9'}, …}"
    let conclusion = try conclude(text, raw)
    #expect(conclusion.outcome.verdict == shown)
    #expect(!conclusion.triesAgain)
  }
}
