/// Why bytes are not a TLP.
///
/// - Source: PCI Express Base 5.0, 2.2 "Transaction Layer Protocol - Packet Definition".
public enum TLPError: Error, Hashable, Sendable {
  /// The bytes end inside a prefix or the header.
  case truncatedHeader(needed: Int, seen: Int)
  /// More prefixes than can stand before a header.
  case tooManyPrefixes(limit: Int)
  /// Fmt and Type name no TLP.
  case undefinedType(UInt8)
  /// The bytes behind the header are not those that Length and TD announce.
  case wrongLength(expected: Int, seen: Int)
}
