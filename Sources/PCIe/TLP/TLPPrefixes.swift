/// Up to four prefixes that travel before a header, in wire order.
///
/// - Layout: one DW each, in host order; Fmt is 100b in bits 31:29, bit 28 tells end-to-end from local.
/// - Source: PCI Express Base 5.0, 2.2.10 "TLP Prefix Rules".
@frozen
public struct TLPPrefixes: Hashable, Sendable {
  @usableFromInline var words: SIMD4<UInt32> = .zero
  public private(set) var count = 0
  public static let countMax = 4

  @inlinable
  public init() {}

  /// The prefix at a position below `count`.
  public subscript(index: Int) -> UInt32 {
    precondition(index < count, "prefix index out of range")
    return words[index]
  }

  /// Adds a prefix behind the others; false when all four places are taken.
  public mutating func append(_ word: UInt32) -> Bool {
    guard count < Self.countMax else { return false }
    words[count] = word
    count += 1
    return true
  }
}
