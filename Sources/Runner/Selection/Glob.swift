/// A pattern in which `*` stands for any text and `?` for any character; all else, brackets too, is
/// literal.
public struct Glob: Hashable, Sendable {
  private let pattern: [UInt8]
  /// Whether the pattern stands for one text only.
  let isExact: Bool

  /// Reads a pattern; every text is one.
  public init(_ text: some StringProtocol) {
    pattern = Array(text.utf8)
    isExact = !pattern.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
  }

  /// Whether the whole text matches.
  ///
  /// - Complexity: O(text · pattern) at worst, by going back to the last star only.
  public func matches(_ text: some StringProtocol) -> Bool {
    let text = Array(text.utf8)
    if isExact { return text == pattern }
    var position = 0
    var index = 0
    var star: (index: Int, position: Int)?
    while position < text.count {
      if index < pattern.count, pattern[index] == UInt8(ascii: "*") {
        star = (index, position)
        index += 1
      } else if index < pattern.count,
        pattern[index] == text[position] || pattern[index] == UInt8(ascii: "?")
      {
        index += 1
        position += 1
        // A question mark takes a whole character.
        if pattern[index - 1] == UInt8(ascii: "?") {
          while position < text.count, text[position] & 0xc0 == 0x80 { position += 1 }
        }
      } else if let last = star {
        star = (last.index, last.position + 1)
        index = last.index + 1
        position = last.position + 1
      } else {
        return false
      }
    }
    return pattern[index...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
