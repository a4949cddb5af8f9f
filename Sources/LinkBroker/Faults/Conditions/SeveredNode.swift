import PCIe

/// Stands where a node was that a fault has cut off for good.
final class SeveredNode: FabricNode {
  let takesEveryCompletion: Bool

  init(insteadOf node: any FabricNode) { takesEveryCompletion = node.takesEveryCompletion }

  func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {}
  func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition { .consumed }

  func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition { .consumed }

  func completerID(at port: Int) -> FunctionAddress { FunctionAddress(rawValue: 0) }
  func timerFired(_ token: UInt64, in fabric: inout Fabric) {}
  func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {}
  func portDetected(_ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric) {}
}
