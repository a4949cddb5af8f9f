/// The LCRC that protects a TLP on one link.
///
/// - Source: PCI Express Base 5.0, 3.6.2.1 "LCRC and Sequence Number Rules (TLP Transmitter)".
public enum LinkCRC {
  /// The LCRC of a TLP with its sequence number.
  ///
  /// - Layout: covers four reserved bits and the 12-bit sequence number, then the TLP with its prefixes.
  public static func value(sequence: UInt16, tlp bytes: RawSpan) -> UInt32 {
    var crc = CRC32()
    crc.add(sequence: sequence)
    crc.add(bytes)
    return crc.value
  }

  /// The LCRC of a header with prefixes and payload as they stand apart in memory, without a digest.
  ///
  /// - Complexity: O(bytes); allocates nothing.
  public static func value(sequence: UInt16, header: TLPHeader, payload: RawSpan) -> UInt32 {
    var crc = CRC32()
    crc.add(sequence: sequence)
    crc.add(header)
    if payload.byteCount > 0 { crc.add(payload) }
    return crc.value
  }
}

extension CRC32 {
  /// Adds the two bytes with the sequence number.
  @inline(__always)
  mutating func add(sequence: UInt16) {
    let table = Self.table
    let mixed = UInt32((sequence & 0xfff).byteSwapped) ^ register
    register = register >> 16 ^ table[Int(mixed & 255) + 256] ^ table[Int(mixed >> 8 & 255)]
  }
}
