/// A table for a terminal whose long cells go on below, broken between words.
public struct TextTable: Sendable {
  /// A column.
  public struct Column: Hashable, Sendable {
    public var title: String
    /// The column gets what the others leave; one column is so.
    public var isFlexible: Bool
    /// The most columns of the terminal that it takes; longer cells go on below.
    public var widthMax: Int
    /// Whether cells stand at the right edge, as numbers do.
    public var isNumber: Bool

    /// Makes a column.
    ///
    /// - Units: `widthMax` in characters.
    public init(_ title: String, widthMax: Int = .max, isFlexible: Bool = false, isNumber: Bool = false) {
      self.title = title
      self.widthMax = widthMax
      self.isFlexible = isFlexible
      self.isNumber = isNumber
    }
  }

  private enum Row: Sendable {
    case cells([String])
    case heading(String)
  }

  /// The least that the flexible column gets; a narrower terminal breaks the lines itself.
  static let flexibleMin = 24
  /// Spaces between columns.
  private static let gap = 2

  private let columns: [Column]
  private var rows: [Row] = []

  /// Makes a table without rows.
  public init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; a line break in a cell is kept.
  public mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a cell for each column")
    rows.append(.cells(cells.map { PlainText.clean($0, keepingLines: true) }))
  }

  /// Adds a line of its own above the rows that follow.
  public mutating func add(heading: String) { rows.append(.heading(PlainText.oneLine(heading))) }

  /// The lines, broken to fit a terminal.
  ///
  /// - Units: `width` in characters.
  public func lines(width: Int) -> [String] {
    let widths = widths(width)
    var lines = columns.contains { !$0.title.isEmpty } ? self.lines(columns.map(\.title), widths) : []
    for row in rows {
      switch row {
      case .heading(let text):
        if !lines.isEmpty { lines.append("") }
        lines.append(text)
      case .cells(let cells): lines += self.lines(cells, widths)
      }
    }
    return lines
  }

  private func widths(_ width: Int) -> [Int] {
    var widths = columns.indices.map { index in
      let cells = rows.map { if case .cells(let cells) = $0 { Self.natural(cells[index]) } else { 0 } }
      return min(columns[index].widthMax, max(columns[index].title.count, cells.max() ?? 0))
    }
    guard let flexible = columns.firstIndex(where: \.isFlexible) else { return widths }
    let others = widths.indices.reduce(0) { $0 + ($1 == flexible ? 0 : widths[$1]) }
    let rest = width - others - Self.gap * (columns.count - 1)
    widths[flexible] = min(widths[flexible], max(Self.flexibleMin, rest))
    return widths
  }

  private static func natural(_ cell: String) -> Int {
    cell.split(separator: "\n", omittingEmptySubsequences: false).map(\.count).max() ?? 0
  }

  private func lines(_ cells: [String], _ widths: [Int]) -> [String] {
    let broken = cells.indices.map { Self.broken(cells[$0], widths[$0]) }
    return (0..<(broken.map(\.count).max() ?? 0)).map { number in
      var line = ""
      for index in cells.indices {
        let text = number < broken[index].count ? broken[index][number] : ""
        let padded =
          columns[index].isNumber ? Format.left(text, widths[index]) : Format.right(text, widths[index])
        line += (index == 0 ? "" : String(repeating: " ", count: Self.gap)) + padded
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// A text in lines of at most so many characters, broken between words.
  public static func wrapped(_ text: String, width: Int) -> [String] { broken(text, max(width, flexibleMin)) }

  /// A cell in lines of at most so many characters; a longer word is cut.
  static func broken(_ cell: String, _ width: Int) -> [String] {
    var lines: [String] = []
    for part in cell.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      for word in part.split(separator: " ") {
        var word = word
        if !line.isEmpty, line.count + 1 + word.count > width {
          lines.append(line)
          line = ""
        }
        while word.count > width {
          lines.append(String(word.prefix(width)))
          word = word.dropFirst(width)
        }
        line += (line.isEmpty ? "" : " ") + word
      }
      lines.append(line)
    }
    return lines
  }
}
