import PCIe

/// Cuts a stream of bytes into messages, and gives each the descriptors that came with its first byte.
///
/// - Complexity: each byte is copied twice.
struct VfioUserReader {
  private var bytes: [UInt8] = []
  private var start = 0
  /// Where the last message begins of which at least a byte is there, or the next one will.
  private var lastStart = 0
  /// The beginnings of messages that brought descriptors.
  private var brought: [(start: Int, descriptors: [PassedDescriptor])] = []

  /// The bytes that are not yet part of a whole message.
  var pendingBytes: Int { bytes.count - start }

  /// Adds what one read gave.
  ///
  /// A read ends behind the bytes with which descriptors came, so that these belong to the last message that
  /// begins in it.
  /// - Throws: when descriptors came in the middle of a message.
  mutating func append(_ more: [UInt8], _ descriptors: [PassedDescriptor]) throws(VfioUserStreamError) {
    compact()
    let before = bytes.count
    bytes.append(contentsOf: more)
    while let end = end(ofMessageAt: lastStart), end < bytes.count { lastStart = end }
    guard !descriptors.isEmpty else { return }
    guard lastStart >= before else { throw .strayDescriptors }
    brought.append((lastStart, descriptors))
  }

  private mutating func compact() {
    guard start > 0 else { return }
    bytes.removeFirst(start)
    lastStart -= start
    for index in brought.indices { brought[index].start -= start }
    start = 0
  }

  /// Where a message ends, as far as its header is there and makes sense.
  private func end(ofMessageAt place: Int) -> Int? {
    guard bytes.count - place >= 8 else { return nil }
    let length = Int(bytes.field(place + 4, as: UInt32.self))
    guard length >= VfioUserHeader.encodedBytes, length <= VfioUserMessage.bytesMax else { return nil }
    return place + length
  }

  /// The next whole message, nil when more bytes have to come.
  ///
  /// - Throws: when the stream cannot be cut any further.
  mutating func next() throws(VfioUserStreamError) -> VfioUserMessage? {
    guard pendingBytes >= VfioUserHeader.encodedBytes else { return nil }
    let header = try VfioUserHeader(decoding: bytes.rawSpan.extracting(start..<bytes.count))
    guard pendingBytes >= header.bytes else { return nil }
    var message = VfioUserMessage(
      header: header, payload: Array(bytes[start + VfioUserHeader.encodedBytes..<start + header.bytes]))
    if let first = brought.first, first.start == start {
      message.descriptors = brought.removeFirst().descriptors
    }
    start += header.bytes
    lastStart = max(lastStart, start)
    return message
  }
}
