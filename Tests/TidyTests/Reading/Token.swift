/// A word or a single punctuation mark of masked code.
struct Token: Sendable {
  let text: String
  let line: Int
  /// No space or line break stands before it.
  let isGlued: Bool
  let isWord: Bool

  static func all(in code: [UInt8]) -> [Token] {
    var tokens: [Token] = []
    var index = 0
    var line = 1
    var isGlued = false
    while index < code.count {
      let byte = code[index]
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == 13 {
        if byte == UInt8(ascii: "\n") { line += 1 }
        isGlued = false
        index += 1
        continue
      }
      let start = index
      if isWordStart(byte) {
        index += 1
        while index < code.count && isWordPart(code[index]) { index += 1 }
        if byte == UInt8(ascii: "`") && index < code.count && code[index] == byte { index += 1 }
      } else {
        index += 1
      }
      let text = String(decoding: code[start..<index], as: UTF8.self)
      tokens.append(Token(text: text, line: line, isGlued: isGlued, isWord: isWordStart(byte)))
      isGlued = true
    }
    return tokens
  }

  private static func isWordPart(_ byte: UInt8) -> Bool {
    isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  private static func isWordStart(_ byte: UInt8) -> Bool {
    isWordPart(byte) || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "$")
      || byte == UInt8(ascii: "`")
  }
}
