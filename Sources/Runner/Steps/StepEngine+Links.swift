import Endpoints
import LinkBroker
import PCIe
import Simulation
import SuiteLanguage

// Verbs that act on links, and resets.
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

  /// What software does to reset a link or a function.
  func script(_ reset: SuiteLanguage.ResetKind) throws(StepFailure) -> SoftwareScript {
    switch reset {
    case .hot(let link): try hotReset(link)
    case .functionLevel(let node): try functionReset(node)
    }
  }

  /// Holds Secondary Bus Reset for 2 ms, as Linux does, and lets go.
  ///
  /// - Source: PCI Express Base 5.0, 6.6.1 and 7.5.1.3.13; Linux, `pci_reset_secondary_bus`.
  private func hotReset(_ name: String) throws(StepFailure) -> SoftwareScript {
    guard let link = topology.description.link(name) else { throw .expectation("no link '\(name)'") }
    let port = try address(.port(node: link.upstream, link: name))
    let bit = BridgeControlBits.secondaryBusReset.rawValue
    let offset = HeaderRegister.bridgeControl
    return SoftwareScript(
      "the hot reset of \(name)",
      [
        .change(port, offset: offset, set: bit, clear: 0), .pause(.milliseconds(2)),
        .change(port, offset: offset, set: 0, clear: bit), .pause(.milliseconds(2)),
      ])
  }

  /// Starts a function level reset and waits as long as software must.
  ///
  /// - Source: PCI Express Base 5.0, 6.6.2: the function is done within 100 ms.
  private func functionReset(_ node: String) throws(StepFailure) -> SoftwareScript {
    let target = try address(.node(node))
    guard let place = topology.spaces(of: .node(node)).first?.places.express else {
      throw .expectation("\(node) has no PCI Express capability")
    }
    let bit = DeviceControlBits.initiateFunctionLevelReset.rawValue
    return SoftwareScript(
      "the function level reset of \(node)",
      [
        .change(target, offset: place + ExpressCapability.Register.deviceControl, set: bit, clear: 0),
        .pause(.milliseconds(100)),
      ])
  }
}
