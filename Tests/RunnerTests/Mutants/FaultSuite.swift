import Foundation
import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// The suite that breaks what can break.
enum FaultSuite {
  static let url = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../../../Suites/faults.yaml")

  static let plan: Plan? = {
    guard let bytes = try? Data(contentsOf: url) else { return nil }
    return SuiteLoader.load(path: "faults.yaml", bytes: Array(bytes)).plan
  }()

  /// Runs the first instance of a case.
  static func run(_ name: String, nodes: any NodeSource) throws -> CaseOutcome {
    let plan = try #require(plan)
    let instance = try #require(plan.instances.first { $0.caseName == name }, "no case \(name)")
    var performer = FabricPerformer(nodes: nodes)
    let task = CaseTask(plan: plan, instance: instance, seed: 1)
    return performer.perform(task) { _, _ in }
  }
}
