/// A queue of commands in host memory, which software fills and the controller empties.
///
/// - Source: NVM Express Base 1.4, 4.1 "Submission Queue & Completion Queue Definition".
struct SubmissionQueue: Hashable, Sendable {
  static let entryBytes = 64

  let base: UInt64
  /// Entries; one of them is never filled.
  let size: Int
  let completionQueue: Int
  /// Told apart from earlier queues of the same number.
  let generation: UInt32
  var head = 0
  var tail = 0
  /// Commands that are being fetched.
  var fetching = 0

  init(base: UInt64, size: Int, completionQueue: Int, generation: UInt32) {
    self.base = base
    self.size = size
    self.completionQueue = completionQueue
    self.generation = generation
  }

  /// Whether software can have filled entries up to a place: it never takes one back.
  func takesTail(_ value: Int) -> Bool {
    func distance(to place: Int) -> Int { place >= head ? place - head : place - head + size }
    return value < size && distance(to: value) >= distance(to: tail)
  }

  /// How many commands wait one behind the other in memory.
  var run: Int { head <= tail ? tail - head : size - head }
  var headAddress: UInt64 { base &+ UInt64(head * Self.entryBytes) }

  mutating func advanceHead() { head = head + 1 == size ? 0 : head + 1 }
}
