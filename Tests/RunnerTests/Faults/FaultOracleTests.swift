import LinkBroker
import PCIe
import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// Models that react wrongly to faults, and cases that must notice.
@Suite struct FaultOracleTests {
  /// Puts a stand-in before the endpoint.
  private struct Mutants: NodeSource {
    let make: @Sendable (any FabricNode) -> any FabricNode

    func node(_ model: any FabricNode, named name: String) -> any FabricNode {
      name == "mem" ? make(model) : model
    }
  }

  /// Does not look at the EP bit.
  private final class Careless: StandIn {
    override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
      var tlp = tlp
      tlp.header.isPoisoned = false
      return super.receive(tlp, at: port, in: &fabric)
    }
  }

  /// Sets one more bit than it should.
  private final class Excited: StandIn {
    override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
      if tlp.header.isPoisoned {
        super.portDetected(.malformedTLP, in: tlp.header, at: port, in: &fabric)
      }
      return super.receive(tlp, at: port, in: &fabric)
    }
  }

  private static let poison = """
    allow: [poisoned-tlp]
    faults:
      - poison: {link: l0, tlp: MWr, nth: 1}
    steps:
      - mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {fill: 0x5a, length: 4B}}
    """

  @Test func aMissingBitIsToldWithFunctionBitAndSection() throws {
    let run = try StepFixture.run(Self.poison, nodes: Mutants { Careless($0) })
    #expect(run.outcome.verdict == .failed(.violation))
    #expect(
      run.outcome.message == "fault 1, tlp.poison_wr of line 16, must make mem (01:00.0) report "
        + "poisoned-tlp, and bit 12 of Uncorrectable Error Status is clear")
    let facts = run.outcome.failure?.facts ?? []
    #expect(facts.first == "the completer must report it: PCI Express Base 5.0, 2.7.2.2, 6.2.3.2.4.3")
    #expect(facts.last?.hasSuffix("on l0, downstream: MWr 0x8000_1000 4 B") == true, "\(facts)")
  }

  @Test func aSurplusBitIsTold() throws {
    let run = try StepFixture.run(Self.poison, nodes: Mutants { Excited($0) })
    #expect(run.outcome.verdict == .failed(.violation))
    #expect(
      run.outcome.message == "the error registers of mem (01:00.0) have recorded malformed-tlp, "
        + "bit 18 of Uncorrectable Error Status, which nothing in the case permits")
    #expect(run.outcome.failure?.facts.first?.hasPrefix("fault 1, tlp.poison_wr of line 16,") == true)
  }

  @Test func theRulesOwnWordReplacesTheCatalogue() throws {
    let lenient = Self.poison.replacing("nth: 1}", with: "nth: 1, expect: {mem: []}}")
    let careless = try StepFixture.run(lenient, nodes: Mutants { Careless($0) })
    #expect(careless.outcome.verdict == .passed, "\(careless.outcome.message)")
    // What a rule says of a function goes before what the case allows of all.
    let strict = try StepFixture.run(lenient)
    #expect(strict.outcome.verdict == .failed(.violation))
    #expect(
      strict.outcome.message == "fault 1, tlp.poison_wr of line 16, expects nothing of mem (01:00.0), which "
        + "has recorded poisoned-tlp, bit 12 of Uncorrectable Error Status")
    let named = Self.poison.replacing("nth: 1}", with: "nth: 1, expect: {mem: [poisoned-tlp]}}")
      .replacing("allow: [poisoned-tlp]\n", with: "")
    #expect(try StepFixture.run(named).outcome.verdict == .passed)
  }

  @Test func withoutAllowAnUncorrectableViolationFails() throws {
    let run = try StepFixture.run(Self.poison.replacing("allow: [poisoned-tlp]\n", with: ""))
    #expect(
      run.outcome.verdict == .failed(.violation) && run.outcome.message.hasPrefix("poisoned-tlp at mem"))
  }

  @Test func aStrikeIsToldAndCounted() throws {
    let run = try StepFixture.run(Self.poison)
    let strikes = run.events.compactMap { if case .fault(let fault) = $0 { fault } else { nil } }
    #expect(strikes.count == 1)
    let strike = try #require(strikes.first)
    #expect(strike.id == "tlp.poison_wr" && strike.verb == "poison" && strike.rule == 1)
    #expect(strike.link == "l0" && strike.source == "rc" && strike.match == 1)
    #expect(strike.tlp == "MWr 0x8000_1000 4 B" && strike.words.count == 3)
    let tally = try #require(run.outcome.faults)
    #expect(tally.injected == 1 && tally.detected == 1 && tally.recovered == 1)
    #expect((tally.detectionTime ?? 0) > 0)
  }

  @Test func aRuleThatDrawsMustStrikeWithOneOfTheSeeds() throws {
    let lines = """
          seeds: 3
          faults:
            - drop: {link: l0, tlp: Msg, probability: 50%}
          steps: [{note: {text: a}}]
      """
    let result = SuiteLoader.load(path: "t.yaml", bytes: Array((StepFixture.topology + lines).utf8))
    let plan = try #require(result.plan, "\(result.diagnostics.map(\.message))")
    var performer = FabricPerformer()
    let task = CaseTask(plan: plan, instance: plan.instances[0], seed: 1)
    let outcome = CaseRun.perform(task, by: &performer) { _, _ in }
    #expect(outcome.verdict == .failed(.neverHit))
    #expect(
      outcome.message == "fault 1, tlp.drop_posted of line 16, was armed and never struck with any of 3 seeds"
    )
    #expect(outcome.faults == FaultTally())
  }
}
