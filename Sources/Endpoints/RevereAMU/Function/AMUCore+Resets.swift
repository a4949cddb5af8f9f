import LinkBroker

// Resets of functions, and software that puts virtual ones there or takes them away.
extension AMUCore {
  /// The physical function is the unit: nothing is left.
  mutating func resetUnit() {
    for function in functions.indices { forgetTransfers(of: function) }
    isEnabled = false
    arbiter = SessionArbiter()
    sessions = [Session](repeating: Session(), count: sizes.sessions)
    let contexts = hardware.count
    for function in functions.indices {
      management[function] = ManagementInterface(
        isPhysical: function == 0, software: sizes.softwareContexts, hardware: contexts)
    }
    software = [SoftwareContext](repeating: SoftwareContext(), count: sizes.softwareContexts)
    sockets = Self.makeSockets(sizes)
    hardware = (0..<contexts).map { _ in HardwareContext(sockets: sizes.sockets) }
  }

  /// A virtual function starts anew; what is mapped to it stays mapped, disabled and reset.
  mutating func resetVirtual(_ function: Int, tellsPhysical: Bool, in fabric: inout Fabric) {
    forgetTransfers(of: function)
    wakeTraced(by: function)
    management[function].reset()
    defer { pump(in: &fabric) }
    for context in software.indices where software[context].mapping.owner == Int32(function) {
      resetSoftware(context)
    }
    for context in hardware.indices where hardware[context].mapping.owner == Int32(function) {
      resetHardware(context)
    }
    guard tellsPhysical else { return }
    var exception = ExceptionMessage("E_PF_VF_RESET")
    exception.set("SOURCE", function)
    post(exception, to: 0, in: &fabric)
  }
}
