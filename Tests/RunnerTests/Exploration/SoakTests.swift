import Foundation
import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// Random scenarios with random faults on the product's own models: whatever fails is a fault of ours.
@Suite struct SoakTests {
  /// More for a long look: `SOAK_SEEDS=1000 swift test --filter SoakTests`.
  private static let seeds = ProcessInfo.processInfo.environment["SOAK_SEEDS"].flatMap { Int($0) } ?? 6

  @Test(
    arguments: [ExplorationFixture.single, ExplorationFixture.tree],
    [
      ExplorationPlan.Schedule.random, .faultPair, .swizzle,
    ])
  func harmlessFaultsHarmNobody(_ text: String, _ schedule: ExplorationPlan.Schedule) throws {
    var exploration = try ExplorationFixture.exploration(text, schedule)
    var strikes: UInt64 = 0
    for number in 0..<Self.seeds {
      let found = try exploration.run(number)
      strikes += found.strikes.values.reduce(0, +)
      #expect(!found.hasFailed, "\(number): \(found.outcome.message)\n\(found.bestSuite)")
    }
    #expect(strikes > 0)
  }

  @Test(
    arguments: [ExplorationFixture.single, ExplorationFixture.tree],
    [
      "cpl.*", "tlp.*", "*",
    ])
  func harmfulFaultsAreSurvived(_ text: String, _ faults: String) throws {
    var exploration = try ExplorationFixture.exploration(text, faults: [faults])
    for number in 0..<Self.seeds {
      let found = try exploration.run(number)
      #expect(!found.hasFailed, "\(number): \(found.outcome.message)\n\(found.bestSuite)")
    }
  }
}
