import Endpoints
import LinkBroker
import PCIe
import Simulation
import SuiteLanguage

// Verbs that act on links and resets.
extension StepEngine {
  /// Takes a link down or brings it up as software does by Link Disable, or trains it anew.
  mutating func perform(_ change: Step.LinkChange) throws(StepFailure) {
    guard let link = topology.linkNumbers[change.link] else { throw .expectation("no link '\(change.link)'") }
    if change.state == .down { return topology.fabric.takeDown(link: link, .disabled) }
    var configuration = topology.fabric.configuration(ofLink: link)
    configuration.speed = change.speed ?? configuration.speed
    configuration.width = change.width ?? configuration.width
    if configuration != topology.fabric.configuration(ofLink: link) {
      topology.fabric.retrain(link: link, configuration)
    }
    topology.fabric.bringUp(link: link)
  }

  mutating func perform(_ reset: SuiteLanguage.ResetKind) throws(StepFailure) {
    switch reset {
    case .hot(let link): try resetHot(link)
    case .functionLevel(let node): try resetFunction(node)
    }
  }

  /// Holds Secondary Bus Reset for 2 ms, as Linux does, and lets go.
  ///
  /// - Source: PCI Express Base 5.0, 6.6.1 and 7.5.1.3.13; Linux, `pci_reset_secondary_bus`.
  private mutating func resetHot(_ name: String) throws(StepFailure) {
    guard let link = topology.description.link(name) else { throw .expectation("no link '\(name)'") }
    let port = try address(.port(node: link.upstream, link: name))
    let held = topology.rootComplex.configurationRead(
      of: port, offset: HeaderRegister.bridgeControl, size: 2, in: &topology.fabric)
    let bit = UInt32(BridgeControlBits.secondaryBusReset.rawValue)
    for value in [held.value | bit, held.value & ~bit] {
      let status = topology.rootComplex.configurationWrite(
        to: port, offset: HeaderRegister.bridgeControl, size: 2, value: value, in: &topology.fabric)
      guard status == .successful else {
        throw .expectation("the port above \(name) did not take the reset: \(status.text)")
      }
      topology.fabric.run(until: topology.fabric.now + .milliseconds(2))
    }
  }

  /// Starts a function level reset and waits as long as software must.
  ///
  /// - Source: PCI Express Base 5.0, 6.6.2: the function is done within 100 ms.
  private mutating func resetFunction(_ node: String) throws(StepFailure) {
    let target = try address(.node(node))
    guard let place = topology.spaces(of: .node(node)).first?.places.express else {
      throw .expectation("\(node) has no PCI Express capability")
    }
    let offset = place + ExpressCapability.Register.deviceControl
    let control = topology.rootComplex.configurationRead(
      of: target, offset: offset, size: 2, in: &topology.fabric)
    let bit = UInt32(DeviceControlBits.initiateFunctionLevelReset.rawValue)
    let status = topology.rootComplex.configurationWrite(
      to: target, offset: offset, size: 2, value: control.value & 0xffff | bit, in: &topology.fabric)
    guard status == .successful else { throw .expectation("\(node) did not take the reset: \(status.text)") }
    topology.fabric.run(until: topology.fabric.now + .milliseconds(100))
  }
}
