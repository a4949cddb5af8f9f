/// A line of text in pieces that each have a meaning, which shows as colour only when it is rendered so.
struct StyledLine: Hashable, Sendable {
  /// A piece and its meaning.
  struct Piece: Hashable, Sendable {
    var text: String
    var style: TextStyle
  }

  private(set) var pieces: [Piece] = []

  init() {}

  init(_ text: String, _ style: TextStyle = .plain) { add(text, style) }

  /// Appends a piece; what could do something to a terminal is left out.
  mutating func add(_ text: String, _ style: TextStyle = .plain) {
    if text.isEmpty { return }
    pieces.append(Piece(text: PlainText.clean(text), style: style))
  }

  /// Appends spaces until the line is so wide, and at least the given number of them.
  mutating func pad(to width: Int, atLeast: Int = 0) {
    add(String(repeating: " ", count: max(atLeast, width - self.width)))
  }

  /// The number of columns, one for each character.
  var width: Int { pieces.reduce(0) { $0 + $1.text.count } }

  /// The text alone.
  var text: String { pieces.reduce(into: "") { $0 += $1.text } }

  /// The line cut to a number of columns, with an ellipsis when something is missing.
  func cut(to columns: Int) -> StyledLine {
    guard width > columns else { return self }
    var line = StyledLine()
    var room = columns - 1
    for piece in pieces where room > 0 {
      line.add(String(piece.text.prefix(room)), piece.style)
      room -= min(room, piece.text.count)
    }
    line.add("…")
    return line
  }

  /// The line without spaces at its end.
  func trimmed() -> StyledLine {
    var line = self
    while let last = line.pieces.last {
      let kept = last.text.reversed().drop { $0 == " " }
      if kept.count == last.text.count { break }
      line.pieces.removeLast()
      if kept.isEmpty { continue }
      line.pieces.append(Piece(text: String(kept.reversed()), style: last.style))
      break
    }
    return line
  }

  /// Appends the line, with escape sequences for colour when asked for, and its end.
  func render(colour: Bool, into bytes: inout [UInt8]) {
    for piece in pieces {
      if colour, let code = piece.style.code {
        bytes.append(contentsOf: "\u{1b}[\(code)m".utf8)
        bytes.append(contentsOf: piece.text.utf8)
        bytes.append(contentsOf: "\u{1b}[0m".utf8)
      } else {
        bytes.append(contentsOf: piece.text.utf8)
      }
    }
    bytes.append(UInt8(ascii: "\n"))
  }
}

/// The meaning of a piece of text.
enum TextStyle: Hashable, Sendable {
  case plain, strong, faint, good, bad, warning, known, name

  /// The parameters of the escape sequence that selects the colour.
  var code: String? {
    switch self {
    case .plain: nil
    case .strong: "1"
    case .faint: "2"
    case .good: "1;32"
    case .bad: "1;31"
    case .warning: "1;33"
    case .known: "1;34"
    case .name: "36"
    }
  }
}
