/// The ECRC that protects a TLP from its source to its ultimate receiver.
///
/// - Source: PCI Express Base 5.0, 2.7.1 "ECRC Rules".
public enum EndToEndCRC {
  /// Type[0] and EP may change on the way and count as ones.
  static let variantBits: UInt32 = 1 << 24 | 1 << 14

  /// The ECRC of a header and its payload; local prefixes are not covered.
  public static func value(header: TLPHeader, payload: RawSpan) -> UInt32 {
    var crc = CRC32()
    for index in 0..<header.prefixes.count where header.prefixes[index].isEndToEnd {
      crc.add(bigEndian: header.prefixes[index].rawValue)
    }
    crc.add(bigEndian: header.dw0 | variantBits)
    crc.add(bigEndian: header.dw1)
    crc.add(bigEndian: header.dw2)
    if header.hasFourDWs { crc.add(bigEndian: header.dw3) }
    crc.add(payload)
    return crc.value
  }
}

extension TLP {
  /// Sets TD and the digest that belongs to header and payload.
  public mutating func seal() {
    header.hasDigest = true
    digest = EndToEndCRC.value(header: header, payload: payload.rawSpan)
  }

  /// Whether the digest is right; nil without one.
  public var isDigestRight: Bool? {
    digest.map { $0 == EndToEndCRC.value(header: header, payload: payload.rawSpan) }
  }
}
