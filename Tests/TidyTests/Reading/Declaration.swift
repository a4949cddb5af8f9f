/// A declaration of Swift source, with what the size, name and documentation rules ask about it.
struct Declaration: Sendable {
  enum Kind: Sendable { case type, `extension`, function, property, other }

  let kind: Kind
  /// The keyword that introduces it: `struct`, `func`, `var`, …
  let keyword: String
  let name: String
  /// The line of the keyword; attributes and modifiers may stand on earlier ones.
  let line: Int
  let firstLine: Int
  let modifiers: Set<String>
  /// The names of the types around it, outermost first.
  let owners: [String]
  /// It stands inside the body of a function or a closure.
  let isLocal: Bool
  var lastLine: Int
  /// A property that has a getter of its own.
  var isComputed = false
  /// Stored instance properties, for a type.
  var storedProperties = 0

  var isPublic: Bool { modifiers.contains("public") || modifiers.contains("open") }
  var isPrivate: Bool { modifiers.contains("private") || modifiers.contains("fileprivate") }
}
