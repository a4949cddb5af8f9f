extension Rule {
  /// Files at most 600 lines, tests 800; tables are exempt by their marker.
  static let fileSize = Rule(name: "file size") { file in
    let limit = file.path.hasPrefix("Tests/") ? 800 : 600
    let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
    guard file.language != .plain, !file.isTable, count > limit else { return [] }
    return [file.finding(limit + 1, "the file has \(count) lines; the limit is \(limit), split it by topic")]
  }

  static let functionSize = Rule(name: "function size") { file in
    guard !file.isTable else { return [] }
    return file.declarations.compactMap { declaration in
      guard declaration.kind == .function || declaration.kind == .property else { return nil }
      let count = declaration.lastLine - declaration.line + 1
      guard count > 70 else { return nil }
      return file.finding(declaration.line, "'\(declaration.name)' has \(count) lines; the limit is 70")
    }
  }

  static let lineLength = Rule(name: "line length") { file in
    guard file.language != .plain, !file.isTable else { return [] }
    let codeLines = String(decoding: file.code, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    return file.lines.enumerated().compactMap { index, line in
      guard line.utf8.count > 110, line.count > 110, !file.textLines.contains(index + 1) else { return nil }
      // In a table of a test, a line that is one string is data too.
      if file.path.hasPrefix("Tests/") && codeLines[index].allSatisfy({ "\" ,".contains($0) }) { return nil }
      return file.finding(index + 1, "the line has \(line.count) columns; the limit is 110")
    }
  }

  static let storedProperties = Rule(name: "stored properties") { file in
    guard file.isInSources, !file.isTable else { return [] }
    return file.declarations.compactMap { declaration in
      guard declaration.storedProperties > 12 else { return nil }
      let count = declaration.storedProperties
      return file.finding(
        declaration.line, "'\(declaration.name)' stores \(count) properties; the limit is 12, then split")
    }
  }
}

extension Rule {
  /// A C function starts at the margin with a parenthesis and ends with a brace at the margin.
  static let cFunctionSize = Rule(name: "C function size") { file in
    guard file.language == .c, !file.isTable else { return [] }
    var findings: [Finding] = []
    var start: Int?
    for (index, line) in file.lines.enumerated() {
      if line.hasPrefix("}") {
        if let first = start, index - first + 1 > 70 {
          findings.append(
            file.finding(first + 1, "a function of \(index - first + 1) lines; the limit is 70"))
        }
        start = nil
      } else if start == nil, line.first?.isLetter == true, line.contains("("), !line.hasSuffix(";") {
        start = index
      }
    }
    return findings
  }
}
