import Foundation

/// Links of committed Markdown: the file exists, and so does the heading.
enum LinkRule {
  struct Link: Equatable {
    let target: String
    let line: Int
  }

  /// The catalogue's folders of pages.
  private static let folders = ["", "Decisions/"]

  /// Links outside code: `[text](target)` and DocC's `<doc:Page>`.
  static func links(in markdown: String) -> [Link] {
    var links: [Link] = []
    var isFenced = false
    for (index, line) in markdown.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.trimmed.hasPrefix("```") { isFenced.toggle() }
      if isFenced { continue }
      let prose = withoutCode(String(line))
      links += prose.matches(of: /\]\(([^()\s]+)(?:\s+"[^"]*")?\)/).map {
        Link(target: String($0.1), line: index + 1)
      }
      links += prose.matches(of: /<(doc:[^>\s]+)>/).map { Link(target: String($0.1), line: index + 1) }
    }
    return links
  }

  static func findings(path: String, markdown: String, exists: (String) -> Bool, text: (String) -> String)
    -> [Finding]
  {
    let folder = path.split(separator: "/").dropLast().map(String.init)
    let catalogue =
      folder.prefix { !$0.hasSuffix(".docc") }.map { $0 + "/" }.joined()
      + (folder.first { $0.hasSuffix(".docc") }.map { $0 + "/" } ?? "")
    return links(in: markdown).compactMap { link in
      if link.target.contains("://") || link.target.hasPrefix("mailto:") { return nil }
      let parts = link.target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      var target = parts[0]
      if target.hasPrefix("doc:") {
        // DocC knows pages by name wherever they lie in the catalogue.
        let name = target.dropFirst(4) + ".md"
        target = folders.map { $0 + name }.first { exists(catalogue + $0) } ?? String(name)
      }
      let isPage = parts[0].hasPrefix("doc:")
      let place = target.isEmpty ? path : isPage ? catalogue + target : resolve(target, from: folder)
      guard let place, exists(place) else {
        return Finding(path: path, line: link.line, message: "the link '\(link.target)' leads nowhere")
      }
      guard parts.count == 2, place.hasSuffix(".md") else { return nil }
      if anchors(text(place)).contains(parts[1].lowercased()) { return nil }
      return Finding(path: path, line: link.line, message: "\(place) has no heading for '#\(parts[1])'")
    }
  }

  private static func resolve(_ target: String, from folder: [String]) -> String? {
    var parts = folder
    for part in target.split(separator: "/") {
      if part == "." { continue }
      if part == ".." {
        guard parts.popLast() != nil else { return nil }
      } else {
        parts.append(String(part).removingPercentEncoding ?? String(part))
      }
    }
    return parts.joined(separator: "/")
  }

  private static func withoutCode(_ line: String) -> String {
    var isCode = false
    return String(
      line.map { character in
        if character == "`" { isCode.toggle() }
        return isCode ? " " : character
      })
  }

  /// Heading anchors as forges make them.
  static func anchors(_ markdown: String) -> Set<String> {
    var isFenced = false
    var anchors: Set<String> = []
    for line in markdown.split(separator: "\n") {
      if line.hasPrefix("```") { isFenced.toggle() }
      guard !isFenced, line.hasPrefix("#") else { continue }
      let title = line.drop { $0 == "#" }.trimmed.lowercased()
      anchors.insert(
        String(
          title.compactMap { $0 == " " ? "-" : $0.isLetter || $0.isNumber || "-_".contains($0) ? $0 : nil }))
    }
    return anchors
  }
}
