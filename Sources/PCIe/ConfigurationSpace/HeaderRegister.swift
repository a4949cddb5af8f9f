/// Byte offsets of the registers in the first 64 bytes of a configuration space.
///
/// - Units: bytes from the start of the space.
/// - Source: PCI Express Base 5.0, 7.5.1 "PCI-Compatible Configuration Registers".
public enum HeaderRegister {
  public static let vendorID = 0x00
  public static let deviceID = 0x02
  public static let command = 0x04
  public static let status = 0x06
  public static let revisionID = 0x08
  public static let classCode = 0x09
  public static let cacheLineSize = 0x0c
  public static let headerType = 0x0e
  public static let bar0 = 0x10
  public static let subsystemVendorID = 0x2c
  public static let subsystemID = 0x2e
  public static let expansionROM = 0x30
  public static let capabilitiesPointer = 0x34
  public static let interruptLine = 0x3c
  public static let interruptPin = 0x3d

  // Type 1 only.
  public static let primaryBus = 0x18
  public static let secondaryBus = 0x19
  public static let subordinateBus = 0x1a
  public static let ioBase = 0x1c
  public static let ioLimit = 0x1d
  public static let secondaryStatus = 0x1e
  public static let memoryBase = 0x20
  public static let memoryLimit = 0x22
  public static let prefetchableBase = 0x24
  public static let prefetchableLimit = 0x26
  public static let prefetchableBaseUpper = 0x28
  public static let prefetchableLimitUpper = 0x2c
  public static let ioBaseUpper = 0x30
  public static let ioLimitUpper = 0x32
  public static let bridgeExpansionROM = 0x38
  public static let bridgeControl = 0x3e

  /// Where the first capability may stand.
  public static let endOfHeader = 0x40
  /// Where the first extended capability stands.
  public static let extendedSpace = 0x100

  /// The offset of a base address register.
  @inlinable
  public static func bar(_ index: Int) -> Int { bar0 + index * 4 }
}

/// The Command register.
///
/// - Source: PCI Express Base 5.0, 7.5.1.1.3 "Command Register".
@frozen
public struct CommandBits: OptionSet, Hashable, Sendable {
  public var rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static let ioEnable = CommandBits(rawValue: 1 << 0)
  public static let memoryEnable = CommandBits(rawValue: 1 << 1)
  public static let busMasterEnable = CommandBits(rawValue: 1 << 2)
  public static let parityErrorResponse = CommandBits(rawValue: 1 << 6)
  public static let serrEnable = CommandBits(rawValue: 1 << 8)
  public static let interruptDisable = CommandBits(rawValue: 1 << 10)

  static let writable: CommandBits = [
    .ioEnable, .memoryEnable, .busMasterEnable, .parityErrorResponse, .serrEnable, .interruptDisable,
  ]
}

/// The Status and the Secondary Status register.
///
/// - Source: PCI Express Base 5.0, 7.5.1.1.4 "Status Register" and 7.5.1.3.7 "Secondary Status Register".
@frozen
public struct StatusBits: OptionSet, Hashable, Sendable {
  public var rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static let interruptStatus = StatusBits(rawValue: 1 << 3)
  public static let capabilitiesList = StatusBits(rawValue: 1 << 4)
  /// Master Data Parity Error: a poisoned completion was received or a poisoned write sent.
  public static let dataParityError = StatusBits(rawValue: 1 << 8)
  public static let signaledTargetAbort = StatusBits(rawValue: 1 << 11)
  public static let receivedTargetAbort = StatusBits(rawValue: 1 << 12)
  /// Received Master Abort: a completion with status unsupported request came in.
  public static let receivedUnsupportedRequest = StatusBits(rawValue: 1 << 13)
  /// An ERR_FATAL or ERR_NONFATAL message was sent; in the Secondary Status register: received.
  public static let signaledSystemError = StatusBits(rawValue: 1 << 14)
  /// A poisoned TLP was received.
  public static let detectedParityError = StatusBits(rawValue: 1 << 15)

  static let clearable: StatusBits = [
    .dataParityError, .signaledTargetAbort, .receivedTargetAbort, .receivedUnsupportedRequest,
    .signaledSystemError,
    .detectedParityError,
  ]
}

/// The Bridge Control register.
///
/// - Source: PCI Express Base 5.0, 7.5.1.3.13 "Bridge Control Register".
@frozen
public struct BridgeControlBits: OptionSet, Hashable, Sendable {
  public var rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static let parityErrorResponse = BridgeControlBits(rawValue: 1 << 0)
  public static let serrEnable = BridgeControlBits(rawValue: 1 << 1)
  public static let isaEnable = BridgeControlBits(rawValue: 1 << 2)
  public static let vgaEnable = BridgeControlBits(rawValue: 1 << 3)
  public static let vga16BitDecode = BridgeControlBits(rawValue: 1 << 4)
  public static let secondaryBusReset = BridgeControlBits(rawValue: 1 << 6)

  static let writable: BridgeControlBits = [
    .parityErrorResponse, .serrEnable, .isaEnable, .vgaEnable, .vga16BitDecode, .secondaryBusReset,
  ]
}
