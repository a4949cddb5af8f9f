/// The text of one suite or board file, cut into lines for messages and failure blocks.
public struct SourceText: Sendable {
  /// The path as the caller gave it; messages begin with it.
  public let path: String
  private let bytes: [UInt8]
  private let lineStarts: [Int]

  /// Keeps the bytes and finds the lines.
  ///
  /// - Complexity: O(bytes).
  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    var starts = [0]
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(index + 1) }
    lineStarts = starts
  }

  /// The number of lines; a last line without a line feed counts.
  public var lineCount: Int { lineStarts.count }

  /// The text of a line without its line feed; nil past the end of the file.
  ///
  /// - Units: lines from 1.
  public func line(_ number: Int) -> String? {
    guard number >= 1, number <= lineStarts.count else { return nil }
    let start = lineStarts[number - 1]
    var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// The place of a byte, counted in characters of its line.
  ///
  /// - Complexity: O(log lines + length of the line).
  func position(ofByte offset: Int) -> SourcePosition {
    let offset = min(max(offset, 0), bytes.count)
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    // A continuation byte belongs to the character before it.
    let characters = bytes[lineStarts[low]..<offset].count { $0 & 0xc0 != 0x80 }
    return SourcePosition(line: low + 1, column: characters + 1)
  }
}
