/// A JSON value as it was read.
public enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number that is not negative.
  case unsigned(UInt64)
  /// A whole negative number.
  case negative(Int64)
  /// Any other number.
  case decimal(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// An object; keys keep their order, and of two equal keys the first one counts.
  case object([JSONMember])
}

/// A key of a JSON object with its value.
public struct JSONMember: Hashable, Sendable {
  /// The key.
  public var key: String
  /// The value.
  public var value: JSONValue

  /// Makes a member.
  public init(key: String, value: JSONValue) {
    self.key = key
    self.value = value
  }
}

extension JSONValue {
  /// The value of a key; nil when there is none, or when this is no object.
  ///
  /// - Complexity: linear in the number of keys.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// What kind of value it is, as messages say it.
  var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .unsigned, .negative, .decimal: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
