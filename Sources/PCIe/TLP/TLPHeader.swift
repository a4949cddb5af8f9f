/// The header of a transaction layer packet, kept as it stands on the wire and read through typed fields.
///
/// A setter changes just its field, so that a header can be wrong on purpose; the rules stand in
/// `TLPRules`.
///
/// - Layout: three or four DWs in host order, the first wire byte in bits 31:24; with three `dw3` is zero.
/// - Source: PCI Express Base 5.0, 2.2.1 "Common Packet Header Fields".
@frozen
public struct TLPHeader: Hashable, Sendable {
  // Two DWs in one word, the first of them in the lower half: a header then moves in two registers.
  @usableFromInline var words01: UInt64
  @usableFromInline var words23: UInt64
  public var prefixes: TLPPrefixes

  /// A header from its DWs, without prefixes.
  @inlinable
  public init(dw0: UInt32 = 0, dw1: UInt32 = 0, dw2: UInt32 = 0, dw3: UInt32 = 0) {
    words01 = UInt64(dw1) << 32 | UInt64(dw0)
    words23 = UInt64(dw3) << 32 | UInt64(dw2)
    prefixes = TLPPrefixes()
  }

  /// The DW that every header begins with.
  @inlinable
  public var dw0: UInt32 {
    get { UInt32(truncatingIfNeeded: words01) }
    set { words01 = words01 & 0xffff_ffff_0000_0000 | UInt64(newValue) }
  }

  /// The second DW.
  @inlinable
  public var dw1: UInt32 {
    get { UInt32(truncatingIfNeeded: words01 >> 32) }
    set { words01 = words01 & 0xffff_ffff | UInt64(newValue) << 32 }
  }

  /// The third DW.
  @inlinable
  public var dw2: UInt32 {
    get { UInt32(truncatingIfNeeded: words23) }
    set { words23 = words23 & 0xffff_ffff_0000_0000 | UInt64(newValue) }
  }

  /// The fourth DW, zero in a header of three.
  @inlinable
  public var dw3: UInt32 {
    get { UInt32(truncatingIfNeeded: words23 >> 32) }
    set { words23 = words23 & 0xffff_ffff | UInt64(newValue) << 32 }
  }
}

// Fields that every TLP has.
extension TLPHeader {
  /// The kind, or nil where Fmt and Type name none.
  @inlinable @inline(__always)
  public var kind: TLPKind? {
    if isMemoryReadOrWrite { return hasData ? .memoryWrite : .memoryRead }
    if isCompletionUnlocked { return hasData ? .completionWithData : .completion }
    return TLPKind(formatAndType: formatAndType)
  }

  /// Whether this is a plain memory read or memory write, the kinds that most TLPs are of.
  @inlinable @inline(__always)
  public var isMemoryReadOrWrite: Bool { dw0 >> 24 & 0b1001_1111 == 0 }

  /// Whether this is a completion of a request that locks nothing.
  @inlinable @inline(__always)
  var isCompletionUnlocked: Bool { dw0 >> 24 & 0b1011_1111 == 0b000_01010 }

  /// Fmt in bits 7:5 and Type in bits 4:0.
  @inlinable
  public var formatAndType: UInt8 {
    get { UInt8(truncatingIfNeeded: dw0 >> 24) }
    set { dw0 = dw0 & 0x00ff_ffff | UInt32(newValue) << 24 }
  }

  /// Whether the header has four DWs.
  @inlinable public var hasFourDWs: Bool { dw0 & 0x2000_0000 != 0 }
  /// Whether a payload follows.
  @inlinable public var hasData: Bool { dw0 & 0x4000_0000 != 0 }
  /// 12 or 16.
  @inlinable public var headerBytes: Int { hasFourDWs ? 16 : 12 }

  /// The raw Length field, 0 to 1023.
  @inlinable
  public var lengthField: UInt32 {
    get { dw0 & 0x3ff }
    set { dw0 = dw0 & ~0x3ff | newValue & 0x3ff }
  }

  /// The number of data DWs that the Length field means: 1 to 1024.
  @inlinable
  public var lengthDW: Int {
    get { lengthField == 0 ? 1024 : Int(lengthField) }
    set { lengthField = UInt32(truncatingIfNeeded: newValue & 0x3ff) }
  }

  /// The payload bytes that follow the header according to its own fields.
  @inlinable
  public var payloadBytes: Int { hasData ? lengthDW * 4 : 0 }

  /// TC, 0 to 7.
  @inlinable
  public var trafficClass: UInt8 {
    get { UInt8(truncatingIfNeeded: dw0 >> 20 & 7) }
    set { dw0 = dw0 & ~(7 << 20) | UInt32(newValue & 7) << 20 }
  }

  /// The ordering and coherence hints.
  @inlinable
  public var attributes: TLPAttributes {
    get { TLPAttributes(rawValue: UInt8(truncatingIfNeeded: dw0 >> 12 & 3 | dw0 >> 16 & 4)) }
    set {
      let bits = UInt32(newValue.rawValue)
      dw0 = dw0 & ~(3 << 12 | 1 << 18) | (bits & 3) << 12 | (bits & 4) << 16
    }
  }

  /// The address type: 0 untranslated, 1 translation request, 2 translated.
  @inlinable
  public var addressType: UInt8 {
    get { UInt8(truncatingIfNeeded: dw0 >> 10 & 3) }
    set { dw0 = dw0 & ~(3 << 10) | UInt32(newValue & 3) << 10 }
  }

  /// TD: an ECRC digest follows the payload.
  @inlinable
  public var hasDigest: Bool {
    get { dw0 & 1 << 15 != 0 }
    set { dw0 = newValue ? dw0 | 1 << 15 : dw0 & ~(1 << 15) }
  }

  /// EP: the payload is known to be bad.
  @inlinable
  public var isPoisoned: Bool {
    get { dw0 & 1 << 14 != 0 }
    set { dw0 = newValue ? dw0 | 1 << 14 : dw0 & ~(1 << 14) }
  }

  /// TH: a processing hint stands in the address or tag field.
  @inlinable
  public var hasProcessingHint: Bool {
    get { dw0 & 1 << 16 != 0 }
    set { dw0 = newValue ? dw0 | 1 << 16 : dw0 & ~(1 << 16) }
  }

  /// LN: lightweight notification.
  @inlinable
  public var isLightweightNotification: Bool {
    get { dw0 & 1 << 17 != 0 }
    set { dw0 = newValue ? dw0 | 1 << 17 : dw0 & ~(1 << 17) }
  }

  /// The 8-bit Tag with T8 and T9, 0 to 1023; it stands in another DW in a completion.
  @inlinable @inline(__always)
  public var tag: UInt16 {
    get {
      let low = isCompletionShaped ? dw2 >> 8 & 0xff : dw1 >> 8 & 0xff
      return UInt16(truncatingIfNeeded: low | dw0 >> 11 & 0x100 | dw0 >> 14 & 0x200)
    }
    set {
      let low = UInt32(newValue & 0xff) << 8
      if isCompletionShaped { dw2 = dw2 & ~0xff00 | low } else { dw1 = dw1 & ~0xff00 | low }
      dw0 = dw0 & ~(1 << 19 | 1 << 23) | UInt32(newValue & 0x100) << 11 | UInt32(newValue & 0x200) << 14
    }
  }

  /// Whether the Type field is that of a completion, which moves the requester ID and the tag.
  @inlinable
  public var isCompletionShaped: Bool { dw0 >> 24 & 0x1e == 0b01010 }

  /// The function that sent the request; also in its completions.
  @inlinable @inline(__always)
  public var requesterID: FunctionAddress {
    get { FunctionAddress(rawValue: UInt16(truncatingIfNeeded: (isCompletionShaped ? dw2 : dw1) >> 16)) }
    set {
      let bits = UInt32(newValue.rawValue) << 16
      if isCompletionShaped { dw2 = dw2 & 0xffff | bits } else { dw1 = dw1 & 0xffff | bits }
    }
  }
}

// Fields of memory, I/O and configuration requests.
extension TLPHeader {
  /// The enabled bytes of the first DW, bit 0 for the lowest address.
  @inlinable
  public var firstByteEnable: UInt8 {
    get { UInt8(truncatingIfNeeded: dw1 & 0xf) }
    set { dw1 = dw1 & ~0xf | UInt32(newValue & 0xf) }
  }

  /// The enabled bytes of the last DW, zero for a request of one DW.
  @inlinable
  public var lastByteEnable: UInt8 {
    get { UInt8(truncatingIfNeeded: dw1 >> 4 & 0xf) }
    set { dw1 = dw1 & ~0xf0 | UInt32(newValue & 0xf) << 4 }
  }

  /// The DW-aligned address of a memory, I/O or AtomicOp request.
  @inlinable
  public var address: UInt64 {
    get { hasFourDWs ? UInt64(dw2) << 32 | UInt64(dw3 & ~3) : UInt64(dw2 & ~3) }
    set {
      if hasFourDWs {
        dw2 = UInt32(truncatingIfNeeded: newValue >> 32)
        dw3 = dw3 & 3 | UInt32(truncatingIfNeeded: newValue) & ~3
      } else {
        dw2 = dw2 & 3 | UInt32(truncatingIfNeeded: newValue) & ~3
      }
    }
  }

  /// PH, the processing hint in the two low address bits.
  @inlinable
  public var processingHint: UInt8 {
    get { UInt8(truncatingIfNeeded: (hasFourDWs ? dw3 : dw2) & 3) }
    set {
      if hasFourDWs { dw3 = dw3 & ~3 | UInt32(newValue & 3) } else { dw2 = dw2 & ~3 | UInt32(newValue & 3) }
    }
  }

  /// The function that a configuration request or an ID-routed message is for.
  @inlinable
  public var destinationID: FunctionAddress {
    get { FunctionAddress(rawValue: UInt16(truncatingIfNeeded: dw2 >> 16)) }
    set { dw2 = dw2 & 0xffff | UInt32(newValue.rawValue) << 16 }
  }

  /// The DW-aligned byte offset of a configuration request, 0 to 4092.
  @inlinable
  public var registerOffset: UInt16 {
    get { UInt16(truncatingIfNeeded: dw2 & 0xffc) }
    set { dw2 = dw2 & ~0xffc | UInt32(newValue & 0xffc) }
  }
}

// Fields of completions.
extension TLPHeader {
  /// The function that answers.
  @inlinable
  public var completerID: FunctionAddress {
    get { FunctionAddress(rawValue: UInt16(truncatingIfNeeded: dw1 >> 16)) }
    set { dw1 = dw1 & 0xffff | UInt32(newValue.rawValue) << 16 }
  }

  /// The status; a reserved encoding reads as unsupported request, as the specification says.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.2 "Completion Handling Rules".
  @inlinable @inline(__always)
  public var completionStatus: CompletionStatus {
    get { CompletionStatus(rawValue: UInt8(truncatingIfNeeded: dw1 >> 13 & 7)) ?? .unsupportedRequest }
    set { dw1 = dw1 & ~(7 << 13) | UInt32(newValue.rawValue) << 13 }
  }

  /// BCM, set by PCI-X completers only.
  @inlinable
  public var byteCountModified: Bool {
    get { dw1 & 1 << 12 != 0 }
    set { dw1 = newValue ? dw1 | 1 << 12 : dw1 & ~(1 << 12) }
  }

  /// The bytes still to come including this completion, 1 to 4096.
  @inlinable
  public var byteCount: Int {
    get { dw1 & 0xfff == 0 ? 4096 : Int(dw1 & 0xfff) }
    set { dw1 = dw1 & ~0xfff | UInt32(truncatingIfNeeded: newValue & 0xfff) }
  }

  /// The low seven address bits of the first byte that the completion carries.
  @inlinable
  public var lowerAddress: UInt8 {
    get { UInt8(truncatingIfNeeded: dw2 & 0x7f) }
    set { dw2 = dw2 & ~0x7f | UInt32(newValue & 0x7f) }
  }
}
