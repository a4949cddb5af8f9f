import LinkBroker
import PCIe
import Simulation

extension Function {
  /// How long a function level reset takes; configuration requests are answered with retry until then.
  ///
  /// A choice of this model, well within what the specification allows.
  /// - Source: PCI Express Base 5.0, 6.6.2 "Function Level Reset (FLR)": at most 100 ms.
  static let functionResetTime = VirtualDuration.milliseconds(1)

  /// How long the function takes from D3hot to D0.
  ///
  /// - Source: PCI Express Base 5.0, 5.9 "State Transition Recovery Time Requirements".
  static let wakeTime = VirtualDuration.milliseconds(10)

  /// A function level reset: outstanding requests are forgotten, registers but the sticky ones start anew.
  ///
  /// Bus and device number stay, as they belong to the port.
  func resetFunction(for model: some Endpoint, in fabric: inout Fabric) {
    // The wire must be released first: PCI Express Base 5.0, 6.6.2.
    intx.isAsserted = false
    updateINTx(&fabric)
    reset(.functionLevel, lasting: Function.functionResetTime, for: model, in: &fabric)
  }

  /// The link went down: all but sticky registers start anew, bus and device number are forgotten.
  ///
  /// - Source: PCI Express Base 5.0, 6.6.1 "Conventional Reset" and 2.9.1.
  func resetConventionally(for model: some Endpoint, in fabric: inout Fabric) {
    intx = INTxState()
    capturedID = FunctionAddress(rawValue: 0)
    reset(.conventional, lasting: .zero, for: model, in: &fabric)
  }

  private func reset(
    _ kind: ResetKind, lasting length: VirtualDuration, for model: some Endpoint, in fabric: inout Fabric
  ) {
    requester.reset(in: &fabric)
    space.reset(kind)
    showLink(in: &fabric)
    msix?.reset()
    intx = INTxState()
    limits.configuresFrom = fabric.now + length
    limits.servesFrom = fabric.now + length
    refresh()
    model.functionReset(kind, in: &fabric)
  }

  /// Software has changed the power state.
  ///
  /// Without No_Soft_Reset the way back from D3hot is a reset, with retry to configuration requests while it
  /// lasts; with it the registers stay and work, and only memory and I/O have to wait.
  /// - Source: PCI Express Base 5.0, 5.3.1.4 "D3 State", 7.5.2.2.
  func changePower(from before: UInt32, for model: some Endpoint, in fabric: inout Fabric) {
    guard space.powerState == .d0 else {
      limits.servesFrom = .never
      requester.limits.mayRequest = false
      return
    }
    guard before & 3 == PowerState.d3hot.rawValue else {
      limits.servesFrom = fabric.now
      return
    }
    let keepsState = before & 1 << 3 != 0
    if keepsState {
      limits.servesFrom = fabric.now + Function.wakeTime
    } else {
      reset(.functionLevel, lasting: Function.wakeTime, for: model, in: &fabric)
    }
  }
}
