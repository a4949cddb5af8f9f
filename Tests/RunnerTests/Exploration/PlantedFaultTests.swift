import Endpoints
import LinkBroker
import PCIe
import RunEvents
import Simulation
import SuiteLanguage
import Testing

@testable import Runner

/// Models that react wrongly to a fault must be found by exploration, and the failure made small.
@Suite struct PlantedFaultTests {
  /// Puts a stand-in before the memory mock.
  private struct Planted: NodeSource {
    let make: @Sendable (any FabricNode) -> StandIn

    func node(_ model: any FabricNode, named name: String) -> any FabricNode {
      name == "mem" ? make(model) : model
    }
  }

  /// Loses a posted write that comes at the very instant of another one, as they do behind a TLP that was held
  /// back.
  private final class LosesSecond: StandIn {
    private var last: VirtualTime?

    override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
      let now = fabric.now
      defer { last = tlp.header.kind == .memoryWrite ? now : nil }
      if tlp.header.kind == .memoryWrite, last == now { return .consumed }
      return super.receive(tlp, at: port, in: &fabric)
    }
  }

  /// Loses a write that comes long after the read before it, as when posted credits were missing.
  private final class LosesAfterPause: StandIn {
    private var asked: UInt64?

    override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
      let now = fabric.now.picoseconds
      if tlp.header.kind == .memoryWrite, let asked, now - asked > 30_000_000 {
        self.asked = now
        return .consumed
      }
      asked = now
      return super.receive(tlp, at: port, in: &fabric)
    }
  }

  private static let models: [(name: String, faults: [String], nodes: Planted)] = [
    ("loses the second of two at once", ["tlp.delay", "fc.starve"], Planted { LosesSecond($0) }),
    ("loses a write after a pause", ["fc.starve", "tlp.delay"], Planted { LosesAfterPause($0) }),
  ]

  @Test(arguments: [0, 1])
  func areFoundAndMadeSmall(_ index: Int) throws {
    let model = Self.models[index]
    var exploration = try ExplorationFixture.exploration(faults: model.faults, nodes: model.nodes)
    let failing = try #require(
      try (0..<40).lazy.map { try exploration.run($0) }.first { $0.hasFailed }, "\(model.name)")
    let minimal = try #require(failing.outcome.failure?.minimal)
    #expect(1...2 ~= minimal.faults && minimal.steps <= 8, "\(minimal.suite)")
    // The suite alone gives the same failure on the same model, and none on a good one.
    let again = try ExplorationFixture.run(minimal.suite, nodes: model.nodes)
    #expect(again.signature == FailureSignature(failing.outcome))
    let good = try ExplorationFixture.run(minimal.suite)
    #expect(good.outcome.verdict == .passed, "\(good.outcome.message)\n\(minimal.suite)")
    let repeated = try exploration.run(failing.number)
    #expect(repeated.outcome == failing.outcome && repeated.suite == failing.suite)
  }
}
