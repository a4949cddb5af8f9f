import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// Cases that fail by chance in `run`.
@Suite struct ReducingTests {
  private static let head = """
    format: 1
    suite: t
    topology:
      nodes:
        rc:  {model: root-complex, memory: 64KiB}
        mem: {model: memory-mock, msix: 2}
      links:
        l0: {upstream: rc, downstream: mem}
    cases:
      c:

    """

  private static let losing =
    head + """
          timeout: 1s
          faults:
            - drop: {link: l0, tlp: MWr, from: rc, probability: 20%}
            - delay: {link: l0, tlp: CplD, probability: 50%, by: 1us..9us}
          allow: [completion-timeout]
          steps:
            - note: {text: hello}
            - repeat:
                times: 20
                steps:
                  - mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {fill: 0x5a, length: 64B}}
                  - mem_write: {by: rc, to: mem.bar1, offset: 0x40, data: {fill: 0xa5, length: 64B}}
                  - mem_read: {by: rc, from: mem.bar1, offset: 0x40, length: 64B, expect: {data: {fill: 0xa5, length: 64B}}}

      """

  private func run(_ text: String) throws -> CaseOutcome {
    let plan = try ExplorationFixture.plan(text)
    var performer = FabricPerformer()
    let task = CaseTask(plan: plan, instance: plan.instances[0], seed: 5)
    return CaseRun.performReducing(task, by: &performer) { _, _ in }
  }

  @Test func aCaseWithAProbabilityIsMadeSmall() throws {
    let outcome = try run(Self.losing)
    #expect(outcome.verdict == .failed(.expectation))
    let minimal = try #require(outcome.failure?.minimal)
    #expect(minimal.faults == 1 && minimal.steps <= 3, "\(minimal.suite)")
    #expect(minimal.suite.contains("nth: 1") && !minimal.suite.contains("probability"))
    #expect(try ExplorationFixture.run(minimal.suite).signature == FailureSignature(outcome))
    #expect(try run(Self.losing) == outcome)
  }

  @Test func oneOfSeveralSeedsIsMadeSmall() throws {
    let outcome = try run(Self.losing.replacing("timeout: 1s", with: "timeout: 1s\n    seeds: 40"))
    let minimal = try #require(outcome.failure?.minimal)
    #expect(outcome.seeds?.failing != nil && !minimal.suite.contains("seeds:"))
  }

  @Test func aCaseWithoutChanceIsLeftAlone() throws {
    let outcome = try run(
      Self.losing.replacing("probability: 20%", with: "nth: 2").replacing("probability: 50%", with: "nth: 1"))
    #expect(outcome.verdict == .failed(.expectation) && outcome.failure?.minimal == nil)
  }

  @Test(arguments: [
    ("UR", "completer-abort, unsupported-request", true), ("CA", "completer-abort", true),
  ])
  func anyEndIsTakenAndDataIsComparedWhereItComes(_ status: String, _ allowed: String, _ passes: Bool) throws
  {
    let answered = try StepFixture.run(
      """
      faults:
        - complete: {node: mem, tlp: MRd, nth: 1, status: \(status)}
      allow: [\(allowed)]
      steps:
        - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 4B, expect: {status: any, data: {bytes: 01 02 03 04}}}
      """)
    #expect((answered.outcome.verdict == .passed) == passes, "\(answered.outcome.message)")
    let successful = try StepFixture.run(
      """
      steps:
        - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 4B, expect: {status: any, data: {bytes: 01 02 03 04}}}
      """)
    #expect(successful.outcome.message.hasPrefix("expected byte 0x0 to be 01"))
  }
}
