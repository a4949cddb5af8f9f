extension Rule {
  /// The repository stands alone: no path of the place where it was written.
  static let standsAlone = Rule(name: "no path outside the repository") { file in
    let paths = ["/wo" + "rk/", "../sha" + "red"]
    return file.lines.enumerated().flatMap { index, line in
      paths.filter { line.contains($0) }.map {
        file.finding(index + 1, "mentions '\($0)', which is not ours")
      }
    }
  }

  static let whitespace = Rule(name: "no tabs, no trailing space, one last newline") { file in
    var findings: [Finding] = []
    let mayTab = file.fileName == "Makefile"
    for (index, line) in file.lines.enumerated() {
      if line.last == " " || line.last == "\t" { findings.append(file.finding(index + 1, "trailing space")) }
      if !mayTab && line.contains("\t") {
        findings.append(file.finding(index + 1, "a tab; write \\t or spaces"))
      }
    }
    if file.lines.last != "" || file.lines.dropLast().last == "" {
      findings.append(file.finding(file.lines.count, "the file must end with exactly one newline"))
    }
    return findings
  }
}
