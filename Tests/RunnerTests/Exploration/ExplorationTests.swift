import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

@Suite struct ExplorationTests {
  @Test func oneSeedGivesOneResultWhateverCameBefore() throws {
    var one = try ExplorationFixture.exploration(ExplorationFixture.tree)
    var other = try ExplorationFixture.exploration(ExplorationFixture.tree)
    let first = try (0..<4).map { try one.run($0) }
    let second = try (0..<4).reversed().map { try other.run($0) }
    #expect(first == second.reversed())
    #expect(Set(first.map(\.seed)).count == 4)
  }

  @Test func anotherSeedGivesOtherSchedules() throws {
    var one = try ExplorationFixture.exploration(seed: 1)
    var other = try ExplorationFixture.exploration(seed: 2)
    #expect(try one.run(0).suite != other.run(0).suite)
  }

  @Test(arguments: ExplorationPlan.Schedule.allCases)
  func generatedCasesRunAgainFromTheirText(_ schedule: ExplorationPlan.Schedule) throws {
    var exploration = try ExplorationFixture.exploration(ExplorationFixture.tree, schedule)
    for number in 0..<5 {
      let found = try exploration.run(number)
      let again = try ExplorationFixture.run(found.suite)
      #expect(again.outcome.verdict == found.outcome.verdict)
      #expect(again.outcome.duration == found.outcome.duration)
      #expect(again.outcome.counts.tlps == found.outcome.counts.tlps || found.counts.tlps > 0)
    }
  }

  @Test func unknownFaultsAreNamedWithTheirNeighbours() {
    #expect {
      try ExplorationPlan(schedule: .random, patterns: ["tlp.dely"], seed: 1)
    } throws: { error in
      "\(error)".hasPrefix("no fault is named 'tlp.dely'; did you mean 'tlp.delay'?; it can be ")
    }
    #expect {
      try ExplorationPlan(schedule: .random, patterns: ["tlp.ecrc"], seed: 1)
    } throws: { "\($0)".hasPrefix("'tlp.ecrc' fits only faults that exploration does not use") }
  }

  @Test func withoutWordsOnlyHarmlessFaultsAreUsed() throws {
    let plan = try ExplorationPlan(schedule: .random, patterns: nil, seed: 1)
    #expect(plan.faultIDs.contains(.delayed) && plan.faultIDs.contains(.starvation))
    #expect(!plan.faultIDs.contains(.completionTimeout) && !plan.faultIDs.contains(.linkDown))
  }

  @Test func topologiesWithNothingToDoAreRefused() throws {
    let lonely = """
      format: 1
      suite: lonely
      topology: {nodes: {rc: {model: root-complex, memory: 1MiB}}}
      cases:
        c: {steps: []}

      """
    let result = SuiteLoader.load(path: "x.yaml", bytes: Array(lonely.utf8))
    guard let plan = result.plan else { return }
    let exploring = try ExplorationPlan(schedule: .random, patterns: nil, seed: 1)
    #expect(throws: ExplorationError.self) {
      try Exploration(exploring, suite: plan, cases: plan.instances)
    }
  }

  @Test func aShadowKeepsWhatIsNotWrittenOver() {
    var shadow = MemoryShadow()
    shadow.write(.init(offset: 0, length: 16, first: 0))
    shadow.write(.init(offset: 4, length: 4, first: 0x80))
    #expect(
      shadow.runs == [
        .init(offset: 0, length: 4, first: 0), .init(offset: 8, length: 8, first: 8),
        .init(offset: 4, length: 4, first: 0x80),
      ])
  }
}
