/// Which module may import which: the table of the architecture page, held against code and manifest.
struct ImportTable: Sendable {
  var rows: [String: Set<String>] = [:]

  /// Modules of the toolchain that any target may use.
  static let toolchain: Set<String> = ["Swift", "Glibc", "Synchronization", "Foundation", "_Volatile"]

  /// Reads the rows `| A, B | C, D |` below the head line `| module | may import |`.
  init(markdown: String) {
    var isInside = false
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        isInside = false
        continue
      }
      let cells = line.split(separator: "|").map(\.trimmed)
      if cells.first == "module" && cells.dropFirst().first == "may import" {
        isInside = true
      } else if isInside, cells.count >= 2, !cells[0].hasPrefix("-") {
        let names = cells[1] == "nothing of ours" ? [] : Set(Self.names(cells[1]))
        for module in Self.names(cells[0]) { rows[module] = names }
      }
    }
  }

  private static func names(_ cell: String) -> [String] { cell.split(separator: ",").map(\.trimmed) }

  /// A file's `import` lines against the table.
  var rule: Rule {
    Rule(name: "imports point downwards") { file in
      guard file.isInSources, file.language == .swift else { return [] }
      guard let allowed = rows[file.module] else {
        return [file.finding(1, "module \(file.module) is not in the architecture page's table")]
      }
      return file.imports.filter { !allowed.contains($0.name) && !Self.toolchain.contains($0.name) }.map {
        let names = allowed.isEmpty ? "nothing of ours" : allowed.sorted().joined(separator: ", ")
        return file.finding($0.line, "\(file.module) imports \($0.name); it may import \(names)")
      }
    }
  }

  /// The manifest's targets against the table, both ways.
  func findings(_ manifest: Manifest) -> [Finding] {
    var findings: [Finding] = []
    let modules = manifest.targets.filter { $0.type != "test" }
    for target in modules {
      guard let allowed = rows[target.name] else {
        findings.append(.manifest("target \(target.name) is not in the architecture page's table"))
        continue
      }
      for name in target.dependencies where !allowed.contains(name) {
        findings.append(.manifest("\(target.name) depends on \(name), against the architecture page's table"))
      }
    }
    return findings
  }
}

extension Finding {
  static func manifest(_ message: String) -> Finding {
    Finding(path: "Package.swift", line: 1, message: message)
  }
}
