import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// Topologies to explore.
enum ExplorationFixture {
  static let single = """
    format: 1
    suite: one
    topology:
      nodes:
        rc:  {model: root-complex, memory: 1MiB}
        mem: {model: memory-mock, msix: 4, bars: {bar1: 4KiB}}
      links:
        l0: {upstream: rc, downstream: mem, speed: 8GT/s, width: 4, max_payload: 256B}
    cases:
      c: {steps: []}

    """

  static let tree = """
    format: 1
    suite: tree
    topology:
      nodes:
        rc:  {model: root-complex, memory: 1MiB}
        sw:  {model: switch}
        sub: {model: switch}
        a:   {model: memory-mock, msix: 4, bars: {bar2: 16KiB}}
        b:   {model: dma-endpoint, msix: 2}
        c:   {model: memory-mock}
        d:   {model: dma-endpoint, msix: 8, bars: {bar0: 8KiB}}
      links:
        up:     {upstream: rc, downstream: sw, speed: 8GT/s, width: 8, max_payload: 128B}
        to_a:   {upstream: sw, downstream: a, speed: 8GT/s, width: 4, max_payload: 128B}
        to_sub: {upstream: sw, downstream: sub, speed: 5GT/s, width: 2, max_payload: 128B}
        to_b:   {upstream: sub, downstream: b, max_payload: 128B}
        to_c:   {upstream: sub, downstream: c, max_payload: 128B}
        direct: {upstream: rc, downstream: d, speed: 16GT/s, width: 4}
    cases:
      c: {steps: []}

    """

  static func plan(_ text: String) throws -> Plan {
    let result = SuiteLoader.load(path: "x.yaml", bytes: Array(text.utf8))
    return try #require(result.plan, "\(result.diagnostics.map { $0.text(in: result.source) })")
  }

  static func exploration(
    _ text: String = single, _ schedule: ExplorationPlan.Schedule = .random, faults: [String]? = nil,
    seed: UInt64 = 1, nodes: any NodeSource = ProductNodes()
  ) throws -> Exploration {
    let suite = try plan(text)
    let exploring = try ExplorationPlan(schedule: schedule, patterns: faults, seed: seed)
    return try Exploration(
      exploring, suite: suite, cases: suite.instances, by: FabricPerformer(nodes: nodes))
  }

  /// Runs a suite as `run` does it, on other models where a test asks for them.
  static func run(_ text: String, nodes: any NodeSource = ProductNodes()) throws -> Trial {
    let plan = try plan(text)
    let instance = plan.instances[0]
    let seed = RunSeeds.caseSeed(instance.settings.seed ?? 0, id: instance.id)
    var performer = FabricPerformer(nodes: nodes)
    return Trial.run(CaseTask(plan: plan, instance: instance, seed: seed), by: &performer)
  }
}
