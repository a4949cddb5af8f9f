extension ScalarType {
  /// The forms a value may have after a YAML editor has typed it, or a reference.
  var schema: JSONValue {
    let reference = JSONValue.object([("$ref", .string("#/$defs/reference"))])
    let description = ("description", JSONValue.string(form))
    if self == .text || self == .pattern {
      let types = ["string", "number", "boolean"].map { JSONValue.string($0) }
      return .object([description, ("type", .array(types))])
    }
    let forms = typed + [.object([("type", .string("string")), ("pattern", .string(regularExpression))])]
    return .object([description, ("anyOf", .array(forms + [reference]))])
  }

  /// What the scalar becomes in a loader that types plain scalars.
  private var typed: [JSONValue] {
    let natural = JSONValue.object([("type", .string("integer")), ("minimum", .number(0))])
    switch self {
    case .bool: return [.object([("type", .string("boolean"))])]
    case .count, .hex, .integer, .fieldValue, .bytes, .addresses: return [natural]
    case .factor, .version: return [.object([("type", .string("number")), ("minimum", .number(0))])]
    default: return []
    }
  }

  private var regularExpression: String {
    let size = "[1-9][0-9]*(B|KiB|MiB|GiB)"
    let duration = "(0|[1-9][0-9]*)(ns|us|ms|s|min)"
    let name = "[a-z][a-z0-9_-]*"
    let body =
      switch self {
      case .bool: "(true|false)"
      case .count: "(0|[1-9][0-9]*)"
      case .hex: "0x[0-9a-fA-F]{1,16}"
      case .integer: "(0|[1-9][0-9]*|0x[0-9a-fA-F]{1,16})"
      case .fieldValue: "(0|[1-9][0-9]*|0x[0-9a-fA-F]{1,16}|[A-Z][A-Z0-9_]*)"
      case .size: size
      case .sizeRange: "\(size)(\\.\\.\(size))?"
      case .duration: duration
      case .durationRange: "\(duration)(\\.\\.\(duration))?"
      case .share: "(0|[1-9][0-9]{0,2})(\\.[0-9]{1,4})?%"
      case .factor: "(0|[1-9][0-9]*)(\\.[0-9]{1,3})?"
      case .addresses: "(0x[0-9a-fA-F]{1,16}(\\.\\.0x[0-9a-fA-F]{1,16})?|\(name)\\.\(name))"
      case .version: "[0-9]+(\\.[0-9]+)*"
      case .name: name
      case .bytes: "[0-9a-fA-F]{2}( [0-9a-fA-F]{2})*"
      case .function: "(\(name)(\\.\(name))?|[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7])"
      case .region: "(\(name)|[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7])\\.\(name)"
      case .counter: "\(name)\\.\(name)"
      case .text, .pattern: ".*"
      }
    return "^\(body)$"
  }
}
