/// The CRC-32 of TLPs, for the link (LCRC) and from end to end (ECRC).
///
/// - Layout: polynomial 0x04c11db7 reflected, start value and final exclusive-or all ones.
/// - Complexity: O(bytes), eight bytes a step, no allocation after the first use.
/// - Source: PCI Express Base 5.0, 2.7.1 "ECRC Rules" and 3.6.2.1 "LCRC and Sequence Number Rules".
@frozen
public struct CRC32: Hashable, Sendable {
  /// The register before the final exclusive-or.
  @usableFromInline var register: UInt32 = .max

  /// A checksum of nothing yet.
  @inlinable
  public init() {}

  /// The checksum of what was added; its least significant byte travels first.
  @inlinable
  public var value: UInt32 { ~register }

  /// Adds bytes.
  public mutating func add(_ bytes: RawSpan) {
    let table = Self.table.span
    var crc = register
    var index = 0
    let count = bytes.byteCount
    while count - index >= 8 {
      let word: UInt64 = bytes.loadLE(at: index) ^ UInt64(crc)
      let low =
        table[Int(word & 255) + 1792] ^ table[Int(word >> 8 & 255) + 1536]
        ^ table[Int(word >> 16 & 255) + 1280] ^ table[Int(word >> 24 & 255) + 1024]
      let high =
        table[Int(word >> 32 & 255) + 768] ^ table[Int(word >> 40 & 255) + 512]
        ^ table[Int(word >> 48 & 255) + 256] ^ table[Int(word >> 56)]
      crc = low ^ high
      index += 8
    }
    while index < count {
      let byte: UInt8 = bytes.loadLE(at: index)
      crc = crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
      index += 1
    }
    register = crc
  }

  /// Adds a byte.
  mutating func add(_ byte: UInt8) {
    register = register >> 8 ^ Self.table[Int(UInt8(truncatingIfNeeded: register) ^ byte)]
  }

  /// Adds a DW of a header, most significant byte first.
  @inline(__always)
  mutating func add(bigEndian word: UInt32) {
    let table = Self.table
    let mixed = word.byteSwapped ^ register
    register =
      table[Int(mixed & 255) + 768] ^ table[Int(mixed >> 8 & 255) + 512]
      ^ table[Int(mixed >> 16 & 255) + 256] ^ table[Int(mixed >> 24)]
  }

  /// Adds the DWs of a header and what stands before them.
  @inline(__always)
  mutating func add(_ header: TLPHeader) {
    if !header.prefixes.isEmpty {
      for index in 0..<header.prefixes.count { add(bigEndian: header.prefixes[index].rawValue) }
    }
    add(bigEndian: header.dw0)
    add(bigEndian: header.dw1)
    add(bigEndian: header.dw2)
    if header.hasFourDWs { add(bigEndian: header.dw3) }
  }

  /// Eight tables of 256: entry n of table k is byte n followed by k zero bytes.
  ///
  /// An array, as its span is free; an inline array would be copied to the stack on each call.
  static let table: [UInt32] = {
    var table = [UInt32](repeating: 0, count: 2048)
    for index in 0..<256 {
      var value = UInt32(index)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
      table[index] = value
    }
    for index in 256..<2048 {
      let shorter = table[index - 256]
      table[index] = shorter >> 8 ^ table[Int(shorter & 255)]
    }
    return table
  }()
}
