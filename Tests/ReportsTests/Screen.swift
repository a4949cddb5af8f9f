/// A terminal that knows what the console report uses, and records a violation for anything else.
struct Screen {
  private(set) var lines: [[Character]] = [[]]
  private(set) var row = 0
  private var column = 0
  private(set) var colours = 0
  let columns: Int
  let rows: Int
  private(set) var problems: [String] = []

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  var text: String {
    lines.map { String($0) }.joined(separator: "\n")
  }

  mutating func write(_ bytes: [UInt8]) {
    var rest = Substring(String(decoding: bytes, as: UTF8.self))
    while let character = rest.popFirst() {
      switch character {
      case "\n": newline()
      case "\r": column = 0
      case "\u{1b}":
        guard rest.popFirst() == "[" else { return problems.append("escape without bracket") }
        let parameters = rest.prefix { $0.isNumber || $0 == ";" }
        rest = rest[parameters.endIndex...]
        control(String(parameters), rest.popFirst() ?? "?")
      default: put(character)
      }
    }
  }

  private mutating func control(_ parameters: String, _ final: Character) {
    switch final {
    case "m": colours += 1
    case "A":
      let count = Int(parameters) ?? 1
      // A real cursor stops at the top of the window.
      if count > row || count >= rows { problems.append("up by \(count) from row \(row)") }
      row = max(0, row - count)
    case "J":
      if column != 0 { problems.append("erase from column \(column)") }
      lines.removeSubrange((row + 1)...)
      lines[row] = []
    default: problems.append("escape \(parameters)\(final)")
    }
  }

  private mutating func newline() {
    row += 1
    column = 0
    if row == lines.count { lines.append([]) }
  }

  private mutating func put(_ character: Character) {
    // Long lines wrap, as they do on a terminal: what is redrawn must never be that long.
    if column == columns { newline() }
    while lines[row].count <= column { lines[row].append(" ") }
    lines[row][column] = character
    column += 1
  }
}
