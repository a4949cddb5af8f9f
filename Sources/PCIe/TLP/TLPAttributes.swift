/// The attribute bits of a transaction: ordering and coherence hints.
///
/// - Layout: bit 0 no snoop, bit 1 relaxed ordering, bit 2 ID-based ordering.
/// - Source: PCI Express Base 5.0, 2.2.6.3 "Transaction Descriptor - Attributes Field".
@frozen
public struct TLPAttributes: OptionSet, Hashable, Sendable {
  public var rawValue: UInt8

  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let noSnoop = TLPAttributes(rawValue: 1)
  public static let relaxedOrdering = TLPAttributes(rawValue: 2)
  public static let idBasedOrdering = TLPAttributes(rawValue: 4)
}
