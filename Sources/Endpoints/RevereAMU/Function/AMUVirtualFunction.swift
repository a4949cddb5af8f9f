import LinkBroker
import PCIe

/// A virtual function of a Revere-AMU: the same interface, with what the physical function has mapped to it.
final class AMUVirtualFunction: Endpoint {
  let function: Function
  private let number: Int
  private unowned let unit: RevereAMU

  init(_ function: Function, number: Int, of unit: RevereAMU) {
    self.function = function
    self.number = number
    self.unit = unit
  }

  func readBar(_ range: BarRange, into payload: PayloadReference, at place: Int, in fabric: inout Fabric)
    -> BarResponse
  {
    unit.read(range, of: number, into: payload, at: place, in: &fabric)
  }

  func writeBar(_ range: BarRange, from payload: PayloadReference, at place: Int, in fabric: inout Fabric)
    -> BarResponse
  {
    unit.write(range, of: number, from: payload, at: place, in: &fabric)
  }

  func transferEnded(_ operation: RequestOperation, in fabric: inout Fabric) {
    unit.core.transferEnded(operation, of: number, in: &fabric)
  }

  func functionReset(_ kind: ResetKind, in fabric: inout Fabric) {
    unit.noteReset(of: number)
    unit.core.resetVirtual(number, tellsPhysical: kind == .functionLevel, in: &fabric)
  }
}
