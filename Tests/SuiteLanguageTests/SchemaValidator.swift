import Foundation

/// A document as a loader without implicit types sees it.
indirect enum PlainValue {
  case text(String)
  case list([PlainValue])
  case map([String: PlainValue])
}

/// The part of JSON Schema 2020-12 that our schemas use, for documents in which every scalar is text.
final class SchemaValidator {
  /// Keywords the validator knows; any other in a schema would be skipped, so a test refuses it.
  static let keywords: Set<String> = [
    "$schema", "$defs", "$ref", "title", "description", "type", "enum", "const", "pattern", "minimum",
    "anyOf",
    "oneOf", "allOf", "not", "properties", "additionalProperties", "propertyNames", "required",
    "minProperties",
    "maxProperties", "items",
  ]

  /// One schema, taken apart once.
  private final class Rule {
    var isForbidden = false
    var reference: String?
    var types: [String]?
    var words: Set<String>?
    var pattern: NSRegularExpression?
    var items: Rule?
    var choices = Choices()
    var members = Members()
  }

  /// Schemas of which all, any, one or none must take the value.
  private struct Choices {
    var all: [Rule] = []
    var any: [Rule]?
    var one: [Rule]?
    var not: Rule?
  }

  /// What a map may hold.
  private struct Members {
    var properties: [String: Rule] = [:]
    var others: Rule?
    var names: Rule?
    var required: [String] = []
    var counts = 0...Int.max
  }

  let document: [String: Any]
  private var definitions: [String: Rule] = [:]
  private var root = Rule()

  init(_ text: String) throws {
    document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    for (name, schema) in document["$defs"] as? [String: Any] ?? [:] {
      definitions[name] = try Self.rule(schema)
    }
    root = try Self.rule(document)
  }

  func accepts(_ value: PlainValue) -> Bool { accepts(value, root) }

  private static func rule(_ value: Any) throws -> Rule {
    let rule = Rule()
    guard let schema = value as? [String: Any] else {
      rule.isForbidden = value as? Bool == false
      return rule
    }
    func rules(_ key: String) throws -> [Rule]? { try (schema[key] as? [Any])?.map { try Self.rule($0) } }
    rule.reference = (schema["$ref"] as? String)?.split(separator: "/").last.map(String.init)
    rule.types = schema["type"] as? [String] ?? (schema["type"] as? String).map { [$0] }
    rule.words = (schema["enum"] as? [Any]).map { Set($0.compactMap { $0 as? String }) }
    if let only = schema["const"] as? String { rule.words = [only] }
    rule.pattern = try (schema["pattern"] as? String).map { try NSRegularExpression(pattern: $0) }
    rule.choices.all = try rules("allOf") ?? []
    rule.choices.any = try rules("anyOf")
    rule.choices.one = try rules("oneOf")
    rule.choices.not = try schema["not"].map { try Self.rule($0) }
    rule.items = try schema["items"].map { try Self.rule($0) }
    rule.members.properties = try (schema["properties"] as? [String: Any] ?? [:]).mapValues {
      try Self.rule($0)
    }
    rule.members.others = try schema["additionalProperties"].map { try Self.rule($0) }
    rule.members.names = try schema["propertyNames"].map { try Self.rule($0) }
    rule.members.required = schema["required"] as? [String] ?? []
    rule.members.counts =
      (schema["minProperties"] as? Int ?? 0)...(schema["maxProperties"] as? Int ?? Int.max)
    return rule
  }

  private func accepts(_ value: PlainValue, _ rule: Rule) -> Bool {
    if rule.isForbidden { return false }
    if let name = rule.reference {
      guard let target = definitions[name], accepts(value, target) else { return false }
    }
    if let types = rule.types, !types.contains(Self.type(of: value)) { return false }
    if case .text(let text) = value {
      if let words = rule.words, !words.contains(text) { return false }
      if let pattern = rule.pattern {
        let range = NSRange(text.startIndex..., in: text)
        if pattern.firstMatch(in: text, range: range) == nil { return false }
      }
    } else if rule.words != nil {
      return false
    }
    if !rule.choices.all.allSatisfy({ accepts(value, $0) }) { return false }
    if let any = rule.choices.any, !any.contains(where: { accepts(value, $0) }) { return false }
    if let one = rule.choices.one, one.count(where: { accepts(value, $0) }) != 1 { return false }
    if let not = rule.choices.not, accepts(value, not) { return false }
    switch value {
    case .text: return true
    case .list(let items): return rule.items.map { item in items.allSatisfy { accepts($0, item) } } ?? true
    case .map(let members): return acceptsMembers(members, rule)
    }
  }

  private func acceptsMembers(_ members: [String: PlainValue], _ rule: Rule) -> Bool {
    guard rule.members.counts.contains(members.count) else { return false }
    guard rule.members.required.allSatisfy({ members[$0] != nil }) else { return false }
    return members.allSatisfy { key, value in
      if let names = rule.members.names, !accepts(.text(key), names) { return false }
      guard let member = rule.members.properties[key] ?? rule.members.others else { return true }
      return accepts(value, member)
    }
  }

  private static func type(of value: PlainValue) -> String {
    switch value {
    case .text: "string"
    case .list: "array"
    case .map: "object"
    }
  }
}
