/// The ring of a socket in host memory, with its two free-running indexes.
///
/// - Layout: slot = index modulo size; empty when equal, full when they differ by the size.
struct SocketRing: Sendable {
  var base: UInt64 = 0
  /// The index up to which messages have been taken, and up to which they have been put.
  var read: UInt64 = 0
  var write: UInt64 = 0
  /// The session that it belongs to, -1 for none.
  var session: Int32 = -1
  var log2Size: UInt8 = 0
  /// A digest bit stands for 2 to this many messages, or free slots.
  var threshold: UInt8 = 0
  var overwrites = false
  var isConfigured = false

  var size: UInt64 { 1 << UInt64(log2Size) }
  var waiting: UInt64 { write &- read }
  var free: UInt64 { waiting >= size ? 0 : size - waiting }
  /// Whether the indexes can be those of a ring of this size.
  var isSound: Bool { waiting <= size }

  private var digestCount: UInt64 { min(1 << UInt64(threshold), size) }
  /// The digest bit of a receiving socket: so many messages wait.
  var hasMessages: Bool { waiting >= digestCount }
  /// The digest bit of a transmitting socket: so many slots are free, which with LOG2_SIZE means all.
  var hasRoom: Bool { free >= digestCount }

  /// How many of some messages stand one behind the other from an index on, before the ring ends.
  func run(from index: UInt64, _ count: UInt64) -> UInt64 { min(count, size - index & (size - 1)) }

  /// Where the slot of an index stands; nil when the ring leaves the 64-bit address space.
  func address(of index: UInt64, messageBytes: Int) -> UInt64? {
    let (last, overflow) = base.addingReportingOverflow(size * UInt64(messageBytes) - 1)
    guard !overflow, last >= base else { return nil }
    return base + (index & (size - 1)) * UInt64(messageBytes)
  }

  /// Takes a write of the index that software moves in a transmitting ring; false when it cannot be.
  mutating func advanceWrite(to index: UInt64) -> Bool {
    guard index &- write <= size, index &- read <= size else { return false }
    write = index
    return true
  }

  /// Takes a write of the index that software moves in a receiving ring; false when it cannot be.
  mutating func advanceRead(to index: UInt64) -> Bool {
    // In an overwriting ring the oldest messages may be gone already: what has been passed is nothing new.
    if overwrites, read &- index <= 1 << 62 { return true }
    guard index &- read <= waiting else { return false }
    read = index
    return true
  }
}
