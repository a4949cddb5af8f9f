/// The single root I/O virtualization capability of a physical function.
///
/// - Layout: 64 bytes.
/// - Source: PCI Express Base 5.0, 9.3.3 "SR-IOV Extended Capability".
public struct SingleRootVirtualizationCapability: ExtendedCapability, Hashable {
  public static let id = ExtendedCapabilityID.singleRootVirtualization
  public static let name = "single root I/O virtualization"
  public static let version: UInt8 = 1
  /// The whole length.
  public var byteCount: Int { 64 }

  /// The virtual functions that have IDs while ARI Capable Hierarchy is clear: those of device 0.
  public static let countWithoutARI: UInt16 = 7

  public var totalVFs: UInt16
  /// The distance of the first virtual function's ID from that of this function.
  public var firstVFOffset: UInt16
  public var vfStride: UInt16
  public var vfDeviceID: UInt16
  /// The base address registers of one virtual function, memory only, at least a page each.
  public var vfBars: [BarLayout]

  public init(
    totalVFs: UInt16, firstVFOffset: UInt16 = 1, vfStride: UInt16 = 1, vfDeviceID: UInt16, vfBars: [BarLayout]
  ) {
    self.totalVFs = totalVFs
    self.firstVFOffset = firstVFOffset
    self.vfStride = vfStride
    self.vfDeviceID = vfDeviceID
    self.vfBars = vfBars
  }

  /// Offsets from the start of the capability.
  public enum Register {
    public static let capabilities = 0x04
    public static let control = 0x08
    public static let status = 0x0a
    public static let initialVFs = 0x0c
    public static let totalVFs = 0x0e
    public static let numVFs = 0x10
    public static let functionDependency = 0x12
    public static let firstVFOffset = 0x14
    public static let vfStride = 0x16
    public static let vfDeviceID = 0x1a
    public static let supportedPageSizes = 0x1c
    public static let systemPageSize = 0x20
    public static let vfBar0 = 0x24
  }

  /// Bits of the control register.
  public enum Control {
    public static let vfEnable: UInt16 = 1 << 0
    public static let vfMemoryEnable: UInt16 = 1 << 3
    public static let ariHierarchy: UInt16 = 1 << 4
  }

  /// Checks the fields.
  public func validate(in header: HeaderLayout) throws(ConfigurationSpaceError) {
    try BarLayout.validate(vfBars)
    for bar in vfBars {
      guard !bar.isIO && bar.bytes >= 4096 else {
        throw .barSizeOutOfRange(index: bar.index, bytes: bar.bytes, allowed: 4096...1 << 63)
      }
    }
    try require(Int(totalVFs), in: 1...0xffff, Self.name, "total VFs")
    try require(Int(firstVFOffset), in: 1...0xffff, Self.name, "first VF offset")
  }

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    block.doubleWord(Register.capabilities, 1 << 1)
    block.word(Register.control, writable: Control.vfEnable | Control.vfMemoryEnable | Control.ariHierarchy)
    block.word(Register.initialVFs, totalVFs)
    block.word(Register.totalVFs, totalVFs)
    block.word(Register.numVFs, writable: .max)
    block.word(Register.firstVFOffset, firstVFOffset)
    block.word(Register.vfStride, vfStride)
    block.word(Register.vfDeviceID, vfDeviceID)
    // The required sizes: 4, 8, 64 and 256 KiB, 1 and 4 MiB; 4 KiB comes up selected.
    block.doubleWord(Register.supportedPageSizes, 0x553)
    block.doubleWord(Register.systemPageSize, 1, writable: 0x553)
    // What both are once VF Enable is set the specification leaves open: they stay.
    for offset in [Register.numVFs, Register.systemPageSize] {
      block.lock(offset, by: UInt32(Control.vfEnable), at: Register.control)
    }
    for bar in vfBars {
      let mask = ~(bar.bytes - 1)
      let offset = Register.vfBar0 + bar.index * 4
      block.doubleWord(offset, bar.flags, writable: UInt32(truncatingIfNeeded: mask) & ~0xf)
      block.alignToPages(offset, pageSize: Register.systemPageSize)
      if bar.is64Bit { block.doubleWord(offset + 4, writable: UInt32(truncatingIfNeeded: mask >> 32)) }
    }
  }
}
