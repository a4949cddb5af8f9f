import PCIe

/// The checksum that DMA endpoint and driver compare: CRC-32 from all ones, without the final inversion.
///
/// - Complexity: eight bytes a step.
/// - Source: Linux, `crc32_le(~0, …)` of `lib/crc32.c`; polynomial 0xedb88320, least significant bit first.
struct Checksum: Hashable, Sendable {
  private(set) var value: UInt32 = .max

  /// Eight tables of 256: the effect of a byte that is 0 to 7 bytes away from the end of a step.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      tables[byte] = (0..<8).reduce(UInt32(byte)) { value, _ in value >> 1 ^ (value & 1) &* 0xedb8_8320 }
    }
    for index in 256..<2048 {
      let before = tables[index - 256]
      tables[index] = before >> 8 ^ tables[Int(before & 0xff)]
    }
    return tables
  }()

  /// Takes in the first bytes of an array.
  mutating func update(_ bytes: [UInt8], count: Int) {
    let tables = Self.tables
    var index = 0
    while index + 8 <= count {
      let low = bytes.loadLE(at: index, as: UInt32.self) ^ value
      let high = bytes.loadLE(at: index + 4, as: UInt32.self)
      value =
        tables[1792 + Int(low & 0xff)] ^ tables[1536 + Int(low >> 8 & 0xff)]
        ^ tables[1280 + Int(low >> 16 & 0xff)] ^ tables[1024 + Int(low >> 24)]
        ^ tables[768 + Int(high & 0xff)] ^ tables[512 + Int(high >> 8 & 0xff)]
        ^ tables[256 + Int(high >> 16 & 0xff)] ^ tables[Int(high >> 24)]
      index += 8
    }
    while index < count {
      value = value >> 8 ^ tables[Int((value ^ UInt32(bytes[index])) & 0xff)]
      index += 1
    }
  }
}
