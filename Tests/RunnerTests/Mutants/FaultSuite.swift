import Foundation
import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// The suites that break what can break.
enum FaultSuite {
  /// The kinds of the first set.
  static let plan = load("faults.yaml")
  /// Further kinds.
  static let more = load("faults-more.yaml")

  private static func load(_ name: String) -> Plan? {
    let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Suites/\(name)")
    guard let bytes = try? Data(contentsOf: url) else { return nil }
    return SuiteLoader.load(path: name, bytes: Array(bytes)).plan
  }

  /// Runs the first instance of a case.
  static func run(_ name: String, nodes: any NodeSource) throws -> CaseOutcome {
    let plans = [try #require(plan), try #require(more)]
    let found = plans.lazy.compactMap { plan in
      plan.instances.first { $0.caseName == name }.map { (plan, $0) }
    }.first
    let (plan, instance) = try #require(found, "no case \(name)")
    var performer = FabricPerformer(nodes: nodes)
    let task = CaseTask(plan: plan, instance: instance, seed: 1)
    return performer.perform(task) { _, _ in }
  }
}
