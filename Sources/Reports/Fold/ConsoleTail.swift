import RunEvents

/// The first and the last lines of a console; what is between them is counted only.
struct ConsoleTail: Sendable {
  static let headMax = 50
  static let tailMax = 200

  /// A line with its time in picoseconds.
  struct Line: Hashable, Sendable {
    var time: UInt64
    var text: String
  }

  private(set) var count = 0
  private(set) var head: [Line] = []
  private var recent: [Line] = []

  mutating func add(_ line: ConsoleLine, at time: UInt64) {
    if line.omittedBytes > 0 { add("… \(line.omittedBytes) bytes left out …", at: time) }
    add(line.text, at: time)
  }

  private mutating func add(_ text: String, at time: UInt64) {
    count += 1
    if head.count < Self.headMax { return head.append(Line(time: time, text: text)) }
    recent.append(Line(time: time, text: text))
    // Cut in batches, so that a long console costs one move per line and not one per line kept.
    if recent.count >= 2 * Self.tailMax { recent.removeFirst(Self.tailMax) }
  }

  /// The lines behind the head, the last ones.
  var tail: ArraySlice<Line> { recent.suffix(Self.tailMax) }

  /// The last lines, at most so many.
  func last(_ count: Int) -> [Line] {
    if recent.count >= count { return Array(recent.suffix(count)) }
    return Array((head + recent).suffix(count))
  }
}
