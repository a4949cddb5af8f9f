/// What `$names` mean at a place of a file.
struct ReferenceScope {
  /// The values of each matrix key in reach; one value each once a case is an instance.
  var values: [String: [Node]] = [:]
  /// What a name in reach is, for messages.
  var kind = "matrix key"

  /// True for a text that is meant as a reference.
  static func isReference(_ text: String) -> Bool { text.utf8.first == UInt8(ascii: "$") }

  /// The name behind the dollar.
  static func name(of reference: String) -> String { String(reference.dropFirst()) }
}
