import LinkBroker
import RevereInterface

// What becomes of a command.
//
// An argument that is out of range ends with the command's status for that argument; where the interface has
// none, the command is invalid: there is no response, and AMU_SR shows it. So do unknown opcodes, and
// commands of the physical function that a virtual one sends.
extension AMUCore {
  mutating func execute(_ message: [UInt8], of function: Int, in fabric: inout Fabric) {
    guard var exchange = CommandExchange(message), function == 0 || !exchange.command.isPhysical else {
      finishCommand(nil, of: function, in: &fabric)
      return
    }
    if exchange.command.isPhysical {
      executePhysical(&exchange, in: &fabric)
    } else {
      executeCommon(&exchange, of: function, in: &fabric)
    }
    if exchange.isDeferred { return }
    finishCommand(exchange.isInvalid ? nil : exchange.response, of: function, in: &fabric)
    pump(in: &fabric)
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
