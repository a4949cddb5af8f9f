/// What a message says.
///
/// - Source: PCI Express Base 5.0, appendix F "Message Code Usage".
public enum MessageCode: UInt8, CaseIterable, Hashable, Sendable {
  case unlock = 0x00
  case invalidateRequest = 0x01
  case invalidateCompletion = 0x02
  case pageRequest = 0x04
  case pageRequestGroupResponse = 0x05
  case latencyToleranceReporting = 0x10
  case optimizedBufferFlushFill = 0x12
  case powerManagementActiveStateNak = 0x14
  case powerManagementEvent = 0x18
  case powerManagementTurnOff = 0x19
  case powerManagementTurnOffAck = 0x1b
  case assertINTA = 0x20
  case assertINTB = 0x21
  case assertINTC = 0x22
  case assertINTD = 0x23
  case deassertINTA = 0x24
  case deassertINTB = 0x25
  case deassertINTC = 0x26
  case deassertINTD = 0x27
  case correctableError = 0x30
  case nonFatalError = 0x31
  case fatalError = 0x33
  case attentionIndicatorOff = 0x40
  case attentionIndicatorOn = 0x41
  case attentionIndicatorBlink = 0x43
  case powerIndicatorOff = 0x44
  case powerIndicatorOn = 0x45
  case powerIndicatorBlink = 0x47
  case attentionButtonPressed = 0x48
  case setSlotPowerLimit = 0x50
  case precisionTimeRequest = 0x52
  case precisionTimeResponse = 0x53
  case vendorDefinedType0 = 0x7e
  case vendorDefinedType1 = 0x7f

  /// The routing that the specification gives the message; a vendor-defined one starts towards the root.
  public var routing: MessageRouting {
    switch self {
    case .unlock, .powerManagementTurnOff: .broadcastFromRootComplex
    case .invalidateRequest, .invalidateCompletion, .pageRequestGroupResponse: .byID
    case .pageRequest, .powerManagementEvent, .correctableError, .nonFatalError, .fatalError,
      .vendorDefinedType0, .vendorDefinedType1:
      .toRootComplex
    case .powerManagementTurnOffAck: .gatheredToRootComplex
    default: .local
    }
  }

  /// Whether a message may be routed this way; a vendor-defined one has the choice of four.
  public func allows(_ routing: MessageRouting) -> Bool {
    switch self {
    case .vendorDefinedType0, .vendorDefinedType1:
      routing != .byAddress && routing != .gatheredToRootComplex
    default: routing == self.routing
    }
  }

  /// Whether a payload comes with the message; nil where both are allowed.
  public var hasData: Bool? {
    switch self {
    case .invalidateRequest, .setSlotPowerLimit: true
    case .vendorDefinedType0, .vendorDefinedType1, .precisionTimeResponse: nil
    default: false
    }
  }

  /// Whether the message must travel in traffic class 0.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.8.1 to 2.2.8.10.
  public var needsTrafficClass0: Bool {
    switch self {
    case .invalidateRequest, .invalidateCompletion, .pageRequest, .pageRequestGroupResponse,
      .vendorDefinedType0, .vendorDefinedType1:
      false
    default: true
    }
  }

  /// The specification's name.
  public var mnemonic: String { Self.mnemonics[self] ?? "" }

  private static let mnemonics: [MessageCode: String] = [
    .unlock: "Unlock", .invalidateRequest: "Invalidate_Request",
    .invalidateCompletion: "Invalidate_Completion", .pageRequest: "Page_Request",
    .pageRequestGroupResponse: "PRG_Response", .latencyToleranceReporting: "LTR",
    .optimizedBufferFlushFill: "OBFF", .powerManagementActiveStateNak: "PM_Active_State_Nak",
    .powerManagementEvent: "PM_PME", .powerManagementTurnOff: "PME_Turn_Off",
    .powerManagementTurnOffAck: "PME_TO_Ack", .assertINTA: "Assert_INTA", .assertINTB: "Assert_INTB",
    .assertINTC: "Assert_INTC", .assertINTD: "Assert_INTD", .deassertINTA: "Deassert_INTA",
    .deassertINTB: "Deassert_INTB", .deassertINTC: "Deassert_INTC", .deassertINTD: "Deassert_INTD",
    .correctableError: "ERR_COR", .nonFatalError: "ERR_NONFATAL", .fatalError: "ERR_FATAL",
    .attentionIndicatorOff: "Attention_Indicator_Off", .attentionIndicatorOn: "Attention_Indicator_On",
    .attentionIndicatorBlink: "Attention_Indicator_Blink", .powerIndicatorOff: "Power_Indicator_Off",
    .powerIndicatorOn: "Power_Indicator_On", .powerIndicatorBlink: "Power_Indicator_Blink",
    .attentionButtonPressed: "Attention_Button_Pressed", .setSlotPowerLimit: "Set_Slot_Power_Limit",
    .precisionTimeRequest: "PTM_Request", .precisionTimeResponse: "PTM_Response",
    .vendorDefinedType0: "Vendor_Defined_Type_0", .vendorDefinedType1: "Vendor_Defined_Type_1",
  ]
}

// Legacy interrupts.
extension MessageCode {
  /// The message that raises a legacy interrupt line: 0 for INTA to 3 for INTD.
  public static func assertInterrupt(line: Int) -> MessageCode? {
    0...3 ~= line ? MessageCode(rawValue: 0x20 + UInt8(line)) : nil
  }

  /// The message that lowers a legacy interrupt line: 0 for INTA to 3 for INTD.
  public static func deassertInterrupt(line: Int) -> MessageCode? {
    0...3 ~= line ? MessageCode(rawValue: 0x24 + UInt8(line)) : nil
  }

  /// The line, 0 for INTA, and the level that a legacy interrupt message means.
  public var interrupt: (line: Int, isAsserted: Bool)? {
    0x20...0x27 ~= rawValue ? (Int(rawValue & 3), rawValue & 4 == 0) : nil
  }
}
