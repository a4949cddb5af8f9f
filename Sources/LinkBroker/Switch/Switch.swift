public import PCIe

/// A switch: an upstream port, a bus of its own, and downstream ports that TLPs are routed between.
///
/// - Source: PCI Express Base 5.0, 1.3.3 "Switch" and 2.2.4 "Routing and Addressing Rules".
public final class Switch: FabricNode {
  /// Port 0 leads to the root complex, the others away from it.
  public static let upstreamPort = 0

  /// Routing tables and registers of all ports.
  public var router: SwitchRouter

  /// Makes a switch with downstream ports 1 to `downstreamPorts`.
  public init(downstreamPorts: Int, configuration: SwitchConfiguration = SwitchConfiguration()) {
    precondition(downstreamPorts > 0 && downstreamPorts <= 32, "a switch has 1 to 32 downstream ports")
    router = SwitchRouter(downstreamPorts: downstreamPorts, configuration: configuration)
  }

  public var takesEveryCompletion: Bool { false }

  /// Starts the records of errors of all ports anew.
  public func resetCounts() {
    for port in router.functions.indices { router.functions[port].space.forgetRecordedErrors() }
  }

  public func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {
    router.attach(port, number: number, fabric.configuration(ofLink: port.link))
  }

  public func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    router.receive(tlp, at: port, in: &fabric)
  }

  public func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    router.respond(to: tlp, with: response, at: port, in: &fabric)
  }

  public func completerID(at port: Int) -> FunctionAddress { router.functions[port].id }

  public func timerFired(_ token: UInt64, in fabric: inout Fabric) {}

  public func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    router.linkChanged(change, at: port, in: &fabric)
  }

  public func portDetected(
    _ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric
  ) {
    router.log(violation, header, port: port, isAdvisoryCase: false, in: &fabric)
  }
}
