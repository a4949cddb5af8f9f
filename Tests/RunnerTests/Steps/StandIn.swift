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

  func timerFired(_ token: UInt64, in fabric: inout Fabric) { model.timerFired(token, in: &fabric) }

  func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    model.linkChanged(change, at: port, in: &fabric)
  }

  func portDetected(
    _ violation: Violation, in header: TLPHeader, at port: Int, in fabric: inout Fabric
  ) {
    model.portDetected(violation, in: header, at: port, in: &fabric)
  }
}
