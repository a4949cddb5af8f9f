/// The registers of the DMA endpoint in BAR0, 32 bits each.
///
/// - Units: byte offsets from the start of the BAR.
/// - Source: Linux, `Documentation/PCI/endpoint/pci-test-function.rst`.
public enum DMARegister {
  public static let magic = 0x00
  public static let command = 0x04
  public static let status = 0x08
  public static let sourceLow = 0x0c
  public static let sourceHigh = 0x10
  public static let targetLow = 0x14
  public static let targetHigh = 0x18
  public static let size = 0x1c
  public static let checksum = 0x20
  /// 0 INTx, 1 MSI, 2 MSI-X.
  public static let interruptKind = 0x24
  /// From 1 on for MSI and MSI-X.
  public static let interruptNumber = 0x28
  /// Bit 0 asks for the DMA engine; this model has one way of moving data and takes both values.
  public static let flags = 0x2c
  /// What a register BAR holds at least.
  public static let byteCount = 0x30
}

/// The bits of COMMAND; one command at a time, and of several bits the first in this order.
public struct DMACommand: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let raiseINTx = DMACommand(rawValue: 1 << 0)
  public static let raiseMSI = DMACommand(rawValue: 1 << 1)
  public static let raiseMSIX = DMACommand(rawValue: 1 << 2)
  /// The endpoint reads the source and compares the checksum.
  public static let read = DMACommand(rawValue: 1 << 3)
  /// The endpoint writes drawn bytes to the target and stores their checksum.
  public static let write = DMACommand(rawValue: 1 << 4)
  /// The endpoint copies from source to target.
  public static let copy = DMACommand(rawValue: 1 << 5)
}

/// The bits of STATUS.
public struct DMAStatus: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let readDone = DMAStatus(rawValue: 1 << 0)
  public static let readFailed = DMAStatus(rawValue: 1 << 1)
  public static let writeDone = DMAStatus(rawValue: 1 << 2)
  public static let writeFailed = DMAStatus(rawValue: 1 << 3)
  public static let copyDone = DMAStatus(rawValue: 1 << 4)
  public static let copyFailed = DMAStatus(rawValue: 1 << 5)
  public static let interruptRaised = DMAStatus(rawValue: 1 << 6)
  /// Nobody serves the source address.
  public static let sourceInvalid = DMAStatus(rawValue: 1 << 7)
  /// The target address is outside what 64 bits hold.
  public static let targetInvalid = DMAStatus(rawValue: 1 << 8)
}
