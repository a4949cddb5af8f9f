/// A header decoded to the words a person reads; the only place that makes text of TLPs.
public struct TLPText: Hashable, Sendable {
  /// `MRd`, `CplD`, `Msg` and so on; the first byte in hexadecimal where it names no TLP.
  public var mnemonic: String
  /// At least two hexadecimal digits without a prefix; nil for messages and posted writes.
  public var tag: String?
  /// `0x0010_0000`, or `01:00.0 reg 0x010` of a configuration request.
  public var address: String?
  /// `SC`, `UR`, `RRS` or `CA` of a completion.
  public var status: String?
  /// The bytes that are written, asked for or returned.
  public var bytes: Int?
  /// The name of a message, `poisoned`, a PASID and the like.
  public var detail: String?

  /// Decodes a header.
  public init(_ header: TLPHeader) {
    guard let kind = header.kind else {
      mnemonic = "0x" + hexadecimal(UInt64(header.formatAndType), digits: 2)
      return
    }
    mnemonic = kind.mnemonic
    if kind.flowControlClass != .posted { tag = hexadecimal(UInt64(header.tag), digits: 2) }
    switch kind {
    case .memoryRead, .memoryReadLocked, .memoryWrite:
      address = Self.grouped(header.firstByteAddress, digits: header.hasFourDWs ? 16 : 8)
      bytes = header.firstByteEnable == 0 && header.lastByteEnable == 0 ? 0 : header.requestedBytes
    case .ioRead, .ioWrite:
      address = Self.grouped(header.firstByteAddress, digits: 8)
      bytes = header.firstByteEnable.nonzeroBitCount
    case .fetchAdd, .swap, .compareAndSwap:
      address = Self.grouped(header.address, digits: header.hasFourDWs ? 16 : 8)
      bytes = header.completionBytes
    case .configurationRead0, .configurationRead1, .configurationWrite0, .configurationWrite1:
      let register = Int(header.registerOffset) + header.leadBytes
      address = "\(header.destinationID) reg 0x\(hexadecimal(UInt64(register), digits: 3))"
      bytes = header.firstByteEnable.nonzeroBitCount
    case .completion, .completionLocked:
      status = header.completionStatus.mnemonic
    case .completionWithData, .completionLockedWithData:
      status = header.completionStatus.mnemonic
      bytes = Swift.min(header.byteCount, header.lengthDW * 4 - Int(header.lowerAddress & 3))
    case .message, .messageWithData:
      if header.hasData { bytes = header.payloadBytes }
    }
    detail = Self.detail(header, kind)
  }

  /// The whole on one line, such as `MRd tag 02 0x0010_0000 64 B`.
  public var line: String {
    var words = [mnemonic]
    if let tag { words.append("tag \(tag)") }
    if let address { words.append(address) }
    if let status { words.append(status) }
    if let bytes { words.append("\(bytes) B") }
    if let detail { words.append(detail) }
    return words.joined(separator: " ")
  }

  private static func detail(_ header: TLPHeader, _ kind: TLPKind) -> String? {
    var words: [String] = []
    if kind.isMessage {
      let code = hexadecimal(UInt64(header.messageCodeByte), digits: 2)
      words.append(header.messageCode?.mnemonic ?? "code 0x\(code)")
    }
    if let prefix = header.prefixes.processAddressSpace {
      words.append("PASID 0x\(hexadecimal(UInt64(prefix.processAddressSpaceID), digits: 5))")
    }
    if header.isPoisoned { words.append("poisoned") }
    if header.addressType == 1 { words.append("translation request") }
    if header.addressType == 2 { words.append("translated") }
    return words.isEmpty ? nil : words.joined(separator: ", ")
  }

  /// A number in groups of four hexadecimal digits, `0x0010_0000`.
  public static func grouped(_ value: UInt64, digits: Int) -> String {
    let text = hexadecimal(value, digits: digits)
    var result = "0x"
    for (index, digit) in text.enumerated() {
      if index > 0 && (text.count - index) % 4 == 0 { result.append("_") }
      result.append(digit)
    }
    return result
  }
}
