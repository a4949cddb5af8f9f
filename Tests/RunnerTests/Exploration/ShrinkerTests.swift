import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// Fails by rules that a test makes up, without any fabric.
private struct Judge: CasePerformer {
  let judge: @Sendable (CaseInstance) -> (Verdict, String?)
  /// The strikes that a run tells.
  var strikes: @Sendable (CaseInstance) -> [StruckFault] = { _ in [] }

  mutating func perform(_ task: CaseTask, emit: (Event.Kind, UInt64) -> Void) -> CaseOutcome {
    for strike in strikes(task.instance) { emit(.fault(strike), 0) }
    let (verdict, subject) = judge(task.instance)
    guard verdict != .passed else { return CaseOutcome(.passed) }
    var detail = FailureDetail()
    detail.subject = subject
    return CaseOutcome(verdict, message: "m", failure: detail)
  }
}

@Suite struct ShrinkerTests {
  private static let text = """
    format: 1
    suite: s
    topology:
      nodes:
        rc:  {model: root-complex, memory: 1MiB}
        mem: {model: memory-mock, bars: {bar1: 2KiB}}
      links:
        l0: {upstream: rc, downstream: mem}
    cases:
      c:
        seed: 0x7
        faults:
          - delay: {link: l0, tlp: MWr, nth: 3, by: 8us}
          - drop: {link: l0, tlp: MRd, probability: 50%}
          - poison: {link: l0, tlp: MWr, nth: 12}
          - duplicate: {link: l0, tlp: MWr, nth: 5}
        steps:
          - note: {text: one}
          - mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {count: 256B}}
          - note: {text: two}
          - repeat: {times: 8, steps: [{note: {text: three}}]}
          - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 256B, expect: {data: {count: 256B}}}

    """

  private func shrink(
    _ performer: Judge, budget: ShrinkBudget = .usual
  ) throws -> (CaseInstance?, runs: Int) {
    let plan = try ExplorationFixture.plan(Self.text)
    var judge = performer
    let instance = plan.instances[0]
    let task = CaseTask(plan: plan, instance: instance, seed: RunSeeds.caseSeed(7, id: instance.id))
    let failed = Trial.run(task, by: &judge)
    var shrinker = try #require(Shrinker(task, failed: failed, by: performer, budget: budget))
    let smallest = shrinker.shrink()
    return (smallest, shrinker.runs)
  }

  /// One strike of each rule of a case, at a match of its own.
  private static let strikesAll: @Sendable (CaseInstance) -> [StruckFault] = { instance in
    instance.faults.indices.map { index in
      StruckFault(
        rule: index + 1, id: "x", verb: instance.faults[index].verb.rawValue,
        span: RunEvents.SourceSpan(line: 1, column: 1, length: 1), match: UInt64(index + 2))
    }
  }

  @Test func onlyTheFaultThatMattersStays() throws {
    let judge = Judge(
      judge: { $0.faults.contains { $0.verb == .poison } ? (.failed(.expectation), "data") : (.passed, nil) },
      strikes: Self.strikesAll)
    let smallest = try #require(try shrink(judge).0)
    #expect(smallest.faults.map(\.verb) == [.poison])
    #expect(smallest.faults[0].trigger.selection == .nth(1))
    #expect(smallest.steps.count == 1)
    #expect(smallest.settings.seedCount == 1)
  }

  @Test func chanceBecomesFacts() throws {
    let judge = Judge(
      judge: { $0.faults.contains { $0.verb == .drop } ? (.failed(.timeout), nil) : (.passed, nil) },
      strikes: Self.strikesAll)
    let smallest = try #require(try shrink(judge).0)
    #expect(smallest.faults.map(\.trigger.selection) == [.nth(1)])
  }

  @Test func anotherFailureIsNotTheSame() throws {
    // Without the delay the case fails with another subject, and without the poison a rule is never hit.
    let judge = Judge(
      judge: { instance in
        let verbs = Set(instance.faults.map(\.verb))
        if verbs.isSuperset(of: [.delay, .poison]) { return (.failed(.expectation), "data") }
        if verbs.contains(.poison) { return (.failed(.expectation), "status UR") }
        return verbs.isEmpty ? (.passed, nil) : (.failed(.neverHit), "x")
      }, strikes: Self.strikesAll)
    let smallest = try #require(try shrink(judge).0)
    #expect(smallest.faults.map(\.verb) == [.delay, .poison])
  }

  @Test func stepsThatTheFailureNeedsStay() throws {
    let judge = Judge(
      judge: { instance in
        guard !instance.faults.isEmpty else { return (.passed, nil) }
        return instance.steps.contains { $0.verb == .memoryRead }
          ? (.failed(.expectation), "data") : (.passed, nil)
      }, strikes: Self.strikesAll)
    let smallest = try #require(try shrink(judge).0)
    #expect(smallest.steps.map(\.verb) == [.memoryRead])
    guard case .memoryRead(let read) = smallest.steps[0].action else { return }
    #expect(read.length == 4)
  }

  @Test func aFailureWithoutFaultsKeepsEveryWrite() throws {
    let judge = Judge(judge: { _ in (.failed(.expectation), "data") }, strikes: Self.strikesAll)
    let smallest = try #require(try shrink(judge).0)
    #expect(smallest.faults.isEmpty)
    #expect(smallest.steps.contains { $0.verb == .memoryWrite })
    #expect(!smallest.steps.contains { $0.verb == .note })
  }

  @Test func theBudgetBoundsTheRuns() throws {
    let judge = Judge(judge: { $0.faults.isEmpty ? (.passed, nil) : (.failed(.timeout), nil) })
    #expect(try shrink(judge, budget: ShrinkBudget(runs: 9, work: .max)).runs <= 11)
  }

  @Test func aFailureThatDoesNotComeAgainGivesNothing() throws {
    let judge = Judge(judge: {
      $0.settings.seedCount == 1 && $0.faults.count == 4 ? (.failed(.timeout), nil) : (.passed, nil)
    })
    #expect(try shrink(judge).0 != nil)
    let never = Judge(judge: { _ in (.passed, nil) })
    let plan = try ExplorationFixture.plan(Self.text)
    var failing = Judge(judge: { _ in (.failed(.timeout), nil) })
    let task = CaseTask(plan: plan, instance: plan.instances[0], seed: 1)
    let failed = Trial.run(task, by: &failing)
    #expect(CaseReduction.minimal(task, failed: failed, by: never) == nil)
  }
}
