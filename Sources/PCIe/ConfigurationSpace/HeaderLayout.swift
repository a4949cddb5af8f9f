/// The values in the header of a function that hardware fixes.
///
/// - Source: PCI Express Base 5.0, 7.5.1.1 to 7.5.1.3.
public struct HeaderLayout: Hashable, Sendable {
  /// What follows the common registers.
  public enum Kind: Hashable, Sendable {
    case endpoint(subsystemVendorID: UInt16, subsystemID: UInt16)
    case bridge(BridgeWindows)
  }

  /// Which optional windows a bridge has; the 32-bit memory window is always there.
  public struct BridgeWindows: Hashable, Sendable {
    public var hasIO: Bool
    public var io32Bit: Bool
    public var hasPrefetchable: Bool
    public var prefetchable64Bit: Bool

    public init(
      hasIO: Bool = true, io32Bit: Bool = true, hasPrefetchable: Bool = true, prefetchable64Bit: Bool = true
    ) {
      self.hasIO = hasIO
      self.io32Bit = io32Bit
      self.hasPrefetchable = hasPrefetchable
      self.prefetchable64Bit = prefetchable64Bit
    }
  }

  public var vendorID: UInt16
  public var deviceID: UInt16
  /// Base class, sub-class and programming interface from bit 23 down.
  public var classCode: UInt32
  public var revisionID: UInt8
  public var kind: Kind
  public var bars: [BarLayout]
  /// Zero for none, else a power of two from 2 KiB to 16 MiB.
  public var expansionROMBytes: UInt32 = 0
  /// 0 for none, 1 to 4 for INTA to INTD.
  public var interruptPin: UInt8 = 0
  public var isMultiFunction = false
  /// A virtual function has its identity and its base addresses in the physical function.
  ///
  /// - Source: PCI Express Base 5.0, 9.3.4.1 "Type 0 Configuration Space Header Common Fields".
  public var isVirtualFunction = false

  /// A type 0 header.
  public init(
    vendorID: UInt16, deviceID: UInt16, classCode: UInt32, revisionID: UInt8 = 0,
    subsystemVendorID: UInt16 = 0,
    subsystemID: UInt16 = 0, bars: [BarLayout] = [], interruptPin: UInt8 = 0
  ) {
    self.vendorID = vendorID
    self.deviceID = deviceID
    self.classCode = classCode
    self.revisionID = revisionID
    kind = .endpoint(subsystemVendorID: subsystemVendorID, subsystemID: subsystemID)
    self.bars = bars
    self.interruptPin = interruptPin
  }

  /// A type 1 header; the class is that of a PCI-to-PCI bridge.
  public init(
    bridgeVendorID vendorID: UInt16, deviceID: UInt16, revisionID: UInt8 = 0,
    windows: BridgeWindows = BridgeWindows(), bars: [BarLayout] = [], interruptPin: UInt8 = 0
  ) {
    self.vendorID = vendorID
    self.deviceID = deviceID
    classCode = 0x06_0400
    self.revisionID = revisionID
    kind = .bridge(windows)
    self.bars = bars
    self.interruptPin = interruptPin
  }

  /// Whether the header is of type 1.
  public var isBridge: Bool {
    if case .bridge = kind { true } else { false }
  }

  /// The number of base address registers that the header has room for.
  public var barSlots: Int { isBridge ? 2 : 6 }

  /// The offset of the expansion ROM register.
  var expansionROMOffset: Int {
    isBridge ? HeaderRegister.bridgeExpansionROM : HeaderRegister.expansionROM
  }
}

extension HeaderLayout {
  func validate() throws(ConfigurationSpaceError) {
    try BarLayout.validate(bars, slotCount: barSlots)
    guard interruptPin <= 4 else { throw .interruptPin(interruptPin) }
    try require(Int(classCode), in: 0...0xff_ffff, "header", "class code")
    guard
      expansionROMBytes == 0
        || expansionROMBytes.nonzeroBitCount == 1 && 2048...(1 << 24) ~= expansionROMBytes
    else { throw .expansionROMSize(bytes: UInt64(expansionROMBytes)) }
  }

  func install(in block: inout RegisterBlock) {
    guard !isVirtualFunction else { return installVirtual(in: &block) }
    block.word(HeaderRegister.vendorID, vendorID)
    block.word(HeaderRegister.deviceID, deviceID)
    block.word(HeaderRegister.command, writable: CommandBits.writable.rawValue)
    block.word(HeaderRegister.status, clearable: StatusBits.clearable.rawValue)
    block.doubleWord(HeaderRegister.revisionID, classCode << 8 | UInt32(revisionID))
    block.byte(HeaderRegister.cacheLineSize, writable: 0xff)
    block.byte(HeaderRegister.headerType, (isBridge ? 1 : 0) | (isMultiFunction ? 0x80 : 0))
    block.byte(HeaderRegister.interruptLine, writable: 0xff)
    block.byte(HeaderRegister.interruptPin, interruptPin)
    for bar in bars { install(bar, in: &block) }
    if expansionROMBytes != 0 {
      block.doubleWord(expansionROMOffset, writable: ~(expansionROMBytes - 1) | 1)
    }
    switch kind {
    case .endpoint(let vendor, let subsystem):
      block.word(HeaderRegister.subsystemVendorID, vendor)
      block.word(HeaderRegister.subsystemID, subsystem)
    case .bridge(let windows): install(windows, in: &block)
    }
  }

  /// Of the Command register only Bus Master Enable is there, and neither base addresses nor an
  /// interrupt pin.
  private func installVirtual(in block: inout RegisterBlock) {
    block.word(HeaderRegister.vendorID, 0xffff)
    block.word(HeaderRegister.deviceID, 0xffff)
    block.word(HeaderRegister.command, writable: CommandBits.busMasterEnable.rawValue)
    block.word(HeaderRegister.status, clearable: StatusBits.clearable.rawValue)
    block.doubleWord(HeaderRegister.revisionID, classCode << 8 | UInt32(revisionID))
    if case .endpoint(let vendor, let subsystem) = kind {
      block.word(HeaderRegister.subsystemVendorID, vendor)
      block.word(HeaderRegister.subsystemID, subsystem)
    }
  }

  private func install(_ bar: BarLayout, in block: inout RegisterBlock) {
    let mask = ~(bar.bytes - 1)
    let flagBits: UInt32 = bar.isIO ? 0x3 : 0xf
    let offset = HeaderRegister.bar(bar.index)
    block.doubleWord(offset, bar.flags, writable: UInt32(truncatingIfNeeded: mask) & ~flagBits)
    if bar.is64Bit { block.doubleWord(offset + 4, writable: UInt32(truncatingIfNeeded: mask >> 32)) }
  }

  /// The windows come up closed (base above limit): the specification leaves their reset value open, and an
  /// open window at zero would swallow traffic once memory is enabled.
  private func install(_ windows: BridgeWindows, in block: inout RegisterBlock) {
    for offset in HeaderRegister.primaryBus...HeaderRegister.subordinateBus {
      block.byte(offset, writable: 0xff)
    }
    block.word(HeaderRegister.secondaryStatus, clearable: StatusBits.clearable.rawValue)
    block.word(HeaderRegister.memoryBase, 0xfff0, writable: 0xfff0)
    block.word(HeaderRegister.memoryLimit, writable: 0xfff0)
    if windows.hasIO {
      let type: UInt8 = windows.io32Bit ? 1 : 0
      block.byte(HeaderRegister.ioBase, 0xf0 | type, writable: 0xf0)
      block.byte(HeaderRegister.ioLimit, type, writable: 0xf0)
      if windows.io32Bit {
        block.word(HeaderRegister.ioBaseUpper, writable: 0xffff)
        block.word(HeaderRegister.ioLimitUpper, writable: 0xffff)
      }
    }
    if windows.hasPrefetchable {
      let type: UInt16 = windows.prefetchable64Bit ? 1 : 0
      block.word(HeaderRegister.prefetchableBase, 0xfff0 | type, writable: 0xfff0)
      block.word(HeaderRegister.prefetchableLimit, type, writable: 0xfff0)
      if windows.prefetchable64Bit {
        block.doubleWord(HeaderRegister.prefetchableBaseUpper, writable: .max)
        block.doubleWord(HeaderRegister.prefetchableLimitUpper, writable: .max)
      }
    }
    block.word(HeaderRegister.bridgeControl, writable: BridgeControlBits.writable.rawValue)
  }
}
