/// The downstream port containment capability.
///
/// - Layout: 12 bytes; 48 with the root port extensions.
/// - Source: PCI Express Base 5.0, 7.9.15 "Downstream Port Containment Extended Capability".
public struct DownstreamPortContainmentCapability: ExtendedCapability, Hashable {
  public static let id = ExtendedCapabilityID.downstreamPortContainment
  public static let name = "downstream port containment"
  public static let version: UInt8 = 1
  /// The whole length.
  public var byteCount: Int { isRootPort ? 48 : 12 }

  /// A root port has the programmed I/O registers with a header log of four DWs.
  public var isRootPort: Bool
  public var supportsSoftwareTrigger: Bool
  public var supportsPoisonedEgressBlocking: Bool

  public init(
    isRootPort: Bool, supportsSoftwareTrigger: Bool = true, supportsPoisonedEgressBlocking: Bool = false
  ) {
    self.isRootPort = isRootPort
    self.supportsSoftwareTrigger = supportsSoftwareTrigger
    self.supportsPoisonedEgressBlocking = supportsPoisonedEgressBlocking
  }

  /// Offsets from the start of the capability.
  public enum Register {
    public static let capabilities = 0x04
    public static let control = 0x06
    public static let status = 0x08
    public static let errorSourceID = 0x0a
    public static let programmedIOStatus = 0x0c
    public static let programmedIOMask = 0x10
    public static let programmedIOSeverity = 0x14
    public static let programmedIOSystemError = 0x18
    public static let programmedIOException = 0x1c
    public static let programmedIOHeaderLog = 0x20
  }

  /// UR, CA and completion timeout of configuration, I/O and memory requests.
  static let programmedIOErrors: UInt32 = 0x0007_0707

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    let headerLogDWs: UInt16 = 4
    block.word(
      Register.capabilities,
      (isRootPort ? 1 << 5 | headerLogDWs << 8 : 0) | (supportsPoisonedEgressBlocking ? 1 << 6 : 0)
        | (supportsSoftwareTrigger ? 1 << 7 : 0))
    // The software trigger (bit 6) reads as zero.
    block.word(Register.control, writable: 0x1f | (supportsPoisonedEgressBlocking ? 1 << 5 : 0))
    block.allow(0b0111, inField: 3 << 16, at: Register.capabilities)
    // Trigger status and interrupt status; the reason fields are hardware's.
    block.word(Register.status, clearable: 0b1001, sticky: 0x1f6f)
    block.word(Register.errorSourceID, sticky: .max)
    if isRootPort {
      let errors = Self.programmedIOErrors
      block.doubleWord(Register.programmedIOStatus, clearable: errors, sticky: errors)
      block.doubleWord(Register.programmedIOMask, errors, writable: errors, sticky: errors)
      for offset in stride(
        from: Register.programmedIOSeverity, through: Register.programmedIOException, by: 4)
      {
        block.doubleWord(offset, writable: errors, sticky: errors)
      }
      for index in 0..<4 { block.doubleWord(Register.programmedIOHeaderLog + index * 4, sticky: .max) }
    }
  }
}
