/// A queue of completions in host memory, which the controller fills and software empties.
///
/// - Source: NVM Express Base 1.4, 4.1 and 4.6 "Completion Queue Entry".
struct CompletionQueue: Hashable, Sendable {
  static let entryBytes = 16

  let base: UInt64
  /// Entries; one of them is never filled.
  let size: Int
  /// Nil without interrupts.
  let vector: Int?
  var head = 0
  var tail = 0
  /// The tag of new entries; it flips each time the queue wraps.
  var phase = true
  /// Commands that have been fetched and will need an entry.
  var reserved = 0

  init(base: UInt64, size: Int, vector: Int?) {
    self.base = base
    self.size = size
    self.vector = vector
  }

  /// Entries that software has not taken.
  var used: Int { tail >= head ? tail - head : tail - head + size }
  /// Entries that are neither filled nor promised.
  var room: Int { size - 1 - used - reserved }
  var tailAddress: UInt64 { base &+ UInt64(tail * Self.entryBytes) }

  /// Whether software can have taken entries up to a place.
  func takesHead(_ value: Int) -> Bool {
    guard value < size else { return false }
    let taken = value >= head ? value - head : value - head + size
    return taken <= used
  }

  mutating func advanceTail() {
    tail += 1
    guard tail == size else { return }
    tail = 0
    phase.toggle()
  }
}
