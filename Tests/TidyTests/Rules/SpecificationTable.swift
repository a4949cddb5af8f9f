/// Every specification section that a doc comment cites, as the page of the documentation shows it.
struct SpecificationTable {
  struct Citation: Hashable {
    let document: String
    let place: String
  }

  private(set) var rows: [Citation: Set<String>] = [:]

  /// Collects the `- Source:` lines of doc comments; a cited document ends at the first comma.
  init(_ files: [SourceText]) {
    for file in files where file.isInSources && file.language == .swift {
      let lines = file.lines.map(\.trimmed)
      for (index, line) in lines.enumerated() where line.hasPrefix("/// - Source: ") {
        let more = lines[(index + 1)...].prefix { $0.hasPrefix("///   ") }.map { $0.dropFirst(3).trimmed }
        var text = ([line.dropFirst("/// - Source: ".count).trimmed] + more).joined(separator: " ")
        if text.hasSuffix(".") { text.removeLast() }
        let parts = text.split(separator: ",", maxSplits: 1).map(\.trimmed)
        let citation = Citation(document: parts.first ?? "", place: parts.count > 1 ? parts[1] : "as a whole")
        rows[citation, default: []].insert("\(file.module)/\(file.fileName.dropLast(".swift".count))")
      }
    }
  }

  var markdown: String {
    var text = """
      # Specification table

      Which section of which document the code follows, collected from the `- Source:` lines of its doc comments.

      `UPDATE_SNAPSHOTS=1 swift test --filter TidyTests` writes this page. Compare a new row with the document itself
      when you review the change that brings it.

      """
    var document = ""
    for (citation, users) in rows.sorted(by: { Self.precedes($0.key, $1.key) }) {
      if citation.document != document {
        document = citation.document
        text += "\n## \(document)\n\n| section | cited by |\n| --- | --- |\n"
      }
      let place = citation.place.split(separator: "|", omittingEmptySubsequences: false).joined(
        separator: "\\|")
      text += "| \(place) | \(users.sorted().joined(separator: ", ")) |\n"
    }
    return text
  }

  /// By document, then by the first number of the place: 2.9 before 2.10.
  private static func precedes(_ left: Citation, _ right: Citation) -> Bool {
    if left.document != right.document { return left.document < right.document }
    let (a, b) = (numbers(left.place), numbers(right.place))
    return a == b ? left.place < right.place : a.lexicographicallyPrecedes(b)
  }

  private static func numbers(_ place: String) -> [Int] {
    let first = place.split(separator: " ").first { $0.first?.isNumber ?? false } ?? ""
    return first.split { !$0.isNumber }.compactMap { Int($0) }
  }
}
