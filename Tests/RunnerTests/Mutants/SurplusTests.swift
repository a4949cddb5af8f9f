import PCIe
import RunEvents
import Simulation
import SuiteLanguage
import Testing

@testable import Endpoints
@testable import LinkBroker
@testable import Runner

/// An error bit that has nothing to do with a fault fails each case, whichever node sets it.
@Suite("Surplus bits") struct SurplusTests {
  /// Sets a bit in its registers every five microseconds.
  private final class SetsBit: StandIn {
    private static let token: UInt64 = 1 << 41

    override func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {
      super.attach(port, number: number, in: &fabric)
      if number == 0 { wait(port.node, in: &fabric) }
    }

    private func wait(_ node: Int, in fabric: inout Fabric) {
      fabric.setTimer(after: .microseconds(5), node: node, token: Self.token | UInt64(node))
    }

    override func timerFired(_ token: UInt64, in fabric: inout Fabric) {
      guard token & Self.token != 0 else { return super.timerFired(token, in: &fabric) }
      switch model {
      case let host as RootComplex: _ = host.core.ports.ports[0].bridge.space.log(.correctedInternal)
      case let endpoint as any Endpoint: _ = endpoint.function.space.log(.correctedInternal)
      case let model as Switch: _ = model.router.functions[0].space.log(.correctedInternal)
      default: preconditionFailure("a node is a root complex, a switch or an endpoint")
      }
      wait(Int(token & ~Self.token), in: &fabric)
    }
  }

  static let cases =
    FaultSuite.plan?.instances.map(\.caseName).reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    } ?? []

  @Test(arguments: cases, ["rc", "mem", "sw", "far", "dma"])
  func isFound(name: String, node: String) throws {
    // What is dead or stuck from the start sets no bits.
    if node == "mem", name == "dev-kill" || name == "dev-hang" { return }
    let outcome = try FaultSuite.run(name, nodes: MutantNodes(name: node) { SetsBit($0) })
    let text =
      "have recorded corrected-internal, bit 14 of Correctable Error Status, which nothing in the case permits"
    #expect(outcome.verdict == .failed(.violation) && outcome.message.hasSuffix(text), "\(outcome.message)")
  }
}
