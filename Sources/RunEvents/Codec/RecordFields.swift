/// The fields of a record that is being read.
struct RecordFields {
  /// The word for the record in messages.
  let record: String
  private let members: [JSONMember]

  init(_ value: JSONValue, of record: String) throws(EventError) {
    guard case .object(let members) = value else { throw .notAnObject(seen: value.kindName) }
    self.members = members
    self.record = record
  }

  /// The value of a field; nil when it is absent or null.
  func value(_ key: String) -> JSONValue? {
    guard let value = members.first(where: { $0.key == key })?.value, value != .null else { return nil }
    return value
  }

  private func required<T>(_ value: T?, _ key: String) throws(EventError) -> T {
    guard let value else { throw .missing(field: key, of: record) }
    return value
  }

  func wrong(_ key: String, _ expected: String) -> EventError {
    .wrongValue(field: key, of: record, expected: expected)
  }

  func optionalText(_ key: String) throws(EventError) -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value else { throw wrong(key, "a text") }
    return text
  }

  func text(_ key: String) throws(EventError) -> String { try required(try optionalText(key), key) }

  func optionalUnsigned(_ key: String) throws(EventError) -> UInt64? {
    guard let value = value(key) else { return nil }
    guard case .unsigned(let number) = value else { throw wrong(key, "a whole number") }
    return number
  }

  func unsigned(_ key: String) throws(EventError) -> UInt64 {
    try required(try optionalUnsigned(key), key)
  }

  func optionalCount(_ key: String) throws(EventError) -> Int? {
    guard let number = try optionalUnsigned(key) else { return nil }
    // Half of the range, so that sums of a few counts from outside cannot overflow.
    guard number <= UInt64(Int32.max) else { throw wrong(key, "at most \(Int32.max)") }
    return Int(number)
  }

  func count(_ key: String) throws(EventError) -> Int { try required(try optionalCount(key), key) }

  func flag(_ key: String) throws(EventError) -> Bool {
    switch try required(value(key), key) {
    case .bool(let flag): return flag
    default: throw wrong(key, "true or false")
    }
  }

  func optionalHexadecimal(_ key: String) throws(EventError) -> UInt64? {
    guard let text = try optionalText(key) else { return nil }
    guard text.hasPrefix("0x"), let number = UInt64(text.dropFirst(2), radix: 16) else {
      throw wrong(key, "a hexadecimal number such as '0x5eed'")
    }
    return number
  }

  func hexadecimal(_ key: String) throws(EventError) -> UInt64 {
    try required(try optionalHexadecimal(key), key)
  }

  func word<Word: RawRepresentable<String> & CaseIterable>(_ key: String, _: Word.Type) throws(EventError)
    -> Word
  {
    guard let word = Word(rawValue: try text(key)) else {
      throw wrong(key, "one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return word
  }

  /// The elements of a list; empty when the field is absent.
  func list(_ key: String) throws(EventError) -> [JSONValue] {
    guard let value = value(key) else { return [] }
    guard case .array(let elements) = value else { throw wrong(key, "a list") }
    return elements
  }

  func texts(_ key: String) throws(EventError) -> [String] {
    var texts: [String] = []
    for element in try list(key) {
      guard case .string(let text) = element else { throw wrong(key, "a list of texts") }
      texts.append(text)
    }
    return texts
  }

  /// An object within the record; nil when the field is absent.
  func object(_ key: String) throws(EventError) -> RecordFields? {
    guard let value = value(key) else { return nil }
    return try RecordFields(value, of: "\(key) of \(record)")
  }

  func objects(_ key: String) throws(EventError) -> [RecordFields] {
    var objects: [RecordFields] = []
    for element in try list(key) { objects.append(try RecordFields(element, of: "\(key) of \(record)")) }
    return objects
  }

  func stepIndex(_ key: String) throws(EventError) -> StepIndex {
    guard let index = StepIndex(try text(key)) else { throw wrong(key, "a place such as '2/3'") }
    return index
  }

  func optionalStepIndex(_ key: String) throws(EventError) -> StepIndex? {
    try optionalText(key) == nil ? nil : stepIndex(key)
  }
}
