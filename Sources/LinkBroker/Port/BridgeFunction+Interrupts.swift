import PCIe

/// What a port has to interrupt for.
public struct PortInterrupts: Hashable, Sendable {
  /// The MSI vectors of conditions that have become true.
  public var vectors: [Int] = []
  /// Whether its wire, where it has one, goes from released to asserted.
  public var assertsWire = false
}

extension BridgeFunction {
  /// The interrupts that have become due since the last call.
  ///
  /// An error, containment and slot event each interrupt when the and of status and enable becomes true.
  /// - Source: PCI Express Base 5.0, 6.2.4.1.2 "Interrupt Generation", 6.2.10.1 "DPC Interrupts" and 6.7.3.4.
  public mutating func takeInterrupts() -> PortInterrupts {
    let causes = interruptCauses
    var due = PortInterrupts()
    for (cause, vector) in causes where heldInterrupts & cause == 0 { due.vectors.append(vector) }
    let held = causes.reduce(UInt8(0)) { $0 | $1.cause }
    due.assertsWire = held != 0 && heldInterrupts == 0 && space.header.interruptPin != 0
    heldInterrupts = held
    guard space.header.interruptPin != 0 else { return due }
    if held != 0 { space.raise(.interruptStatus) } else { space.lower(.interruptStatus) }
    return due
  }

  private var interruptCauses: [(cause: UInt8, vector: Int)] {
    var causes: [(cause: UInt8, vector: Int)] = []
    if let place = space.places.advancedErrorReporting {
      typealias Register = AdvancedErrorReportingCapability.Register
      let status = space.doubleWord(place + Register.rootErrorStatus)
      // ERR_COR Received in bit 0, Non-Fatal and Fatal Error Messages Received in bits 5 and 6.
      let received = status & 1 | status >> 4 & 6
      if received & space.doubleWord(place + Register.rootErrorCommand) & 7 != 0 {
        causes.append((1 << 0, Int(status >> 27)))
      }
    }
    if let place = space.places[.downstreamPortContainment] {
      typealias Register = DownstreamPortContainmentCapability.Register
      let both = space.word(place + Register.control) & space.word(place + Register.status)
      if both & 1 << 3 != 0 {
        causes.append((1 << 1, Int(space.word(place + Register.capabilities) & 0x1f)))
      }
    }
    if let place = space.places.express {
      typealias Register = ExpressCapability.Register
      let (control, status) = (
        space.word(place + Register.slotControl), space.word(place + Register.slotStatus)
      )
      let isChanged = control >> 12 & status >> 8 & 1 != 0 || control & status & 1 << 3 != 0
      if control & 1 << 5 != 0, isChanged {
        causes.append((1 << 2, Int(space.word(place + Register.capabilities) >> 9 & 0x1f)))
      }
    }
    return causes
  }
}
