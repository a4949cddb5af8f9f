/// Blanks out comments and string contents, so that a rule about code never reads prose.
///
/// Interpolations are code and stay; quotes stay, so that what follows a string still follows something.
struct Masking {
  private let text: [UInt8]
  private let language: Language
  private var index = 0
  private var line = 1
  private(set) var code: [UInt8] = []
  private(set) var comments: [SourceText.Comment] = []
  private(set) var textLines: Set<Int> = []

  init(_ text: [UInt8], language: Language) {
    self.text = text
    self.language = language
    code.reserveCapacity(text.count)
  }

  mutating func run() {
    guard language != .plain else {
      code = text
      return
    }
    while index < text.count {
      scanCode(inInterpolation: false)
      if index < text.count { keep() }
    }
  }

  private func at(_ offset: Int = 0) -> UInt8 { index + offset < text.count ? text[index + offset] : 0 }

  private mutating func keep() {
    if text[index] == UInt8(ascii: "\n") { line += 1 }
    code.append(text[index])
    index += 1
  }

  private mutating func blank() {
    let byte = text[index]
    if byte == UInt8(ascii: "\n") { line += 1 }
    code.append(byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " "))
    index += 1
  }

  private mutating func blank(_ count: Int) {
    for _ in 0..<count where index < text.count { blank() }
  }

  private mutating func scanCode(inInterpolation: Bool) {
    var depth = 0
    while index < text.count {
      switch at() {
      case UInt8(ascii: "/") where at(1) == UInt8(ascii: "/"): lineComment()
      case UInt8(ascii: "/") where at(1) == UInt8(ascii: "*"): blockComment()
      case UInt8(ascii: "\""): string(hashes: 0)
      case UInt8(ascii: "'") where language == .c: characterLiteral()
      case UInt8(ascii: "#") where language == .swift:
        var hashes = 0
        while at(hashes) == UInt8(ascii: "#") { hashes += 1 }
        if at(hashes) == UInt8(ascii: "\"") {
          for _ in 0..<hashes { keep() }
          string(hashes: hashes)
        } else {
          for _ in 0..<hashes { keep() }
        }
      case UInt8(ascii: "("):
        depth += 1
        keep()
      case UInt8(ascii: ")"):
        if depth == 0 && inInterpolation { return }
        depth -= 1
        keep()
      default: keep()
      }
    }
  }

  private mutating func lineComment() {
    let start = index
    let startLine = line
    while index < text.count && at() != UInt8(ascii: "\n") { blank() }
    note(start, startLine)
  }

  private mutating func blockComment() {
    let start = index
    let startLine = line
    var depth = 0
    repeat {
      if at() == UInt8(ascii: "/") && at(1) == UInt8(ascii: "*") && (depth == 0 || language == .swift) {
        depth += 1
        blank(2)
      } else if at() == UInt8(ascii: "*") && at(1) == UInt8(ascii: "/") {
        depth -= 1
        blank(2)
      } else {
        blank()
      }
    } while depth > 0 && index < text.count
    note(start, startLine)
  }

  private mutating func note(_ start: Int, _ startLine: Int) {
    comments.append(.init(line: startLine, text: String(decoding: text[start..<index], as: UTF8.self)))
  }

  private mutating func characterLiteral() {
    keep()
    while index < text.count && at() != UInt8(ascii: "'") && at() != UInt8(ascii: "\n") {
      blank(at() == UInt8(ascii: "\\") ? 2 : 1)
    }
    if at() == UInt8(ascii: "'") { keep() }
  }

  private mutating func string(hashes: Int) {
    let quote = UInt8(ascii: "\"")
    let isMultiline = at(1) == quote && at(2) == quote && language == .swift
    let quotes = isMultiline ? 3 : 1
    let startLine = line
    for _ in 0..<quotes { keep() }
    while index < text.count {
      if at() == UInt8(ascii: "\\") && (0..<hashes).allSatisfy({ at(1 + $0) == UInt8(ascii: "#") }) {
        escape(hashes: hashes)
      } else if closes(quotes: quotes, hashes: hashes) {
        for _ in 0..<(quotes + hashes) { keep() }
        break
      } else if at() == UInt8(ascii: "\n") && !isMultiline {
        return
      } else {
        blank()
      }
    }
    if isMultiline && line > startLine + 1 { textLines.formUnion((startLine + 1)..<line) }
  }

  private mutating func escape(hashes: Int) {
    blank(1 + hashes)
    if at() == UInt8(ascii: "(") && language == .swift {
      keep()
      scanCode(inInterpolation: true)
      if index < text.count { keep() }
    } else if index < text.count {
      blank()
    }
  }

  private func closes(quotes: Int, hashes: Int) -> Bool {
    (0..<quotes).allSatisfy { at($0) == UInt8(ascii: "\"") }
      && (0..<hashes).allSatisfy { at(quotes + $0) == UInt8(ascii: "#") }
  }
}
