/// Writes descriptions as a JSON schema: closed objects, one verb for each step, patterns for scalars.
///
/// A YAML editor types `0x10` or `true` before the schema sees them, so numbers are admitted where the
/// loader sees text.
struct SchemaWriter {
  /// The schema of a whole file with the definitions that it reaches.
  func document(_ root: ObjectID, title: String) -> JSONValue {
    let reached = Self.reach(from: root)
    var definitions: [(String, JSONValue)] = [("reference", Self.reference)]
    for type in ScalarType.allCases where reached.scalars.contains(type) {
      definitions.append((Self.name(type), type.schema))
    }
    for object in Catalogue.all where reached.objects.contains(object.id) && object.id != root {
      definitions.append((object.id.rawValue, schema(object)))
    }
    var members: [(String, JSONValue)] = [
      ("$schema", .string("https://json-schema.org/draft/2020-12/schema")), ("title", .string(title)),
    ]
    members += self.members(Catalogue.object(root))
    members.append(("$defs", .object(definitions)))
    return .object(members)
  }

  private static let reference: JSONValue = .object([
    ("type", .string("string")), ("pattern", .string("^\\$[a-z][a-z0-9_]*$")),
  ])

  private static func name(_ type: ScalarType) -> String {
    // Objects and scalars share one space of names.
    ObjectID(rawValue: type.rawValue) == nil ? type.rawValue : type.rawValue + "Value"
  }

  private static func toDefinition(_ name: String) -> JSONValue {
    .object([("$ref", .string("#/$defs/\(name)"))])
  }

  private func schema(_ object: ObjectDescription) -> JSONValue { .object(members(object)) }

  private func members(_ object: ObjectDescription) -> [(String, JSONValue)] {
    var members: [(String, JSONValue)] = [
      ("description", .string(object.help)), ("type", .string("object")),
    ]
    if object.isSingle { members += [("minProperties", .number(1)), ("maxProperties", .number(1))] }
    let required = object.fields.filter(\.isRequired).map(\.name)
    let groups = object.groups.map(schema)
    if !groups.isEmpty { members.append(("allOf", .array(groups))) }
    guard !object.forms.isEmpty else {
      return members + closed(object.fields, required: required, fixed: [:])
    }
    let ofForms = object.formKeys
    let forms = object.forms.map { form -> JSONValue in
      let fields = object.fields.filter { !ofForms.contains($0.name) || form.allKeys.contains($0.name) }
      let needed = required.filter { $0 != form.key && !form.required.contains($0) }
      var members = closed(fields, required: [form.key] + form.required + needed, fixed: form.fixed)
      if !form.oneOf.isEmpty { members.append(("oneOf", Self.oneRequired(form.oneOf))) }
      return .object(members)
    }
    return members + [("oneOf", .array(forms))]
  }

  /// An object that takes the fields and nothing else.
  private func closed(
    _ fields: [FieldDescription], required: [String], fixed: [String: String]
  ) -> [(String, JSONValue)] {
    var members: [(String, JSONValue)] = [("additionalProperties", .bool(false))]
    if !required.isEmpty { members.append(("required", .array(required.map { .string($0) }))) }
    let properties = fields.map { field -> (String, JSONValue) in
      if let only = fixed[field.name] {
        return (field.name, .object([("const", .string(only)), ("description", .string(field.help))]))
      }
      return (field.name, described(schema(field.shape), field.help))
    }
    return members + [("properties", .object(properties))]
  }

  private func described(_ schema: JSONValue, _ help: String) -> JSONValue {
    guard case .object(let members) = schema else { return schema }
    return .object(members + [("description", .string(help))])
  }

  private static func oneRequired(_ keys: [String]) -> JSONValue {
    .array(keys.map { .object([("required", .array([.string($0)]))]) })
  }

  private func schema(_ group: GroupDescription) -> JSONValue {
    guard case .array(var choices) = Self.oneRequired(group.keys) else { return .object([]) }
    if !group.isRequired { choices.append(.object([("not", .object([("anyOf", .array(choices))]))])) }
    return .object([("oneOf", .array(choices))])
  }

  private func schema(_ shape: Shape) -> JSONValue {
    switch shape {
    case .scalar(let type): return Self.toDefinition(Self.name(type))
    case .object(let id): return Self.toDefinition(id.rawValue)
    case .choice(_, let words):
      let numbers = words.compactMap { word in Int(word).map { JSONValue.number($0) } }
      let list = JSONValue.array(words.map { .string($0) } + numbers)
      return .object([("anyOf", .array([.object([("enum", list)]), Self.toDefinition("reference")]))])
    case .list(let item): return .object([("type", .string("array")), ("items", schema(item))])
    case .map(_, let form, let value):
      return .object([
        ("type", .string("object")), ("propertyNames", .object([("pattern", .string(form.pattern))])),
        ("additionalProperties", schema(value)),
      ])
    case .scalarOrObject(let type, let id):
      let choices = [Self.toDefinition(Self.name(type)), Self.toDefinition(id.rawValue)]
      return .object([("anyOf", .array(choices))])
    }
  }

  /// The scalars and objects that a file can hold.
  private static func reach(from root: ObjectID) -> (scalars: Set<ScalarType>, objects: Set<ObjectID>) {
    var scalars: Set<ScalarType> = []
    var objects: Set<ObjectID> = [root]
    var pending = [root]
    while let id = pending.popLast() {
      for field in Catalogue.object(id).fields {
        collect(field.shape, &scalars) { next in
          if objects.insert(next).inserted { pending.append(next) }
        }
      }
    }
    return (scalars, objects)
  }

  private static func collect(_ shape: Shape, _ scalars: inout Set<ScalarType>, _ visit: (ObjectID) -> Void) {
    switch shape {
    case .scalar(let type): scalars.insert(type)
    case .choice: break
    case .object(let id): visit(id)
    case .list(let item): collect(item, &scalars, visit)
    case .map(_, _, let value): collect(value, &scalars, visit)
    case .scalarOrObject(let type, let id):
      scalars.insert(type)
      visit(id)
    }
  }
}

extension Shape.KeyForm {
  /// The form of free keys as a regular expression.
  var pattern: String {
    switch self {
    case .name: "^[a-z][a-z0-9_-]*$"
    case .referenceName: "^[a-z][a-z0-9_]*$"
    case .variable: "^[A-Za-z0-9_]+$"
    }
  }
}
