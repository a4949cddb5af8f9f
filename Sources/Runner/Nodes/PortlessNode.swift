import LinkBroker
import PCIe

/// Stands on the fabric for a process that has no port: findings and faults name it by its number, and no
/// link ends at it.
final class PortlessNode: FabricNode {
  var takesEveryCompletion: Bool { false }

  func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {
    preconditionFailure("no link ends at a process without a port")
  }

  func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    preconditionFailure("nothing comes to a process without a port")
  }

  func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    preconditionFailure("nothing comes to a process without a port")
  }

  func completerID(at port: Int) -> FunctionAddress { FunctionAddress(rawValue: 0) }
  func timerFired(_ token: UInt64, in fabric: inout Fabric) {}
  func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {}
  func portDetected(_ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric) {}
}
