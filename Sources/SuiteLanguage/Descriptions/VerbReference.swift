import PCIe

/// Writes the generated part of the documentation's page about the suite format.
///
/// - Layout: Markdown from third-level headings on; one table for each object.
public enum VerbReference {
  /// Scalars, objects, verbs, data, counters, statuses, violations, faults and boards.
  public static var markdown: String {
    var out = "### Scalars\n\n| Type | Form |\n|---|---|\n"
    for type in ScalarType.allCases { out += "| \(type.title) | \(type.form) |\n" }
    out += "\n### Objects\n"
    for object in Catalogue.suiteObjects { out += section(object) }
    out += "\n### Verbs\n\nA step is a map with exactly one of these keys.\n"
    for object in Catalogue.verbs { out += section(object) }
    out += "\n### Parts of verbs\n"
    for object in Catalogue.verbParts where !object.isSingle { out += section(object) }
    out += counters
    out += "\n### Faults\n\nA fault is a map with exactly one of these keys.\n"
    for object in Catalogue.faults where !object.isSingle { out += section(object) }
    out += "\n### Boards\n"
    for object in Catalogue.boardObjects { out += section(object) }
    return out
  }

  /// The version of the program that brought the language; what is as old is not marked.
  private static let firstVersion = "0.1.0"

  private static func section(_ object: ObjectDescription) -> String {
    var out = "\n#### `\(object.title)`\n\n\(object.help)\n\n| Key | Value | |\n|---|---|---|\n"
    for field in object.fields {
      let since = field.since == firstVersion ? "" : " (since \(field.since))"
      let need = field.isRequired ? "**required**; " : ""
      out += "| `\(field.name)` | \(words(for: field.shape)) | \(need)\(escaped(field.help))\(since) |\n"
    }
    for form in object.forms { out += "\n- " + sentence(about: form) }
    for group in object.groups {
      let keys = group.keys.map { "`\($0)`" }.joined(separator: ", ")
      out += "\n- \(group.isRequired ? "Exactly one" : "At most one") of \(keys)."
    }
    return object.forms.isEmpty && object.groups.isEmpty ? out : out + "\n"
  }

  private static func sentence(about form: FormDescription) -> String {
    func list(_ keys: [String]) -> String { keys.map { "`\($0)`" }.joined(separator: ", ") }
    var out = "With `\(form.key)`"
    if !form.required.isEmpty { out += " also \(list(form.required))" }
    if !form.oneOf.isEmpty { out += " also one of \(list(form.oneOf))" }
    if !form.optional.isEmpty {
      out += "\(form.required.isEmpty && form.oneOf.isEmpty ? "" : ",") optionally \(list(form.optional))"
    }
    if form.required.isEmpty, form.oneOf.isEmpty, form.optional.isEmpty {
      out += " nothing else of the other forms"
    }
    for (key, only) in form.fixed.sorted(by: { $0.key < $1.key }) { out += "; `\(key)` is `\(only)`" }
    return out + "."
  }

  private static func words(for shape: Shape) -> String {
    switch shape {
    case .scalar(let type): return type.title
    case .choice(let title, let words):
      if words.count > 12 { return "a \(title)" }
      return words.map { "`\($0)`" }.joined(separator: " ")
    case .object(let id): return "map, see `\(id.title)`"
    case .list(let item): return "list of: \(words(for: item))"
    case .map(let title, _, let value): return "map from \(title) to: \(words(for: value))"
    case .scalarOrObject(let type, let id): return "\(type.title), or map, see `\(id.title)`"
    }
  }

  private static func escaped(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  private static var counters: String {
    var out = "\n### Counters\n\nOf a link, as `LINK.name`:\n\n| Name | Counts |\n|---|---|\n"
    for counter in LinkCounter.allCases { out += "| `\(counter.rawValue)` | \(counter.help) |\n" }
    out += "\nOf a node, as `NODE.name`:\n\n| Name | Counts |\n|---|---|\n"
    for counter in NodeCounter.allCases { out += "| `\(counter.rawValue)` | \(counter.help) |\n" }
    out +=
      "\n### Violations\n\nFor `allow`, and for `has` where there is a bit.\n\n"
    out += "| Name | AER bit |\n|---|---|\n"
    for violation in Violation.allCases {
      let bit =
        violation.uncorrectableBit.map { "uncorrectable \($0)" }
        ?? violation.correctableBit.map { "correctable \($0)" } ?? "none"
      out += "| `\(violation.rawValue)` | \(bit) |\n"
    }
    return out
  }
}
