/// Arithmetic on 12-bit sequence numbers.
///
/// - Source: PCI Express Base 5.0, 3.6.2.1: all sequence numbers count modulo 4096.
enum SequenceNumber {
  static let mask: UInt16 = 0xfff
  /// The most TLPs that may be unacknowledged at a time, and the reach of what counts as a duplicate.
  static let window: UInt16 = 2048

  @inline(__always)
  static func next(_ sequence: UInt16) -> UInt16 { (sequence &+ 1) & mask }

  @inline(__always)
  static func previous(_ sequence: UInt16) -> UInt16 { (sequence &- 1) & mask }

  /// How far one number is after another.
  @inline(__always)
  static func distance(from start: UInt16, to end: UInt16) -> UInt16 { (end &- start) & mask }
}
