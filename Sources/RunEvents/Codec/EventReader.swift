/// Reads a stream of events from bytes that arrive in pieces of any size.
///
/// A bad line is an error of its own; the reader goes on with the next line.
public struct EventReader: Sendable {
  /// The longest line that is read; a longer one is an error, and never fills the memory.
  private let lineBytesMax: Int
  private var buffer: [UInt8] = []
  private var start = 0
  private var searched = 0
  private var line = 0
  private var isSkipping = false

  /// Makes a reader at the start of a stream.
  ///
  /// - Units: `lineBytesMax` in bytes, a limit on the memory that a hostile stream can take.
  public init(lineBytesMax: Int = 16 << 20) { self.lineBytesMax = lineBytesMax }

  /// Takes more bytes of the stream.
  ///
  /// - Complexity: linear in the new bytes, and in the unfinished line.
  public mutating func append(_ bytes: some Collection<UInt8>) {
    if start > 0 {
      buffer.removeFirst(start)
      searched -= start
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next event of the complete lines so far; nil when more bytes are needed.
  ///
  /// Empty lines and kinds that are not known are passed over.
  public mutating func next() throws(EventStreamError) -> Event? {
    while let content = try nextLine() {
      if content.allSatisfy({ $0 == 0x20 || $0 == 0x0d || $0 == 0x09 }) { continue }
      do throws(EventError) {
        if let event = try Event(line: content) { return event }
      } catch {
        throw EventStreamError(line: line, error: error)
      }
    }
    return nil
  }

  /// Says that the stream is over: a last line without its newline is an event if it is whole, else an error.
  public mutating func finish() throws(EventStreamError) -> Event? {
    let rest = buffer[start...]
    start = buffer.count
    searched = buffer.count
    if rest.isEmpty || isSkipping { return nil }
    line += 1
    do throws(EventError) {
      return try Event(line: rest)
    } catch {
      guard case .json = error else { throw EventStreamError(line: line, error: error) }
      throw EventStreamError(line: line, error: .truncated(bytes: rest.count))
    }
  }

  private mutating func nextLine() throws(EventStreamError) -> ArraySlice<UInt8>? {
    while true {
      guard let newline = buffer[searched...].firstIndex(of: 0x0a) else {
        searched = buffer.count
        guard buffer.count - start > lineBytesMax else { return nil }
        start = buffer.count
        if isSkipping { return nil }
        isSkipping = true
        throw EventStreamError(line: line + 1, error: .lineTooLong(limit: lineBytesMax))
      }
      let content = buffer[start..<newline]
      start = newline + 1
      searched = start
      line += 1
      if !isSkipping { return content }
      isSkipping = false
    }
  }
}
