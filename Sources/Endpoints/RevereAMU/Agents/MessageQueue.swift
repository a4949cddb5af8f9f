import PCIe

/// Messages of one length inside the unit, oldest first.
///
/// - Complexity: putting and taking copy the messages; storage grows to as many as have waited at a time, and
///   an empty queue begins at its start again, so that few messages use few lines of the cache.
struct MessageQueue: Sendable {
  private var bytes: [UInt8] = []
  private var length: Int32 = 0
  private var frontLength: Int32 = 0
  private var capacity: Int32 = 0
  /// The messages that there is storage for.
  private var slots: Int32 = 0
  private var head: Int32 = 0
  private var waiting: Int32 = 0
  /// The session that it belongs to, -1 for none.
  var session: Int32 = -1

  /// Sets the form of an empty queue.
  mutating func prepare(messageBytes: Int, front: Int = 0, capacity: Int) {
    guard waiting == 0 else { return }
    frontLength = Int32(truncatingIfNeeded: front)
    guard messageBytes != self.messageBytes || capacity != Int(self.capacity) else { return }
    length = Int32(truncatingIfNeeded: messageBytes)
    self.capacity = Int32(truncatingIfNeeded: capacity)
    slots = 0
    bytes = []
  }

  var messageBytes: Int { Int(length) }
  /// What stands before the in-band data of its messages.
  var front: Int { Int(frontLength) }
  var count: Int { Int(waiting) }
  var room: Int { Int(capacity - waiting) }

  /// How many messages stand one behind the other, and where.
  var run: (start: Int, count: Int) { (Int(head) * messageBytes, Int(min(waiting, slots - head))) }
  /// The storage, for copies out of it.
  var storage: [UInt8] { bytes }

  mutating func removeFirst(_ number: Int) {
    waiting -= Int32(truncatingIfNeeded: number)
    head += Int32(truncatingIfNeeded: number)
    if head >= slots { head -= slots }
    if waiting == 0 { head = 0 }
  }

  mutating func removeAll() { (head, waiting) = (0, 0) }

  /// Puts messages of the queue's length; there must be room.
  mutating func append(_ source: [UInt8], from start: Int = 0, messages: Int) {
    if count + messages > Int(slots) { grow(to: count + messages) }
    var done = 0
    while done < messages {
      var place = Int(head + waiting)
      if place >= Int(slots) { place -= Int(slots) }
      let piece = min(messages - done, Int(slots) - place)
      copyBytes(
        from: source, at: start + done * messageBytes, to: &bytes, at: place * messageBytes,
        count: piece * messageBytes)
      waiting += Int32(truncatingIfNeeded: piece)
      done += piece
    }
  }

  /// Doubles the storage until it holds so many messages.
  private mutating func grow(to messages: Int) {
    var target = max(1, Int(slots))
    while target < messages { target *= 2 }
    target = min(target, Int(capacity))
    var grown = [UInt8](repeating: 0, count: target * messageBytes)
    let (start, first) = run
    copyBytes(from: bytes, at: start, to: &grown, at: 0, count: first * messageBytes)
    copyBytes(
      from: bytes, at: 0, to: &grown, at: first * messageBytes, count: (count - first) * messageBytes)
    (bytes, head, slots) = (grown, 0, Int32(truncatingIfNeeded: target))
  }

  /// Takes the oldest message into a buffer, which gets its length.
  mutating func takeFirst(into target: inout [UInt8]) {
    if target.count > messageBytes { target.removeLast(target.count - messageBytes) }
    if target.count < messageBytes {
      target.append(contentsOf: repeatElement(0, count: messageBytes - target.count))
    }
    copyBytes(from: bytes, at: Int(head) * messageBytes, to: &target, at: 0, count: messageBytes)
    removeFirst(1)
  }
}
