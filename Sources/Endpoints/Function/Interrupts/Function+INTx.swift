public import LinkBroker
import PCIe

extension Function {
  /// Sets the level of the function's INTx interrupt.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.8.1 "INTx Interrupt Signaling - Rules" and 6.1.2.
  @discardableResult
  public func setINTx(_ isAsserted: Bool, in fabric: inout Fabric) -> InterruptOutcome {
    guard space.header.interruptPin != 0 else { return .outOfRange }
    intx.isAsserted = isAsserted
    if isAsserted { space.raise(.interruptStatus) } else { space.lower(.interruptStatus) }
    updateINTx(&fabric)
    if isAsserted == intx.isSignaled { return .sent }
    return space.isMSIEnabled || space.isMSIXEnabled ? .disabled : .pending
  }

  /// Tells the root complex when the visible level has changed.
  ///
  /// With MSI or MSI-X enabled, or outside D0, the wire is silent; Interrupt Disable silences it too.
  func updateINTx(_ fabric: inout Fabric) {
    let isVisible =
      intx.isAsserted && !space.command.contains(.interruptDisable) && !space.isMSIEnabled
      && !space.isMSIXEnabled && space.powerState == .d0
    guard isVisible != intx.isSignaled else { return }
    intx.isSignaled = isVisible
    if isVisible { tally.intx &+= 1 }
    let line = Int(space.header.interruptPin) - 1
    let code =
      isVisible ? MessageCode.assertInterrupt(line: line) : MessageCode.deassertInterrupt(line: line)
    if let code { send(.message(code, requester: id), in: &fabric) }
  }

  /// Raises a vector by the kind of message interrupt that software has enabled.
  public func raise(vector: Int, in fabric: inout Fabric) -> InterruptOutcome {
    space.isMSIXEnabled || !space.isMSIEnabled
      ? raiseMSIX(vector, in: &fabric) : raiseMSI(vector, in: &fabric)
  }
}
