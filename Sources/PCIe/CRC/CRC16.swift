/// The CRC-16 of DLLPs.
///
/// - Layout: polynomial 0x100b reflected, start value and final exclusive-or all ones.
/// - Source: PCI Express Base 5.0, 3.5.1 "Data Link Layer Packet Rules".
@frozen
public struct CRC16: Hashable, Sendable {
  /// The register before the final exclusive-or.
  public private(set) var register: UInt16 = .max

  /// The register after a good DLLP with its CRC.
  public static let residue: UInt16 = 0x556f

  /// A checksum of nothing yet.
  public init() {}

  /// The checksum of what was added; its least significant byte travels first.
  public var value: UInt16 { ~register }

  /// Adds bytes.
  public mutating func add(_ bytes: RawSpan) {
    var index = 0
    while index < bytes.byteCount {
      add(bytes.loadLE(at: index, as: UInt8.self))
      index += 1
    }
  }

  /// Adds a byte.
  public mutating func add(_ byte: UInt8) {
    register = register >> 8 ^ Self.table[Int(UInt8(truncatingIfNeeded: register) ^ byte)]
  }

  private static let table: [UInt16] = (0..<256).map { index in
    (0..<8).reduce(UInt16(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xd008 : value >> 1 }
  }
}
