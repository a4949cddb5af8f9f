/// Up to four prefixes that travel before a header, in wire order.
///
/// - Layout: one DW each, in host order; Fmt is 100b in bits 31:29, bit 28 tells end-to-end from local.
/// - Source: PCI Express Base 5.0, 2.2.10 "TLP Prefix Rules".
@frozen
public struct TLPPrefixes: Hashable, Sendable {
  /// A place that is free holds zero, which no prefix does.
  @usableFromInline var words: SIMD4<UInt32> = .zero
  public static let countMax = 4

  /// No prefixes.
  @inlinable
  public init() {}

  /// The prefixes in use, 0 to 4.
  @inlinable
  public var count: Int {
    if words.x == 0 { return 0 }
    return words.y == 0 ? 1 : words.z == 0 ? 2 : words.w == 0 ? 3 : 4
  }

  /// Whether there are none, as in nearly every TLP.
  @inlinable
  public var isEmpty: Bool { words.x == 0 }

  /// The prefix at a position below `count`.
  public subscript(index: Int) -> TLPPrefix {
    precondition(index >= 0 && index < count, "prefix index out of range")
    return TLPPrefix(rawValue: words[index])
  }

  /// Adds a prefix behind the others; false when all four places are taken.
  ///
  /// Fmt becomes 100b whatever it was, for that is what makes a DW a prefix.
  @discardableResult
  public mutating func append(_ prefix: TLPPrefix) -> Bool {
    guard count < Self.countMax else { return false }
    words[count] = prefix.rawValue & ~(7 << 29) | 0b100 << 29
    return true
  }

  /// The number of end-to-end prefixes.
  public var endToEndCount: Int {
    (0..<count).reduce(0) { $0 + (self[$1].isEndToEnd ? 1 : 0) }
  }

  /// The end-to-end prefixes as the prefix log of a function shows them.
  public var endToEndWords: [UInt32] {
    (0..<count).filter { self[$0].isEndToEnd }.map { self[$0].rawValue }
  }

  /// Whether every local prefix stands before the first end-to-end one.
  public var isOrdered: Bool {
    (0..<count).dropFirst().allSatisfy { self[$0].isEndToEnd || !self[$0 - 1].isEndToEnd }
  }

  /// The PASID prefix, where there is one.
  public var processAddressSpace: TLPPrefix? {
    for index in 0..<count where self[index].kind == .processAddressSpace { return self[index] }
    return nil
  }
}
