import LinkBroker
import PCIe

/// Stands on the fabric for a process at which no link ends, and for a device that a step has yet to start:
/// findings and faults name it by its number.
final class AbsentNode: FabricNode {
  // As a device that may come in its place.
  var takesEveryCompletion: Bool { true }

  func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {}

  /// Nobody is there, and nobody answers.
  func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition { .consumed }

  func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition { .consumed }

  func completerID(at port: Int) -> FunctionAddress { FunctionAddress(rawValue: 0) }
  func timerFired(_ token: UInt64, in fabric: inout Fabric) {}
  func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {}
  func portDetected(_ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric) {}
}
