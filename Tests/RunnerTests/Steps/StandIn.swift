import LinkBroker
import PCIe

/// Stands before a node and hands everything on; subclasses react wrongly.
class StandIn: FabricNode {
  let model: any FabricNode

  init(_ model: any FabricNode) { self.model = model }

  var takesEveryCompletion: Bool { model.takesEveryCompletion }

  func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {
    model.attach(port, number: number, in: &fabric)
  }

  func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    model.receive(tlp, at: port, in: &fabric)
  }

  func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    model.respond(to: tlp, with: response, at: port, in: &fabric)
  }

  func completerID(at port: Int) -> FunctionAddress { model.completerID(at: port) }

  func timerFired(_ token: UInt64, in fabric: inout Fabric) { model.timerFired(token, in: &fabric) }

  func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    model.linkChanged(change, at: port, in: &fabric)
  }

  func portDetected(
    _ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric
  ) {
    model.portDetected(violation, in: header, at: port, in: &fabric)
  }
}
