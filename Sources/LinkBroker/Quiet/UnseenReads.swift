import PCIe
import Simulation

/// The reads that went the short way and whose requesters cannot have seen the completions.
///
/// - Layout: entries stay where they are when all are removed, so that nothing is allocated.
struct UnseenReads: Sendable {
  /// What tells reads under way apart.
  struct Key: Hashable, Sendable {
    var direction: Int
    var requester: FunctionAddress
    var tag: UInt16

    @inline(__always)
    init(_ request: TLPHeader, _ direction: Int) {
      self.direction = direction
      requester = request.requesterID
      tag = request.tag
    }
  }

  private struct Entry: Sendable {
    var key: Key
    /// When its last completion has arrived.
    var end: VirtualTime
    /// Whether it stands among the outstanding requests of its direction, too.
    var isKept = false
  }

  private var storage: ContiguousArray<Entry> = []
  private var count = 0
  /// The entries before this have been kept; some may have been released.
  private var keptEnd = 0
  /// How many are kept.
  private(set) var keptCount = 0

  /// Whether a read with the same key is among them.
  @inline(__always)
  func contains(_ key: Key) -> Bool {
    for place in 0..<count where storage[place].key == key { return true }
    return false
  }

  @inline(__always)
  mutating func append(_ key: Key, until end: VirtualTime) {
    let entry = Entry(key: key, end: end)
    if count == storage.count { storage.append(entry) } else { storage[count] = entry }
    count += 1
  }

  /// Gives the next that is not kept and is from now on; nil when all are.
  @inline(__always)
  mutating func keepNext() -> Key? {
    guard keptEnd < count else { return nil }
    storage[keptEnd].isKept = true
    keptCount += 1
    defer { keptEnd += 1 }
    return storage[keptEnd].key
  }

  /// Gives one that is kept, over by an instant, and released from now on; nil when there is none.
  ///
  /// - Parameter link: of which it has to be; nil for any.
  mutating func releaseNext(until time: VirtualTime, ofLink link: Int?) -> Key? {
    for place in 0..<keptEnd where storage[place].isKept && storage[place].end <= time {
      if let link, storage[place].key.direction >> 1 != link { continue }
      storage[place].isKept = false
      keptCount -= 1
      return storage[place].key
    }
    return nil
  }

  @inline(__always)
  mutating func removeAll() { (count, keptEnd, keptCount) = (0, 0, 0) }
}
