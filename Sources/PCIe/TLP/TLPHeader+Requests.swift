// Making requests. Nothing here allocates.
extension TLPHeader {
  /// The DWs that a range of bytes touches and the byte enables that select it.
  ///
  /// A range of no bytes is one DW with no byte enabled.
  /// - Source: PCI Express Base 5.0, 2.2.5 "First/Last DW Byte Enables Rules".
  @inlinable @inline(__always)
  static func select(address: UInt64, bytes: Int) -> (lengthDW: Int, enables: UInt32) {
    let lead = Int(address & 3)
    let lengthDW = max(1, (lead + bytes + 3) >> 2)
    let shift = UInt32(truncatingIfNeeded: lead)
    guard lengthDW > 1 else { return (1, ((1 &<< UInt32(truncatingIfNeeded: bytes)) &- 1) &<< shift & 0xf) }
    let first = UInt32(0xf) &<< shift & 0xf
    let last = UInt32(0xf) &>> UInt32(truncatingIfNeeded: lengthDW * 4 - lead - bytes)
    return (lengthDW, last << 4 | first)
  }

  @inlinable
  static func memory(
    formatAndType: UInt32, address: UInt64, bytes: Int, requester: FunctionAddress, tag: UInt16
  ) -> TLPHeader {
    let (lengthDW, enables) = select(address: address, bytes: bytes)
    let isWide = address >> 32 != 0
    let low = UInt32(truncatingIfNeeded: address) & ~3
    let tagBits = UInt32(tag & 0x100) << 11 | UInt32(tag & 0x200) << 14
    return TLPHeader(
      dw0: (formatAndType | (isWide ? 0x20 : 0)) << 24 | tagBits | UInt32(truncatingIfNeeded: lengthDW)
        & 0x3ff,
      dw1: UInt32(requester.rawValue) << 16 | UInt32(tag & 0xff) << 8 | enables,
      dw2: isWide ? UInt32(truncatingIfNeeded: address >> 32) : low, dw3: isWide ? low : 0)
  }

  /// A memory read of up to 4096 bytes that do not cross a 4 KiB boundary; four DWs only from 4 GiB up.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.4.1 and 2.2.7.
  @inlinable
  public static func memoryRead(
    address: UInt64, bytes: Int, requester: FunctionAddress, tag: UInt16
  ) -> TLPHeader {
    memory(formatAndType: 0b000_00000, address: address, bytes: bytes, requester: requester, tag: tag)
  }

  /// A memory write; the payload starts at the DW that holds the first byte.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.4.1 and 2.2.7.
  @inlinable
  public static func memoryWrite(
    address: UInt64, bytes: Int, requester: FunctionAddress, tag: UInt16 = 0
  ) -> TLPHeader {
    memory(formatAndType: 0b010_00000, address: address, bytes: bytes, requester: requester, tag: tag)
  }

  /// A locked memory read, which only legacy endpoints and bridges answer.
  ///
  /// - Source: PCI Express Base 5.0, 6.5 "Locked Transactions".
  public static func memoryReadLocked(
    address: UInt64, bytes: Int, requester: FunctionAddress, tag: UInt16
  ) -> TLPHeader {
    memory(formatAndType: 0b000_00001, address: address, bytes: bytes, requester: requester, tag: tag)
  }

  /// An AtomicOp; the payload is one operand, or compare and swap value for `compareAndSwap`.
  ///
  /// - Units: `operandBytes` is 4 or 8, also 16 for `compareAndSwap`; the address is a multiple of it.
  /// - Source: PCI Express Base 5.0, 2.2.7 "Memory, I/O, and Configuration Request Rules" and 6.15.
  public static func atomic(
    _ kind: TLPKind, address: UInt64, operandBytes: Int, requester: FunctionAddress, tag: UInt16
  ) -> TLPHeader {
    precondition(kind.isAtomic, "an AtomicOp kind")
    let bytes = kind == .compareAndSwap ? operandBytes * 2 : operandBytes
    var header = memory(
      formatAndType: 0b010_00000 | UInt32(kind.typeField), address: address, bytes: bytes,
      requester: requester, tag: tag)
    // The byte enable fields are reserved in an AtomicOp.
    header.dw1 &= ~0xff
    return header
  }

  @inlinable
  static func word(
    formatAndType: UInt32, dw2: UInt32, enables: UInt32, requester: FunctionAddress, tag: UInt16
  ) -> TLPHeader {
    let tagBits = UInt32(tag & 0x100) << 11 | UInt32(tag & 0x200) << 14
    return TLPHeader(
      dw0: formatAndType << 24 | tagBits | 1,
      dw1: UInt32(requester.rawValue) << 16 | UInt32(tag & 0xff) << 8 | enables, dw2: dw2)
  }

  /// A configuration read of bytes within one DW: type 0 on the target's own bus, type 1 above it.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.7.
  public static func configurationRead(
    of target: FunctionAddress, offset: Int, bytes: Int, requester: FunctionAddress, tag: UInt16,
    isType1: Bool = false
  ) -> TLPHeader {
    word(
      formatAndType: isType1 ? 0b000_00101 : 0b000_00100,
      dw2: UInt32(target.rawValue) << 16 | UInt32(offset & 0xffc),
      enables: select(address: UInt64(offset & 3), bytes: bytes).enables, requester: requester, tag: tag)
  }

  /// A configuration write of bytes within one DW: type 0 on the target's own bus, type 1 above it.
  public static func configurationWrite(
    to target: FunctionAddress, offset: Int, bytes: Int, requester: FunctionAddress, tag: UInt16,
    isType1: Bool = false
  ) -> TLPHeader {
    word(
      formatAndType: isType1 ? 0b010_00101 : 0b010_00100,
      dw2: UInt32(target.rawValue) << 16 | UInt32(offset & 0xffc),
      enables: select(address: UInt64(offset & 3), bytes: bytes).enables, requester: requester, tag: tag)
  }

  /// An I/O read of bytes within one DW.
  public static func ioRead(address: UInt32, bytes: Int, requester: FunctionAddress, tag: UInt16) -> TLPHeader
  {
    word(
      formatAndType: 0b000_00010, dw2: address & ~3,
      enables: select(address: UInt64(address & 3), bytes: bytes).enables, requester: requester, tag: tag)
  }

  /// An I/O write of bytes within one DW.
  public static func ioWrite(address: UInt32, bytes: Int, requester: FunctionAddress, tag: UInt16)
    -> TLPHeader
  {
    word(
      formatAndType: 0b010_00010, dw2: address & ~3,
      enables: select(address: UInt64(address & 3), bytes: bytes).enables, requester: requester, tag: tag)
  }
}

// What a memory or AtomicOp request selects.
extension TLPHeader {
  /// Whether a request for memory selects all bytes of its DWs.
  @inlinable @inline(__always)
  public var enablesEveryByte: Bool { dw1 & 0xff == 0xff || dw1 & 0xff == 0x0f && lengthField == 1 }

  /// Whether it is a read or write of whole DWs of memory with nothing to it.
  ///
  /// So without prefix, digest, poison, processing hint, address translation and lightweight notification.
  /// - Source: PCI Express Base 5.0, 2.2.1 figure 2-4 and 2.2.4.1 "Address-Based Routing Rules".
  @inlinable @inline(__always)
  public var isPlainMemoryRequest: Bool {
    dw0 & 0x9f03_cc00 == 0 && enablesEveryByte && prefixes.isEmpty
  }

  /// The bytes before the first enabled one in the first DW; zero when none is enabled.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1.1 table 2-39 "Calculating Lower Address from 1st DW BE".
  @inlinable
  public var leadBytes: Int { firstByteEnable == 0 ? 0 : firstByteEnable.trailingZeroBitCount }

  /// The bytes from the first to the last enabled one; one for the zero-length request.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1.1 table 2-38 "Calculating Byte Count".
  @inlinable @inline(__always)
  public var requestedBytes: Int {
    let last = lastByteEnable
    if last == 0 {
      let first = firstByteEnable
      return first == 0 ? 1 : 8 - first.leadingZeroBitCount - first.trailingZeroBitCount
    }
    return lengthDW * 4 - leadBytes - (last.leadingZeroBitCount - 4)
  }

  /// The address of the first enabled byte.
  @inlinable @inline(__always)
  public var firstByteAddress: UInt64 { address + UInt64(leadBytes) }
}
