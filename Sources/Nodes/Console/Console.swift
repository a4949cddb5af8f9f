/// What a node has printed, in bounded memory: the last text, and which lines were claimed or told.
///
/// A line that waits is claimed once for each pattern, so that two waits for one pattern want two lines.
public struct Console {
  /// The lines that are told as they come, and their bytes; of what follows only the last lines are told.
  static let headLines = 1000
  static let headBytes = 256 << 10
  /// The last lines that are told at the end, and their bytes.
  static let tailLines = 200
  static let tailBytes = 64 << 10

  private var buffer = ConsoleBuffer()
  /// How far a search has come, by its purpose and pattern.
  private var searches: [String: Search] = [:]
  private var told: UInt64 = 0
  private var toldLines = 0

  /// Lines that somebody waits for, by their beginnings.
  private var awaited: [String: AwaitedLine] = [:]

  private struct Search {
    let matcher: ConsolePattern.Matcher
    /// Where it goes on.
    var next: UInt64 = 0
    /// All that had come when it looked last.
    var seen: UInt64 = 0
    /// Whether the last look found something, so that there may be more before `seen`.
    var isMoving = false
  }

  /// How far whoever reads all lines has come, by its purpose.
  private var readers: [String: UInt64] = [:]

  /// Makes a console on which nothing was printed.
  public init() {}

  /// All bytes that ever came.
  public var byteCount: UInt64 { buffer.end }
  /// The first bytes that are no longer there.
  public var droppedBytes: UInt64 { buffer.start }
  var isAtLineStart: Bool { buffer.isAtLineStart }

  /// Takes bytes that have arrived.
  mutating func append(_ bytes: [UInt8], at time: MonotonicInstant) {
    // However much follows a line, whoever waits for it gets it.
    if !awaited.isEmpty, buffer.drops(for: bytes.count) { lookForAwaited() }
    buffer.append(bytes, at: time)
  }

  /// Finds the next line with a pattern and takes it, so that it is not found again for the same purpose.
  ///
  /// A line whose end has not come is searched too, except for patterns that its rest could undo.
  /// - Complexity: linear in the bytes that came since the last call for the purpose.
  public mutating func claim(_ pattern: ConsolePattern, for purpose: String = "") -> Bool {
    let key = purpose + pattern.text
    var state = searches[key] ?? Search(matcher: ConsolePattern.Matcher(pattern))
    guard state.seen < buffer.end || state.isMoving else { return false }
    let (found, next) = search(pattern, state.matcher, from: state.next)
    state.next = next
    state.seen = buffer.end
    state.isMoving = found
    searches[key] = state
    return found
  }

  /// Whether a pattern is found in what is kept.
  public func holds(_ pattern: ConsolePattern) -> Bool {
    search(pattern, ConsolePattern.Matcher(pattern), from: 0).found
  }

  private func search(
    _ pattern: ConsolePattern, _ matcher: ConsolePattern.Matcher, from offset: UInt64
  ) -> (found: Bool, next: UInt64) {
    guard offset < buffer.end else { return (false, offset) }
    if let needle = pattern.needle {
      switch buffer.find(needle, from: offset) {
      case .absent(let next): return (false, next)
      case .found(let end): if pattern.isPlain { return (true, buffer.line(at: end)?.next ?? end) }
      case .hidden: break
      }
    }
    var next = offset
    while let line = buffer.line(at: next) {
      if line.isWhole || !pattern.needsWholeLine, matcher.matches(buffer.text(line)) {
        return (true, line.next)
      }
      guard line.isWhole else { return (false, line.start) }
      next = line.next
    }
    return (false, next)
  }

  /// The last lines.
  public func last(_ count: Int) -> [ConsoleLine] {
    lines(from: buffer.startOfLast(count, bytes: Self.tailBytes))
  }

  private func lines(from offset: UInt64) -> [ConsoleLine] {
    var lines: [ConsoleLine] = []
    var next = offset
    while let line = buffer.line(at: next) {
      lines.append(ConsoleLine(time: buffer.time(at: line.start), text: buffer.text(line)))
      next = line.next
    }
    return lines
  }
}

// Reading every line.
extension Console {
  /// Takes the next line that has ended, for a purpose; nil where none has.
  ///
  /// - Parameter isSilent: nothing more comes, so that what has no end is a line too.
  /// - Returns: its text, and how many bytes before it are gone that nobody has taken.
  public mutating func takeLine(
    for purpose: String, isSilent: Bool
  ) -> (text: String, lostBytes: UInt64)? {
    let start = readers[purpose] ?? 0
    guard let line = buffer.line(at: start), line.isWhole || isSilent else { return nil }
    readers[purpose] = line.next
    return (buffer.text(line), line.start - start)
  }
}

// Telling lines as they come.
extension Console {
  /// The lines that have ended since the last call, as long as the console is not too long.
  public mutating func takeHead() -> [ConsoleLine] {
    var lines: [ConsoleLine] = []
    while toldLines < Self.headLines, told < Self.headBytes, told >= buffer.start,
      let line = buffer.line(at: told), line.isWhole
    {
      lines.append(ConsoleLine(time: buffer.time(at: line.start), text: buffer.text(line)))
      told = line.next
      toldLines += 1
    }
    return lines
  }

  /// The last lines that were not told; the first of them tells how much was left out before it.
  public mutating func takeTail() -> [ConsoleLine] {
    var lines = takeHead()
    let place = max(told, buffer.startOfLast(Self.tailLines, bytes: Self.tailBytes))
    var tail = self.lines(from: place)
    if !tail.isEmpty { tail[0].omittedBytes = place - told }
    lines += tail
    told = buffer.end
    return lines
  }
}

// Lines that answer something.
extension Console {
  /// A line that is looked for.
  private struct AwaitedLine {
    /// Where the search goes on.
    var next: UInt64
    var text: String?
  }

  /// Begins to wait for the first whole line with a beginning, among those that are still to come.
  public mutating func await(lineBeginningWith prefix: String) {
    awaited[prefix] = AwaitedLine(next: buffer.end)
  }

  /// Takes the line that is waited for; nil when it has not come.
  ///
  /// - Complexity: linear in the bytes that came since the last call, at the speed of the C library.
  public mutating func takeAwaited(lineBeginningWith prefix: String) -> String? {
    look(for: prefix)
    guard let text = awaited[prefix]?.text else { return nil }
    awaited[prefix] = nil
    return text
  }

  private mutating func lookForAwaited() { for prefix in awaited.keys { look(for: prefix) } }

  private mutating func look(for prefix: String) {
    guard var line = awaited[prefix], line.text == nil else { return }
    line.text = self.line(beginningWith: prefix, from: &line.next)
    awaited[prefix] = line
  }

  /// - Parameter offset: where the search begins; afterwards, where the next one goes on.
  private func line(beginningWith prefix: String, from offset: inout UInt64) -> String? {
    let needle = Array(prefix.utf8)
    while true {
      switch buffer.find(needle, from: offset) {
      case .absent(let next):
        offset = next
        return nil
      case .hidden: return nil
      case .found(let end):
        let start = end - UInt64(needle.count)
        guard buffer.isLineStart(start), let line = buffer.line(at: start) else {
          offset = end
          continue
        }
        offset = line.isWhole ? line.next : start
        return line.isWhole ? buffer.text(line) : nil
      }
    }
  }
}
