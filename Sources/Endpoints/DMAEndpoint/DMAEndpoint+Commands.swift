import LinkBroker
import PCIe

extension DMAEndpoint {
  /// Takes what COMMAND says, unless a transfer is under way: then it waits in the register.
  func takeCommand(in fabric: inout Fabric) {
    while transfer == nil {
      let command = DMACommand(rawValue: register(DMARegister.command))
      guard !command.isEmpty else { return }
      setRegister(DMARegister.command, 0)
      status = []
      function.setINTx(false, in: &fabric)
      // With an interrupt of unknown kind the command is dropped, as Linux does.
      guard register(DMARegister.interruptKind) <= 2 else { continue }
      perform(command, in: &fabric)
    }
  }

  private func perform(_ command: DMACommand, in fabric: inout Fabric) {
    if command.contains(.raiseINTx) {
      signal(kind: 0, in: &fabric)
    } else if command.contains(.write) {
      begin(.write, in: &fabric)
    } else if command.contains(.read) {
      begin(.read, in: &fabric)
    } else if command.contains(.copy) {
      begin(.copy, in: &fabric)
    } else if command.contains(.raiseMSI) {
      signalIfGranted(
        kind: 1, granted: function.space.isMSIEnabled ? function.space.msiVectorCount : 0, &fabric)
    } else if command.contains(.raiseMSIX) {
      signalIfGranted(kind: 2, granted: function.space.isMSIXEnabled ? function.msixVectorCount : 0, &fabric)
    }
  }

  private func signalIfGranted(kind: UInt32, granted: Int, _ fabric: inout Fabric) {
    if register(DMARegister.interruptNumber) <= granted, granted > 0 { signal(kind: kind, in: &fabric) }
  }

  /// Sets the status bit and then raises the interrupt, which finds it set.
  func signal(kind: UInt32, in fabric: inout Fabric) {
    status.insert(.interruptRaised)
    let vector = Int(register(DMARegister.interruptNumber)) - 1
    switch kind {
    case 0: function.setINTx(true, in: &fabric)
    case 1: _ = function.raiseMSI(vector, in: &fabric)
    default: _ = function.raiseMSIX(vector, in: &fabric)
    }
  }
}
