import PCIe
import Simulation

/// A header with one field changed, and the value that the field has now.
struct FieldChange: Sendable {
  var header: TLPHeader
  var value: UInt64

  /// Changes a field of the header to a value that is given.
  ///
  /// - Returns: nil where the TLP has no such field, or has that value already.
  init?(_ field: LinkFault.Field, of tlp: FabricTLP, to value: UInt64) {
    guard Self.has(field, tlp) else { return nil }
    header = tlp.header
    self.value = value
    Self.set(field, &header, value)
    guard header != tlp.header else { return nil }
  }

  /// Changes a field of the header to one that is drawn.
  ///
  /// - Returns: nil where the TLP has no such field, or no value of it would be wrong in the way asked for.
  init?(_ field: LinkFault.Field, of tlp: FabricTLP, drawing generator: inout SeededGenerator) {
    guard Self.has(field, tlp) else { return nil }
    header = tlp.header
    let drawn: UInt64?
    switch field {
    case .type: drawn = Self.undefinedType(tlp.header, &generator)
    case .length: drawn = Self.illegalLength(tlp, &generator)
    case .firstByteEnables: drawn = Self.illegalEnables(tlp)
    case .boundary: drawn = Self.endOfPage(tlp.header)
    case .address: drawn = Self.otherPage(tlp.header, &generator)
    case .requester: drawn = Self.other(than: UInt64(header.requesterID.rawValue), below: 1 << 16, &generator)
    case .tag: drawn = Self.other(than: UInt64(header.tag), below: header.tag < 256 ? 256 : 1024, &generator)
    case .byteCount:
      drawn = Self.other(than: UInt64(header.byteCount - 1), below: 4096, &generator) + 1
    case .linkCRC, .nullified, .badEnd, .credits, .ecrc, .sequence, .maxPayload, .payload: drawn = nil
    }
    guard let drawn else { return nil }
    value = drawn
    Self.set(field, &header, drawn)
  }

  /// Whether the TLP has a field of the header.
  private static func has(_ field: LinkFault.Field, _ tlp: FabricTLP) -> Bool {
    guard let kind = tlp.kind else { return field == .type || field == .length }
    return switch field {
    case .type, .length, .requester: true
    case .firstByteEnables: kind.hasByteEnables
    case .address: kind.isAddressed
    case .boundary: (kind == .memoryRead || kind == .memoryWrite) && tlp.header.lengthDW > 1
    case .tag: kind.flowControlClass != .posted
    case .byteCount: kind.isCompletion
    case .linkCRC, .nullified, .badEnd, .credits, .ecrc, .sequence, .maxPayload, .payload: false
    }
  }

  private static func set(_ field: LinkFault.Field, _ header: inout TLPHeader, _ value: UInt64) {
    switch field {
    case .type: header.formatAndType = UInt8(truncatingIfNeeded: value)
    case .length: header.lengthField = UInt32(truncatingIfNeeded: value & 0x3ff)
    case .firstByteEnables: header.firstByteEnable = UInt8(truncatingIfNeeded: value & 0xf)
    case .address, .boundary: header.address = value
    case .requester: header.requesterID = FunctionAddress(rawValue: UInt16(truncatingIfNeeded: value))
    case .tag: header.tag = UInt16(truncatingIfNeeded: value & 0x3ff)
    case .byteCount: header.byteCount = Int(truncatingIfNeeded: value & 0xfff)
    case .linkCRC, .nullified, .badEnd, .credits, .ecrc, .sequence, .maxPayload, .payload: break
    }
  }

  private static func other(than value: UInt64, below bound: UInt64, _ generator: inout SeededGenerator)
    -> UInt64
  {
    let drawn = generator.below(bound - 1)
    return drawn < value ? drawn : drawn + 1
  }

  /// A Type that names no TLP with the same Fmt, so that header and payload keep their sizes.
  private static func undefinedType(_ header: TLPHeader, _ generator: inout SeededGenerator) -> UInt64? {
    let format = header.formatAndType & 0b111_00000
    let undefined = (UInt8(0)..<32).filter {
      TLPKind(formatAndType: format | $0) == nil && format | $0 != header.formatAndType
    }
    guard !undefined.isEmpty else { return nil }
    return UInt64(format | undefined[Int(generator.below(UInt64(undefined.count)))])
  }

  /// A Length that the payload, the byte enables or the 4 KiB rule contradict.
  private static func illegalLength(_ tlp: FabricTLP, _ generator: inout SeededGenerator) -> UInt64? {
    let start = generator.below(1024)
    var header = tlp.header
    for step in 0..<UInt64(1024) {
      header.lengthField = UInt32(truncatingIfNeeded: (start + step) & 0x3ff)
      let rule = TLPRules.check(
        header, kind: tlp.kind, payloadBytes: Int(tlp.payload.bytes), maxPayloadBytes: 4096)
      if rule != nil, header != tlp.header { return UInt64(header.lengthField) }
    }
    return nil
  }

  /// No byte of the first of several DWs, which only a request of one DW may say.
  private static func illegalEnables(_ tlp: FabricTLP) -> UInt64? {
    var header = tlp.header
    header.firstByteEnable = 0
    let rule = TLPRules.check(
      header, kind: tlp.kind, payloadBytes: Int(tlp.payload.bytes), maxPayloadBytes: 4096)
    if case .byteEnables = rule, header != tlp.header { return 0 }
    return nil
  }

  /// The last DW of its 4 KiB page; nil for a request that crosses the end already.
  private static func endOfPage(_ header: TLPHeader) -> UInt64? {
    let last = header.address | 0xffc
    return last == header.address ? nil : last
  }

  /// The same place in another 4 KiB page, which the header can hold.
  private static func otherPage(_ header: TLPHeader, _ generator: inout SeededGenerator) -> UInt64? {
    let pages: UInt64 = header.hasFourDWs ? 1 << 52 : 1 << 20
    var page = other(than: header.address >> 12, below: pages, &generator)
    // Four DWs are for addresses from 4 GiB up only.
    if header.hasFourDWs, page >> 20 == 0 { page |= 1 << 20 }
    guard page != header.address >> 12 else { return nil }
    return page << 12 | header.address & 0xfff
  }
}
