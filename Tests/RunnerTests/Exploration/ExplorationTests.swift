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
    #expect(first.map(\.outcome) == second.reversed().map(\.outcome))
    #expect(first.map(\.counts) == second.reversed().map(\.counts))
    #expect(first.map(\.suite) == second.reversed().map(\.suite))
    #expect(Set(first.map(\.seed)).count == 4)
  }

  @Test func anotherSeedGivesOtherSchedules() throws {
    var one = try ExplorationFixture.exploration(seed: 1)
    var other = try ExplorationFixture.exploration(seed: 2)
    #expect(try one.run(0).suite != other.run(0).suite)
  }

  @Test(arguments: ExplorationPlan.Schedule.allCases, [nil, ["*"]] as [[String]?])
  func generatedCasesRunAgainFromTheirText(
    _ schedule: ExplorationPlan.Schedule, _ faults: [String]?
  ) throws {
    var exploration = try ExplorationFixture.exploration(ExplorationFixture.tree, schedule, faults: faults)
    for number in 0..<8 {
      let found = try exploration.run(number)
      let plan = try ExplorationFixture.plan(found.suite)
      #expect(CaseWriter(plan.instances[0]).suite(plan.suite) == found.suite)
      let again = try ExplorationFixture.run(found.suite)
      #expect(again.outcome == found.outcome)
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
