/// Our requests for the peer's memory that it has not answered, oldest first.
struct VfioUserTransfers {
  enum Kind: Hashable {
    case read(tag: Int, count: Int)
    case write(sequence: UInt64)
  }

  private var open: [(id: UInt16, kind: Kind)] = []
  /// The IDs of these, so that a free one is found at once.
  private var used: Set<UInt16> = []
  private var nextID: UInt16 = 0
  private var writesSent: UInt64 = 0

  /// How many there are.
  var count: Int { open.count }
  /// The ID of the oldest, nil when there is none.
  var oldest: UInt16? { open.first?.id }
  /// How many writes have been sent so far.
  var lastWrite: UInt64 { writesSent }

  /// Whether the peer has answered all writes up to one.
  func hasAnswered(writesUpTo sequence: UInt64) -> Bool {
    for case .write(let number) in open.lazy.map(\.kind) { return number > sequence }
    return true
  }

  /// Begins a read, and gives its ID.
  mutating func beginRead(tag: Int, count: Int) -> UInt16 { begin(.read(tag: tag, count: count)) }

  /// Begins a write, and gives its ID.
  mutating func beginWrite() -> UInt16 {
    writesSent += 1
    return begin(.write(sequence: writesSent))
  }

  private mutating func begin(_ kind: Kind) -> UInt16 {
    // One that is still open is not used again.
    repeat { nextID &+= 1 } while !used.insert(nextID).inserted
    open.append((nextID, kind))
    return nextID
  }

  /// Ends a request; nil when there is none with that ID.
  mutating func end(_ id: UInt16) -> Kind? {
    guard let place = open.firstIndex(where: { $0.id == id }) else { return nil }
    used.remove(id)
    return open.remove(at: place).kind
  }
}
