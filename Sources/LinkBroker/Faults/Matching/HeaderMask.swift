import PCIe

/// Bits of a header and what they have to be.
///
/// - Layout: the first two DWs and the last two, the first of each in the lower half.
struct HeaderMask: Hashable, Sendable {
  private var mask01: UInt64 = 0
  private var value01: UInt64 = 0
  private var mask23: UInt64 = 0
  private var value23: UInt64 = 0

  /// What every header fits.
  static let all = HeaderMask()
  /// What no header fits.
  static let none = HeaderMask(mask01: 0, value01: 1)

  mutating func require01(_ mask: UInt64, _ value: UInt64) {
    mask01 |= mask
    value01 |= value
  }

  mutating func require23(_ mask: UInt64, _ value: UInt64) {
    mask23 |= mask
    value23 |= value
  }

  /// What fits whatever one of two fits, and more: of their bits what both demand alike.
  func merged(with other: HeaderMask) -> HeaderMask {
    var common = self
    common.mask01 &= other.mask01 & ~(value01 ^ other.value01)
    common.value01 &= common.mask01
    common.mask23 &= other.mask23 & ~(value23 ^ other.value23)
    common.value23 &= common.mask23
    return common
  }

  @inline(__always)
  func fits(_ header: TLPHeader) -> Bool {
    let words01 = UInt64(header.dw1) << 32 | UInt64(header.dw0)
    let words23 = UInt64(header.dw3) << 32 | UInt64(header.dw2)
    return (words01 & mask01 ^ value01) | (words23 & mask23 ^ value23) == 0
  }
}
