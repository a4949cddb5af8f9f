/// The advanced error reporting capability.
///
/// - Layout: 72 bytes, with room for the root registers and the prefix log in every port type.
/// - Source: PCI Express Base 5.0, 7.8.4 "Advanced Error Reporting Extended Capability".
public struct AdvancedErrorReportingCapability: ExtendedCapability, Hashable {
  public static let id = ExtendedCapabilityID.advancedErrorReporting
  public static let name = "advanced error reporting"
  public static let version: UInt8 = 2
  /// The whole length.
  public var byteCount: Int { 72 }

  /// A root port or root complex event collector has the root registers.
  public var isRoot: Bool
  /// The uncorrectable errors the function can report, besides those that every function must.
  public var optionalUncorrectable: UInt32
  public var canGenerateAndCheckECRC: Bool
  /// Whether the function reports that an error came while the header log was taken.
  public var reportsHeaderLogOverflow: Bool
  /// The MSI or MSI-X vector that a root port reports errors by; 0 to 31.
  public var interruptMessageNumber: UInt8 = 0
  /// A virtual function has status registers and logs of its own; what is set is the physical one's.
  ///
  /// - Source: PCI Express Base 5.0, 9.4.2 "Advanced Error Reporting Capability" of virtual functions.
  public var isVirtualFunction = false

  public init(
    isRoot: Bool = false, optionalUncorrectable: UInt32 = 0, canGenerateAndCheckECRC: Bool = true,
    reportsHeaderLogOverflow: Bool = false
  ) {
    self.reportsHeaderLogOverflow = reportsHeaderLogOverflow
    self.isRoot = isRoot
    self.optionalUncorrectable = optionalUncorrectable
    self.canGenerateAndCheckECRC = canGenerateAndCheckECRC
  }

  /// Offsets from the start of the capability.
  public enum Register {
    public static let uncorrectableStatus = 0x04
    public static let uncorrectableMask = 0x08
    public static let uncorrectableSeverity = 0x0c
    public static let correctableStatus = 0x10
    public static let correctableMask = 0x14
    public static let control = 0x18
    public static let headerLog = 0x1c
    public static let rootErrorCommand = 0x2c
    public static let rootErrorStatus = 0x30
    public static let correctableSourceID = 0x34
    public static let uncorrectableSourceID = 0x36
    public static let prefixLog = 0x38
  }

  /// Data link protocol, poisoned TLP, flow control, completion timeout, completer abort, unexpected
  /// completion, receiver overflow, malformed TLP, ECRC and unsupported request.
  static let commonUncorrectable: UInt32 = 0x001f_f010
  /// Data link protocol, surprise down, flow control, receiver overflow, malformed TLP and internal.
  static let defaultSeverity: UInt32 = 0x0046_2030
  /// Internal and poisoned TLP egress blocked.
  static let defaultUncorrectableMask: UInt32 = 0x0440_0000
  /// Receiver error, bad TLP, bad DLLP, rollover, replay timeout, advisory, internal; log overflow where
  /// declared.
  private var correctable: UInt32 { 0x0000_71c1 | (reportsHeaderLogOverflow ? 1 << 15 : 0) }
  /// Advisory non-fatal, internal and header log overflow.
  static let defaultCorrectableMask: UInt32 = 0x0000_e000

  /// ECRC Generation Enable and ECRC Check Enable of the control register.
  static let generationEnable: UInt32 = 1 << 6
  static let checkEnable: UInt32 = 1 << 8

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    let uncorrectable = Self.commonUncorrectable | optionalUncorrectable & 0x07ff_f030
    block.doubleWord(Register.uncorrectableStatus, clearable: uncorrectable, sticky: uncorrectable)
    block.doubleWord(Register.correctableStatus, clearable: correctable, sticky: correctable)
    for index in 0..<4 {
      block.doubleWord(Register.headerLog + index * 4, sticky: .max)
      block.doubleWord(Register.prefixLog + index * 4, sticky: .max)
    }
    if isVirtualFunction {
      block.doubleWord(Register.control, sticky: 0x1f | 1 << 11)
      return
    }
    installControls(uncorrectable, in: &block)
  }

  private func installControls(_ uncorrectable: UInt32, in block: inout RegisterBlock) {
    block.doubleWord(
      Register.uncorrectableMask, Self.defaultUncorrectableMask & uncorrectable, writable: uncorrectable,
      sticky: uncorrectable)
    block.doubleWord(
      Register.uncorrectableSeverity, Self.defaultSeverity & uncorrectable, writable: uncorrectable,
      sticky: uncorrectable)
    block.doubleWord(
      Register.correctableMask, Self.defaultCorrectableMask & correctable, writable: correctable,
      sticky: correctable)
    let ecrc: UInt32 = canGenerateAndCheckECRC ? 1 << 5 | 1 << 7 : 0
    block.doubleWord(Register.control, ecrc, writable: ecrc << 1, sticky: 0x1f | ecrc << 1 | 1 << 11)
    if isRoot {
      block.doubleWord(Register.rootErrorCommand, writable: 0x7)
      block.doubleWord(
        Register.rootErrorStatus, UInt32(interruptMessageNumber & 0x1f) << 27, clearable: 0x7f, sticky: 0x7f)
      block.doubleWord(Register.correctableSourceID, sticky: .max)
    }
  }
}

/// End-to-end CRC as software has set it.
///
/// - Source: PCI Express Base 5.0, 7.8.4.7 "Advanced Error Capabilities and Control Register".
extension ConfigurationSpace {
  private var digestControl: UInt32 {
    guard let place = places.advancedErrorReporting else { return 0 }
    return doubleWord(place + AdvancedErrorReportingCapability.Register.control)
  }

  /// Whether every TLP that the function starts carries a digest.
  public var generatesDigests: Bool { digestControl & AdvancedErrorReportingCapability.generationEnable != 0 }

  /// Whether the function checks the digests of TLPs that end at it.
  public var checksDigests: Bool { digestControl & AdvancedErrorReportingCapability.checkEnable != 0 }

  /// Whether a write switches the generation of digests on or off.
  public func changesDigestGeneration(_ write: ConfigurationWrite) -> Bool {
    guard let place = places.advancedErrorReporting else { return false }
    return write.offset == place + AdvancedErrorReportingCapability.Register.control
      && write.changed & AdvancedErrorReportingCapability.generationEnable != 0
  }
}
