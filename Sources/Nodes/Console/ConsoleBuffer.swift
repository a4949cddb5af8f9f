import CSystem

/// The last bytes of a console with the times of their arrival; lines are made of them only when asked
/// for, so that a flood costs no more than its copies.
struct ConsoleBuffer {
  /// The bytes that are kept at least, where as many came.
  static let bytesKept = 1 << 20
  /// A line that is longer counts as several.
  static let lineMax = 4096
  private static let marksMax = 8192
  private static let lineEnd = UInt8(ascii: "\n")

  /// A line by the offsets of its bytes among all that ever came.
  struct Line: Hashable {
    var start: UInt64
    /// Behind the last byte of the text.
    var end: UInt64
    /// Where the next line begins.
    var next: UInt64
    /// Whether its end has come; else more may follow.
    var isWhole: Bool
  }

  private struct Mark {
    var offset: UInt64
    var time: MonotonicInstant
  }

  private var bytes: [UInt8] = []
  /// The offset of the first byte that is kept; always the beginning of a line or of a piece of one.
  private(set) var start: UInt64 = 0
  private var marks: [Mark] = []

  /// All bytes that ever came.
  var end: UInt64 { start + UInt64(bytes.count) }

  /// Whether the next byte begins a line.
  var isAtLineStart: Bool { bytes.last.map { $0 == Self.lineEnd } ?? true }

  /// Whether a line begins at an offset that is kept.
  func isLineStart(_ offset: UInt64) -> Bool {
    offset <= start || bytes[Int(offset - start) - 1] == Self.lineEnd
  }

  /// Takes bytes that have arrived, and drops the oldest beyond twice what is kept.
  ///
  /// - Complexity: O(bytes).
  mutating func append(_ more: [UInt8], at time: MonotonicInstant) {
    if marks.last?.time != time { marks.append(Mark(offset: end, time: time)) }
    bytes += more
    if drops(for: 0) { trim() }
    // Times become coarser before they take more room than the text.
    if marks.count > Self.marksMax {
      marks = marks.indices.filter { $0 % 2 == 0 || $0 > Self.marksMax - 64 }.map { marks[$0] }
    }
  }

  /// Whether so many more bytes have the oldest dropped.
  func drops(for count: Int) -> Bool { bytes.count + count > 2 * Self.bytesKept }

  private mutating func trim() {
    let least = bytes.count - Self.bytesKept
    let place = bytes[least..<min(least + Self.lineMax, bytes.count)].firstIndex(of: Self.lineEnd)
    let count = place.map { $0 + 1 } ?? least
    bytes.removeFirst(count)
    start += UInt64(count)
    if let first = marks.lastIndex(where: { $0.offset <= start }) { marks.removeFirst(first) }
  }

  /// The line that begins at an offset, or at the first byte that is kept; nil where nothing has come yet.
  func line(at offset: UInt64) -> Line? {
    let first = max(offset, start)
    guard first < end else { return nil }
    let index = Int(first - start)
    let reach = min(index + Self.lineMax, bytes.count)
    if let place = bytes[index..<reach].firstIndex(of: Self.lineEnd) {
      return Line(start: first, end: start + UInt64(place), next: start + UInt64(place) + 1, isWhole: true)
    }
    let last = start + UInt64(reach)
    return Line(start: first, end: last, next: last, isWhole: reach - index == Self.lineMax)
  }

  func text(_ line: Line) -> String {
    guard line.start >= start else { return "" }
    return ConsoleText.clean(bytes[Int(line.start - start)..<Int(line.end - start)])
  }

  /// When a byte arrived, as exactly as is still known.
  func time(at offset: UInt64) -> MonotonicInstant {
    var low = 0
    var high = marks.count
    while low < high {
      let middle = (low + high) / 2
      if marks[middle].offset <= offset { low = middle + 1 } else { high = middle }
    }
    return marks.isEmpty ? .now : marks[max(0, low - 1)].time
  }

  /// Where the last lines begin, at most so many and within so many bytes.
  func startOfLast(_ lines: Int, bytes limit: Int) -> UInt64 {
    var index = bytes.count
    var left = lines
    let least = max(0, bytes.count - limit)
    if index > 0, bytes[index - 1] == Self.lineEnd { index -= 1 }
    while index > least {
      if bytes[index - 1] == Self.lineEnd {
        left -= 1
        if left == 0 { break }
      }
      index -= 1
    }
    return start + UInt64(index)
  }
}

// Looking for plain text without making lines.
extension ConsoleBuffer {
  /// What a search for plain text gave.
  enum Search {
    /// The text is not there, up to the beginning of the line that has not ended.
    case absent(next: UInt64)
    /// The text ends before the offset.
    case found(end: UInt64)
    /// The text is there when what is not seen is left out.
    case hidden
  }

  /// Looks for bytes from an offset on.
  ///
  /// - Complexity: O(bytes), at the speed of the C library.
  func find(_ wanted: [UInt8], from offset: UInt64) -> Search {
    let first = max(offset, start)
    guard first < end else { return .absent(next: first) }
    let index = Int(first - start)
    let rest = bytes[index...]
    let place = Self.find(wanted, in: rest)
    if place >= 0 { return .found(end: first + UInt64(place + wanted.count)) }
    let shown = ConsoleText.visible(rest)
    if shown.count < rest.count, Self.find(wanted, in: shown[...]) >= 0 { return .hidden }
    let begun = rest.suffix(Self.lineMax).lastIndex(of: Self.lineEnd).map { $0 + 1 }
    return .absent(next: begun.map { start + UInt64($0) } ?? first + UInt64(unended(index)))
  }

  private static func find(_ wanted: [UInt8], in bytes: ArraySlice<UInt8>) -> Int {
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe wanted.withUnsafeBytes { wanted in
        unsafe csys_find(bytes.baseAddress, bytes.count, wanted.baseAddress, wanted.count)
      }
    }
  }

  /// The bytes of a line without end that make whole pieces.
  private func unended(_ index: Int) -> Int { (bytes.count - index) / Self.lineMax * Self.lineMax }
}
