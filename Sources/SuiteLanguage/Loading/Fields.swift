/// A finding has been reported; there is no value to go on with.
struct AlreadyReported: Error {}

/// Typed access to the keys of one object of an instance.
///
/// The shapes have been checked before, so a value of the wrong form here has been reported already.
struct Fields {
  let entries: [Entry]
  /// Where messages about the object as a whole point.
  let span: SourceSpan
  let values: [String: Node]

  init(_ node: Node, span: SourceSpan? = nil, values: [String: Node]) {
    entries = node.entries ?? []
    self.span = span ?? node.span
    self.values = values
  }

  func entry(_ key: String) -> Entry? { entries.first { $0.key == key } }

  func has(_ key: String) -> Bool { entry(key) != nil }

  /// Where messages about a key's value point: where the value stands, also when it is a reference.
  func place(_ key: String) -> SourceSpan { entry(key)?.value.span ?? span }

  /// The text under a key, its reference resolved; nil when the key is absent.
  func text(_ key: String) throws(AlreadyReported) -> String? {
    guard let entry = entry(key) else { return nil }
    return try Self.resolve(entry.value, values)
  }

  func required(_ key: String) throws(AlreadyReported) -> String {
    guard let text = try text(key) else { throw AlreadyReported() }
    return text
  }

  static func resolve(_ node: Node, _ values: [String: Node]) throws(AlreadyReported) -> String {
    guard let text = node.text else { throw AlreadyReported() }
    guard ReferenceScope.isReference(text) else { return text }
    guard let value = values[ReferenceScope.name(of: text)]?.text else { throw AlreadyReported() }
    return value
  }

  /// A value read by one of the scalar forms; nil when the key is absent.
  func value<Value>(
    _ key: String, _ read: (String) throws(Message) -> Value
  ) throws(AlreadyReported) -> Value? {
    guard let text = try text(key) else { return nil }
    do throws(Message) { return try read(text) } catch { throw AlreadyReported() }
  }

  /// A value that must be there.
  func required<Value>(
    _ key: String, _ read: (String) throws(Message) -> Value
  ) throws(AlreadyReported) -> Value {
    guard let value = try value(key, read) else { throw AlreadyReported() }
    return value
  }

  /// One of fixed words; nil when the key is absent.
  func choice<Word: RawRepresentable>(_ key: String) throws(AlreadyReported) -> Word?
  where Word.RawValue == String {
    guard let text = try text(key) else { return nil }
    guard let word = Word(rawValue: text) else { throw AlreadyReported() }
    return word
  }

  /// One of fixed words that must be there.
  func requiredChoice<Word: RawRepresentable>(_ key: String) throws(AlreadyReported) -> Word
  where Word.RawValue == String {
    guard let word: Word = try choice(key) else { throw AlreadyReported() }
    return word
  }

  /// The object under a key; nil when absent.
  func object(_ key: String) -> Fields? {
    guard let entry = entry(key) else { return nil }
    return Fields(entry.value, span: entry.keySpan, values: values)
  }

  /// The texts of a list, references resolved; empty when the key is absent.
  func texts(_ key: String) throws(AlreadyReported) -> [String] {
    var texts: [String] = []
    for item in entry(key)?.value.items ?? [] { texts.append(try Self.resolve(item, values)) }
    return texts
  }
}
