import PCIe

/// Messages of one length inside the unit, oldest first.
///
/// - Complexity: putting and taking copy the messages and allocate nothing.
struct MessageQueue: Sendable {
  private var bytes: [UInt8] = []
  private(set) var messageBytes = 0
  private var capacity = 0
  private var head = 0
  private(set) var count = 0
  /// The session that it belongs to, -1 for none.
  var session: Int32 = -1

  /// Sets the form of an empty queue.
  mutating func prepare(messageBytes: Int, capacity: Int) {
    guard count == 0, messageBytes != self.messageBytes || capacity != self.capacity else { return }
    self.messageBytes = messageBytes
    self.capacity = capacity
    head = 0
    bytes = [UInt8](repeating: 0, count: messageBytes * capacity)
  }

  var room: Int { capacity - count }

  /// How many messages stand one behind the other, and where.
  var run: (start: Int, count: Int) { (head * messageBytes, min(count, capacity - head)) }
  /// The storage, for copies out of it.
  var storage: [UInt8] { bytes }

  mutating func removeFirst(_ number: Int) {
    head = (head + number) % max(capacity, 1)
    count -= number
  }

  mutating func removeAll() { (head, count) = (0, 0) }

  /// Puts messages of the queue's length; there must be room.
  mutating func append(_ source: [UInt8], from start: Int = 0, messages: Int) {
    var done = 0
    while done < messages {
      let place = (head + count) % capacity
      let piece = min(messages - done, capacity - place)
      copyBytes(
        from: source, at: start + done * messageBytes, to: &bytes, at: place * messageBytes,
        count: piece * messageBytes)
      count += piece
      done += piece
    }
  }

  /// Takes the oldest message into a buffer, which gets its length.
  mutating func takeFirst(into target: inout [UInt8]) {
    if target.count > messageBytes { target.removeLast(target.count - messageBytes) }
    if target.count < messageBytes {
      target.append(contentsOf: repeatElement(0, count: messageBytes - target.count))
    }
    copyBytes(from: bytes, at: head * messageBytes, to: &target, at: 0, count: messageBytes)
    removeFirst(1)
  }
}
