extension Diagnostic {
  /// Renders the finding for people: the head line, the source line with carets, the notes.
  ///
  /// - Complexity: O(length of the source line).
  public func text(in source: SourceText) -> String {
    var lines = ["\(path):\(span.start): \(severity.rawValue): \(message)   [\(code)]"]
    if let line = source.line(span.start.line) {
      let gutter = "\(span.start.line)".count
      let (shown, column) = Self.window(of: line, around: span.start.column)
      let last = span.end.line == span.start.line ? span.end.column : line.unicodeScalars.count + 1
      let room = max(1, shown.count - column + 1)
      let carets = max(1, min(last - span.start.column, room))
      lines.append(" \(span.start.line) | \(String(String.UnicodeScalarView(shown)))")
      let blank = String(repeating: " ", count: gutter)
      let lead = String(repeating: " ", count: column - 1)
      lines.append(" \(blank) | \(lead)\(String(repeating: "^", count: carets))")
    }
    for note in notes { lines.append("    note: \(note.message)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The part of a line that fits a terminal, without control characters, and the column's place in it.
  private static func window(of line: String, around column: Int) -> ([Unicode.Scalar], Int) {
    let width = 140
    var scalars = line.unicodeScalars.map { scalar in
      scalar.value < 0x20 || scalar.value == 0x7f ? " " : scalar
    }
    var column = min(max(column, 1), scalars.count + 1)
    if scalars.count > width, column > width / 2 {
      let cut = min(column - width / 2, scalars.count - width / 2)
      scalars.removeFirst(cut)
      column -= cut
    }
    return (Array(scalars.prefix(width)), min(column, width + 1))
  }

  /// Renders the finding as one JSON object on one line, for editors.
  ///
  /// - Layout: severity, code, message, path, start and end places, notes with places, a fix if there is one.
  public var json: String {
    var members: [(String, JSONValue)] = [
      ("severity", .string(severity.rawValue)), ("code", .string(code)), ("message", .string(message)),
      ("path", .string(path)),
    ]
    members += Self.members(of: span)
    members.append(
      (
        "notes",
        .array(
          notes.map { note in
            .object([("message", .string(note.message))] + (note.span.map(Self.members(of:)) ?? []))
          })
      ))
    if let fix {
      let place = Self.members(of: fix.span)
      members.append(("fix", .object(place + [("replacement", .string(fix.replacement))])))
    }
    return JSONValue.object(members).compactText
  }

  private static func members(of span: SourceSpan) -> [(String, JSONValue)] {
    [
      ("line", .number(span.start.line)), ("column", .number(span.start.column)),
      ("end_line", .number(span.end.line)), ("end_column", .number(span.end.column)),
    ]
  }
}
