/// A data link layer packet.
///
/// - Layout: a type byte and three bytes of content, then the CRC-16 with its low byte first.
/// - Source: PCI Express Base 5.0, 3.5.1 "Data Link Layer Packet Rules".
public enum DLLP: Hashable, Sendable {
  /// What a power management DLLP asks for.
  public enum PowerManagement: UInt8, CaseIterable, Hashable, Sendable {
    case enterL1 = 0x20
    case enterL23 = 0x21
    case activeStateRequestL1 = 0x23
    case requestAcknowledge = 0x24
  }

  /// All TLPs up to a 12-bit sequence number have arrived.
  case ack(sequence: UInt16)
  /// All TLPs up to a 12-bit sequence number have arrived, and what follows must be sent again.
  case nak(sequence: UInt16)
  case flowControl(FlowControlDLLP)
  /// The features of a data link layer, 23 bits, and whether those of the partner have arrived.
  case dataLinkFeature(supported: UInt32, isAcknowledged: Bool)
  case powerManagement(PowerManagement)
  /// Carries 24 bits without meaning.
  case noOperation(content: UInt32)
  /// Carries 24 bits that a vendor defines.
  case vendorSpecific(content: UInt32)

  /// The length on the wire, CRC included.
  public static let encodedBytes = 6

  /// Reads the four bytes before the CRC, in host order; reserved bits are ignored.
  ///
  /// - Throws: `undefinedType`.
  public init(word: UInt32) throws(DLLPError) {
    let type = UInt8(word >> 24)
    let content = word & 0xff_ffff
    switch type {
    case 0x00: self = .ack(sequence: UInt16(content & 0xfff))
    case 0x10: self = .nak(sequence: UInt16(content & 0xfff))
    case 0x02: self = .dataLinkFeature(supported: content & 0x7f_ffff, isAcknowledged: content >> 23 == 1)
    case 0x30: self = .vendorSpecific(content: content)
    case 0x31: self = .noOperation(content: content)
    default:
      if let request = PowerManagement(rawValue: type) {
        self = .powerManagement(request)
      } else if let credits = FlowControlDLLP(word: word) {
        self = .flowControl(credits)
      } else {
        throw .undefinedType(type)
      }
    }
  }

  /// The four bytes before the CRC, in host order.
  public var word: UInt32 {
    switch self {
    case .ack(let sequence): UInt32(sequence & 0xfff)
    case .nak(let sequence): 0x10 << 24 | UInt32(sequence & 0xfff)
    case .flowControl(let credits): credits.word
    case .dataLinkFeature(let supported, let isAcknowledged):
      0x02 << 24 | supported & 0x7f_ffff | (isAcknowledged ? 1 << 23 : 0)
    case .powerManagement(let request): UInt32(request.rawValue) << 24
    case .noOperation(let content): 0x31 << 24 | content & 0xff_ffff
    case .vendorSpecific(let content): 0x30 << 24 | content & 0xff_ffff
    }
  }
}

extension DLLP {
  /// Reads six bytes and checks their CRC.
  ///
  /// - Throws: a `DLLPError` for every byte string that is no DLLP; never traps.
  public static func decode(_ bytes: RawSpan) throws(DLLPError) -> DLLP {
    guard bytes.byteCount == encodedBytes else { throw .wrongLength(seen: bytes.byteCount) }
    let word: UInt32 = bytes.loadBE(at: 0)
    let seen: UInt16 = bytes.loadLE(at: 4)
    let expected = checksum(word)
    guard seen == expected else { throw .wrongCRC(expected: expected, seen: seen) }
    return try DLLP(word: word)
  }

  /// Writes the six bytes.
  public func encode(into bytes: inout MutableRawSpan) {
    precondition(bytes.byteCount >= Self.encodedBytes, "no room for the DLLP")
    bytes.storeBE(word, at: 0)
    bytes.storeLE(Self.checksum(word), at: 4)
  }

  /// The DLLP as it travels.
  public var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.encodedBytes)
    bytes.withMutableRawSpan { encode(into: &$0) }
    return bytes
  }

  /// The CRC of the four bytes before it.
  public static func checksum(_ word: UInt32) -> UInt16 {
    var crc = CRC16()
    crc.add(UInt8(truncatingIfNeeded: word >> 24))
    crc.add(UInt8(truncatingIfNeeded: word >> 16))
    crc.add(UInt8(truncatingIfNeeded: word >> 8))
    crc.add(UInt8(truncatingIfNeeded: word))
    return crc.value
  }

  /// The type as the specification writes it.
  public var mnemonic: String {
    switch self {
    case .ack: "Ack"
    case .nak: "Nak"
    case .flowControl(let credits): credits.mnemonic
    case .dataLinkFeature: "Data_Link_Feature"
    case .powerManagement(.enterL1): "PM_Enter_L1"
    case .powerManagement(.enterL23): "PM_Enter_L23"
    case .powerManagement(.activeStateRequestL1): "PM_Active_State_Request_L1"
    case .powerManagement(.requestAcknowledge): "PM_Request_Ack"
    case .noOperation: "NOP"
    case .vendorSpecific: "Vendor_Specific"
    }
  }
}
