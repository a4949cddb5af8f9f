/// The messages on their way to a peer.
struct VfioUserOutput {
  private var bytes: [UInt8] = []
  private var start = 0
  /// The messages with which descriptors go out.
  private var passed: [(place: Int, end: Int, descriptors: [PassedDescriptor])] = []

  /// What may stand before the bytes that wait.
  private static let compactionBytes = 1 << 20

  /// The bytes that wait.
  var count: Int { bytes.count - start }
  var isEmpty: Bool { count == 0 }

  /// Adds a message.
  mutating func put(_ message: VfioUserMessage) {
    let place = bytes.count
    message.header.encode(into: &bytes)
    bytes.append(contentsOf: message.payload)
    if !message.descriptors.isEmpty { passed.append((place, bytes.count, message.descriptors)) }
  }

  /// What can be written in one piece: a message with descriptors goes alone.
  var next: (bytes: ArraySlice<UInt8>, descriptors: [PassedDescriptor]) {
    guard let first = passed.first else { return (bytes[start...], []) }
    return first.place == start
      ? (bytes[start..<first.end], first.descriptors) : (bytes[start..<first.place], [])
  }

  /// Forgets what was written.
  mutating func removeFirst(_ count: Int) {
    guard count > 0 else { return }
    if passed.first?.place == start { passed.removeFirst() }
    start += count
    if start == bytes.count {
      bytes.removeAll(keepingCapacity: true)
      start = 0
    } else if start > Self.compactionBytes {
      bytes.removeFirst(start)
      for index in passed.indices {
        passed[index].place -= start
        passed[index].end -= start
      }
      start = 0
    }
  }

  /// What became of a write.
  enum Outcome {
    case nothing
    case moved
    /// The peer has to read before more can be written.
    case blocked
    case gone
    case failed(SocketError)
  }

  /// Writes what the socket takes.
  mutating func write(to socket: borrowing StreamSocket) -> Outcome {
    if isEmpty { return .nothing }
    while !isEmpty {
      let piece = next
      switch socket.write(piece.bytes, passing: piece.descriptors) {
      case .taken(let count): removeFirst(count)
      case .full: return .blocked
      case .gone: return .gone
      case .failed(let error): return .failed(error)
      }
    }
    return .moved
  }
}
