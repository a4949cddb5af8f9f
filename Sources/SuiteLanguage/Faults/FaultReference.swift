/// Writes the generated part of the documentation's page about faults.
///
/// - Layout: Markdown from third-level headings on; one table for each layer, general ids last.
public enum FaultReference {
  /// The whole catalogue.
  public static var markdown: String {
    var out = ""
    for isGeneral in [false, true] {
      for layer in FaultID.Layer.allCases {
        let rows = FaultCatalogue.entries.filter { $0.id.layer == layer && $0.id.isGeneral == isGeneral }
        if rows.isEmpty { continue }
        out += "\n### \(isGeneral ? "General ids: " : "")\(layer.rawValue)\n\n"
        out += "| Id | What happens | Receiver or completer | Sender or requester | Error bits "
        out += "| Section | In a suite |\n"
        out += "|---|---|---|---|---|---|---|\n"
        for entry in rows { out += row(entry) }
      }
    }
    return String(out.dropFirst())
  }

  private static func row(_ entry: FaultEntry) -> String {
    let bits =
      entry.expectations.map { "\($0.role.rawValue): \($0.bitText)" }
      + entry.findingNames.map { "checkers: \($0)" }
    let cells = [
      "`\(entry.id.rawValue)`", entry.title, entry.receiver, entry.sender,
      bits.isEmpty ? "none" : bits.joined(separator: "; "), entry.section, writing(entry),
    ]
    return "| \(cells.map(escaped).joined(separator: " | ")) |\n"
  }

  private static func writing(_ entry: FaultEntry) -> String {
    if let reason = entry.unbuiltReason { return "not built: \(reason)" }
    let isRule = FaultVerb.allCases.contains { entry.writing.hasPrefix("\($0.rawValue): {") }
    let text = isRule ? "`\(entry.writing)`" : entry.writing
    if case .told(let other) = entry.standing { return "\(text); told as `\(other.rawValue)`" }
    return text
  }

  private static func escaped(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}
