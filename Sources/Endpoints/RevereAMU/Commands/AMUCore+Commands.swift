import LinkBroker
import RevereInterface

// What becomes of a command.
extension AMUCore {
  mutating func execute(_ message: [UInt8], of function: Int, in fabric: inout Fabric) {
    guard var exchange = CommandExchange(message), isValid(exchange, of: function) else {
      return dropCommand(of: function, in: &fabric)
    }
    if exchange.command.isPhysical {
      executePhysical(&exchange, in: &fabric)
    } else {
      executeCommon(&exchange, of: function, in: &fabric)
    }
    if exchange.isDeferred { return }
    finishCommand(exchange.response, of: function, in: &fabric)
    pump(in: &fabric)
  }

  /// Whether a command has a sense; one that has none gets no response, and AMU_SR shows error state 7.
  ///
  /// That is a choice: an argument out of range has the command's status for it, and those without a status
  /// are here, beside commands of the physical function that a virtual one sends.
  private func isValid(_ exchange: CommandExchange, of function: Int) -> Bool {
    guard function == 0 || !exchange.command.isPhysical else { return false }
    switch exchange.command.name {
    case "PF_AMI_SW_UNMAP", "PF_AMI_SW_CONFIGURE", "PF_AMI_SW_RESET":
      return software.indices.contains(exchange["PHY_AMI_SW_ID"])
    case "PF_AMI_HW_UNMAP", "PF_AMI_HW_CONFIGURE", "PF_AMI_HW_RESET":
      return hardwarePlace(exchange["AHA_ID"], exchange["PHY_AMI_HW_ID"]) != nil
    case "PF_AMS_RING_CONFIGURE", "PF_AMS_RING_SAVE":
      return software.indices.contains(exchange["PHY_AMI_SW_ID"]) && exchange["AMS_ID"] < sizes.sockets
    case "F_AMS_RING_CONFIGURE": return exchange["AMS_ID"] < sizes.sockets
    case "PF_ASN_CREATE":
      return sessions.indices.contains(exchange["ASN_ID"])
        && functions.indices.contains(exchange["MON_OWNER"])
        && end(exchange, "SRC") != nil && end(exchange, "DST") != nil
    default: return true
    }
  }

  private mutating func executePhysical(_ exchange: inout CommandExchange, in fabric: inout Fabric) {
    switch exchange.command.name {
    case "PF_PROBE": probeUnit(&exchange)
    case "PF_PROBE_AHA": probeAccelerator(&exchange)
    case "PF_F_ENABLE": enableFunction(&exchange, in: &fabric)
    case "PF_F_DISABLE": disableFunction(&exchange)
    case "PF_F_TRAP_CONFIGURE": configureTrap(&exchange)
    case "PF_F_TRAP_RESP": answerTrap(&exchange, in: &fabric)
    case "PF_AMI_SW_MAP": mapSoftware(&exchange, in: &fabric)
    case "PF_AMI_SW_UNMAP": unmapSoftware(&exchange)
    case "PF_AMI_SW_CONFIGURE": configurePhysicalSoftware(&exchange)
    case "PF_AMI_SW_SAVE": savePhysicalSoftware(&exchange)
    case "PF_AMI_SW_RESET": resetPhysicalSoftware(&exchange)
    case "PF_AMI_HW_MAP": mapHardware(&exchange)
    case "PF_AMI_HW_UNMAP": unmapHardware(&exchange)
    case "PF_AMI_HW_CONFIGURE": configurePhysicalHardware(&exchange)
    case "PF_AMI_HW_SAVE": savePhysicalHardware(&exchange)
    case "PF_AMI_HW_RESET": resetPhysicalHardware(&exchange)
    case "PF_AMS_RING_CONFIGURE": configurePhysicalRing(&exchange)
    case "PF_AMS_RING_SAVE": savePhysicalRing(&exchange)
    case "PF_ASN_CREATE": createSession(&exchange)
    case "PF_ASN_DESTROY": destroySession(&exchange)
    default: preconditionFailure("\(exchange.command.name) is a command of the physical function")
    }
  }

  private mutating func executeCommon(
    _ exchange: inout CommandExchange, of function: Int, in fabric: inout Fabric
  ) {
    switch exchange.command.name {
    case "F_PROBE": probeFunction(&exchange)
    case "F_GET_AMI_MAP": tellMap(&exchange, of: function, in: &fabric)
    case "F_AMI_SW_CONFIGURE": configureSoftware(&exchange, of: function)
    case "F_AMI_SW_SAVE": saveSoftware(&exchange, of: function)
    case "F_AMI_SW_RESET": resetSoftware(&exchange, of: function)
    case "F_AMI_SW_ENABLE": enableSoftware(&exchange, of: function, in: &fabric)
    case "F_AMI_SW_DISABLE": disableSoftware(&exchange, of: function)
    case "F_AMI_HW_CONFIGURE": configureHardware(&exchange, of: function)
    case "F_AMI_HW_SAVE": saveHardware(&exchange, of: function)
    case "F_AMI_HW_RESET": resetHardware(&exchange, of: function)
    case "F_AMI_HW_ENABLE": enableHardware(&exchange, of: function)
    case "F_AMI_HW_DISABLE": disableHardware(&exchange, of: function)
    case "F_AMS_RING_CONFIGURE": configureRing(&exchange, of: function)
    case "F_AMS_RING_SAVE": saveRing(&exchange, of: function)
    case "F_AMS_PROF_CONFIGURE": configureProfile(&exchange, of: function)
    case "F_AMS_TRACE_CONFIGURE": configureTrace(&exchange, of: function)
    case "F_PROF_TABLE_FLUSH": flushProfiles(&exchange, of: function, in: &fabric)
    default: preconditionFailure("\(exchange.command.name) is a command of every function")
    }
  }
}
