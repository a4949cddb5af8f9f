import Endpoints
import LinkBroker
import PCIe
import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

@Suite struct NodeSourceTests {
  private static let writeAndRead = """
    steps:
      - mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {fill: 0x5a, length: 4B}}
      - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 4B, expect: {data: {fill: 0x5a, length: 4B}}}
    """

  /// Loses every memory write.
  private final class Forgetful: StandIn {
    override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
      tlp.header.kind == .memoryWrite ? .consumed : super.receive(tlp, at: port, in: &fabric)
    }
  }

  private struct Forgetting: NodeSource {
    let name: String

    func node(_ model: any FabricNode, named name: String) -> any FabricNode {
      name == self.name ? Forgetful(model) : model
    }
  }

  @Test func aStandInIsWhatTheFabricSees() throws {
    let run = try StepFixture.run(Self.writeAndRead, nodes: Forgetting(name: "mem"))
    #expect(run.outcome.message == "expected byte 0x0 to be 5a, got 00; 4 of 4 bytes differ")
  }

  @Test func othersStayAsTheyAre() throws {
    let run = try StepFixture.run(Self.writeAndRead, nodes: Forgetting(name: "rc"))
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  private struct Relabelled: NodeSource {
    func endpoint(
      _ name: String, _ settings: ModelSettings, seed: UInt64
    ) throws(TopologyError) -> any BusMasteringEndpoint {
      var settings = settings
      settings.identity.device = 0x7777
      return try EndpointBuilder.endpoint(name, settings, seed: seed)
    }
  }

  @Test func anEndpointCanBeMadeElsewhere() throws {
    let read = """
      steps:
        - cfg_read: {by: rc, to: mem, offset: 0x2, size: 2, expect: {data: {bytes: 77 77}}}
      """
    #expect(try StepFixture.run(read, nodes: Relabelled()).outcome.verdict == .passed)
    #expect(try StepFixture.run(read).outcome.verdict == .failed(.expectation))
  }
}
