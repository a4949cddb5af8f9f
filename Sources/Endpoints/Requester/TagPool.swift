/// The tags that a requester may use, handed out so that a freed tag comes again as late as possible.
///
/// A completion that comes after its timeout then meets a tag that nobody waits on.
struct TagPool: Sendable {
  private var ring: ContiguousArray<UInt16>
  private var head = 0
  private(set) var available: Int

  /// - Parameter first: the tag that is handed out first, of those that there are.
  init(count: Int, first: UInt16 = 0) {
    precondition(count > 0 && count <= 1024 && count & (count - 1) == 0, "a power of two up to 1024 tags")
    ring = ContiguousArray((0..<UInt16(count)).map { ($0 &+ first) & UInt16(count - 1) })
    available = count
  }

  /// The tag that is handed out next, once it is free.
  var next: UInt16 { ring[head] }

  /// The next free tag, nil when all are in use.
  @inline(__always)
  mutating func take() -> UInt16? {
    guard available > 0 else { return nil }
    let tag = ring[head]
    head = (head + 1) & (ring.count - 1)
    available -= 1
    return tag
  }

  @inline(__always)
  mutating func release(_ tag: UInt16) {
    precondition(available < ring.count, "more tags released than taken")
    ring[(head + available) & (ring.count - 1)] = tag
    available += 1
  }
}
