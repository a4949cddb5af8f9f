/// A hash that is the same in every process and on every machine, for seeds, run ids and partitions.
///
/// - Source: FNV-1a over the bytes, finished by the mixer of SplitMix64 so that near inputs differ in every
///   bit.
public struct FixedHash: Sendable {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  public init() {}

  /// Adds the bytes of a number, the lowest first.
  public mutating func combine(_ value: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      combine(byte: UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// Adds a text in UTF-8 with its length, so that two texts never run into each other.
  public mutating func combine(_ text: String) {
    for byte in text.utf8 { combine(byte: byte) }
    combine(UInt64(text.utf8.count))
  }

  /// Adds raw bytes with their count.
  public mutating func combine(_ bytes: [UInt8]) {
    for byte in bytes { combine(byte: byte) }
    combine(UInt64(bytes.count))
  }

  private mutating func combine(byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }

  /// The hash of what has been combined so far.
  public var value: UInt64 { SeededGenerator.mix(state) }

  /// The seed of a part of a run, from the seed of the whole and the names that lead to the part.
  public static func seed(_ parent: UInt64, _ names: String...) -> UInt64 {
    var hash = FixedHash()
    hash.combine(parent)
    for name in names { hash.combine(name) }
    return hash.value
  }
}
