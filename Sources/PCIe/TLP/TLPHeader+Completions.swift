// Making completions. Nothing here allocates.
extension TLPHeader {
  /// A completion with or without data that echoes the request's descriptor.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.9 "Completion Rules" and 2.3.1 "Request Handling Rules".
  @inlinable
  static func completion(
    formatAndType: UInt32, of request: TLPHeader, completer: FunctionAddress, lengthDW: Int
  ) -> TLPHeader {
    // Traffic class, attributes and the two upper tag bits stand in the same places of both headers.
    let echoed = request.dw0 & (7 << 20 | 1 << 18 | 3 << 12 | 1 << 23 | 1 << 19)
    return TLPHeader(
      dw0: formatAndType << 24 | echoed | UInt32(truncatingIfNeeded: lengthDW) & 0x3ff,
      dw1: UInt32(completer.rawValue) << 16, dw2: request.dw1 & 0xffff_ff00)
  }

  /// A completion without data: of a write, or one that says that a request has failed.
  ///
  /// - Units: `remainingBytes` counts what a memory read still waits for; nil takes all of the request.
  @inlinable
  public static func completion(
    of request: TLPHeader, status: CompletionStatus, completer: FunctionAddress, remainingBytes: Int? = nil
  ) -> TLPHeader {
    let isLocked = request.kind == .memoryReadLocked
    var header = completion(
      formatAndType: isLocked ? 0b000_01011 : 0b000_01010, of: request, completer: completer, lengthDW: 0)
    header.completionStatus = status
    header.byteCount = remainingBytes ?? request.completionBytes
    if request.isMemoryReadShaped {
      header.lowerAddress = UInt8(truncatingIfNeeded: Int(request.address & 0x7c) + request.leadBytes)
    }
    return header
  }

  /// A completion with a piece of the data that a memory read asked for.
  ///
  /// - Units: `address` is that of the piece's first byte, `bytes` its length, `remainingBytes` includes it.
  @inlinable
  public static func completionWithData(
    of request: TLPHeader, completer: FunctionAddress, address: UInt64, bytes: Int, remainingBytes: Int
  ) -> TLPHeader {
    let isLocked = request.kind == .memoryReadLocked
    let lengthDW = (Int(address & 3) + bytes + 3) >> 2
    var header = completion(
      formatAndType: isLocked ? 0b010_01011 : 0b010_01010, of: request, completer: completer,
      lengthDW: lengthDW)
    header.byteCount = remainingBytes
    header.lowerAddress = UInt8(truncatingIfNeeded: address & 0x7f)
    return header
  }

  /// A completion with the one DW that a configuration or I/O read asked for.
  @inlinable
  public static func completionWithWord(of request: TLPHeader, completer: FunctionAddress) -> TLPHeader {
    var header = completion(formatAndType: 0b010_01010, of: request, completer: completer, lengthDW: 1)
    header.byteCount = 4
    return header
  }

  /// A completion with the old value that an AtomicOp asked for; the lower address is reserved in it.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.9 "Completion Rules".
  public static func completionWithOperand(
    of request: TLPHeader, completer: FunctionAddress
  ) -> TLPHeader {
    let bytes = request.completionBytes
    var header = completion(
      formatAndType: 0b010_01010, of: request, completer: completer, lengthDW: bytes / 4)
    header.byteCount = bytes
    return header
  }

  /// Whether the request's completions carry an address and a counted-down byte count.
  @inlinable
  var isMemoryReadShaped: Bool { dw0 >> 24 & 0b1101_1110 == 0 }

  /// The Byte Count of the first, or of a failing, completion of a request.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.9: operand size for AtomicOps, 4 for what is no memory read.
  @inlinable
  public var completionBytes: Int {
    switch kind {
    case .memoryRead, .memoryReadLocked: requestedBytes
    case .fetchAdd, .swap: lengthDW * 4
    case .compareAndSwap: lengthDW * 2
    default: 4
    }
  }
}
