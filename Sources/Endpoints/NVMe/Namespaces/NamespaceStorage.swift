/// Where the blocks of a namespace are kept.
///
/// Every method says whether it could be done; what lies outside is never asked for.
public protocol NamespaceStorage: AnyObject {
  /// All bytes; what does not fill a block at the end is not used.
  var byteCount: UInt64 { get }
  /// Copies bytes to the start of an array that has room for them.
  func read(at offset: UInt64, count: Int, into target: inout [UInt8]) -> Bool
  /// Keeps the first bytes of an array; they may be lost until the next flush.
  func write(_ bytes: [UInt8], count: Int, at offset: UInt64) -> Bool
  /// Makes bytes zero.
  func clear(at offset: UInt64, count: UInt64) -> Bool
  /// Sees that nothing that was written gets lost.
  func flush() -> Bool
}
