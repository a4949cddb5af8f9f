import LinkBroker
import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// Runs the steps of one case on the fabric, without workers.
enum StepFixture {
  static let topology = """
    format: 1
    suite: t
    about: Steps under test.
    timeout: 1s
    seed: 0x1
    topology:
      nodes:
        rc:  {model: root-complex, memory: 64KiB}
        mem: {model: memory-mock, msix: 2}
      links:
        l0: {upstream: rc, downstream: mem, speed: 8GT/s, width: 4}
    cases:
      c:

    """

  struct Run {
    var outcome: CaseOutcome
    var events: [Event.Kind]
    var capture: LinkCapture?
  }

  /// Runs a case from the lines below its name.
  static func run(
    _ lines: String, seed: UInt64 = 1, head: String = topology, nodes: any NodeSource = ProductNodes(),
    capture: CaseCapture? = nil
  ) throws -> Run {
    let body = lines.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
    let text = head + body
    let result = SuiteLoader.load(path: "t.yaml", bytes: Array(text.utf8))
    let plan = try #require(result.plan, "\(result.diagnostics.map(\.message))")
    var performer = FabricPerformer(nodes: nodes)
    var events: [Event.Kind] = []
    var task = CaseTask(plan: plan, instance: plan.instances[0], seed: seed)
    task.capture = capture
    let outcome = performer.perform(task) { kind, _ in events.append(kind) }
    return Run(outcome: outcome, events: events, capture: performer.capture)
  }
}
