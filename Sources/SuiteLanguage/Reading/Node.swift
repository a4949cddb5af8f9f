/// A value of a YAML file before anything gave it a type: text, a list or a map, with its place.
struct Node {
  /// What the value is.
  enum Content {
    case text(String)
    case list([Node])
    case map([Entry])
    /// A construct outside the subset, reported where it stood; nothing more is said about it.
    case refused
  }

  var content: Content
  var span: SourceSpan

  var text: String? {
    if case .text(let text) = content { text } else { nil }
  }

  var items: [Node]? {
    if case .list(let items) = content { items } else { nil }
  }

  var entries: [Entry]? {
    if case .map(let entries) = content { entries } else { nil }
  }

  /// The value of a key of a map; nil when absent or when this is no map.
  ///
  /// - Complexity: O(keys); for maps with the fixed keys of the language only.
  func value(_ key: String) -> Node? { entries?.first { $0.key == key }?.value }

  /// The number of values in the tree, this one included.
  ///
  /// - Complexity: O(values).
  var size: Int {
    switch content {
    case .text, .refused: 1
    case .list(let items): items.reduce(1) { $0 + $1.size }
    case .map(let entries): entries.reduce(1) { $0 + $1.value.size }
    }
  }

  /// True when a text that begins with a dollar stands in the value, at any depth.
  var holdsReference: Bool {
    switch content {
    case .text(let text): text.utf8.first == UInt8(ascii: "$")
    case .list(let items): items.contains { $0.holdsReference }
    case .map(let entries): entries.contains { $0.value.holdsReference }
    case .refused: false
    }
  }
}

/// One key of a map with its value.
struct Entry {
  var key: String
  var keySpan: SourceSpan
  var value: Node
}
