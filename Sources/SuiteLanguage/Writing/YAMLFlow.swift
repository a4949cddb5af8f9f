/// A map on one line: `{key: value, …}`.
struct YAMLFlow {
  private var fields: [String] = []

  /// Adds a text, quoted where it must be; nil adds nothing.
  mutating func add(_ key: String, _ text: String?) {
    if let text { fields.append("\(key): \(Self.scalar(text))") }
  }

  /// Adds what is YAML already.
  mutating func add(_ key: String, yaml: String?) {
    if let yaml { fields.append("\(key): \(yaml)") }
  }

  mutating func add(_ key: String, hex value: (some BinaryInteger)?) {
    if let value { fields.append("\(key): \(Self.hex(value))") }
  }

  mutating func add(_ key: String, count value: (some BinaryInteger)?) {
    if let value { fields.append("\(key): \(value)") }
  }

  var isEmpty: Bool { fields.isEmpty }

  /// The map.
  var text: String { "{\(fields.joined(separator: ", "))}" }

  static func hex(_ value: some BinaryInteger) -> String { "0x" + String(value, radix: 16) }

  /// A list on one line.
  static func list(_ texts: [String]) -> String { "[\(texts.map(scalar).joined(separator: ", "))]" }

  /// A text as a scalar that stands anywhere, also within a map on one line.
  ///
  /// Plain where every reader takes it so; with double quotes where a control character asks for an escape.
  static func scalar(_ text: String) -> String {
    if isPlain(text) { return text }
    let needsEscape = text.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
    if !needsEscape { return "'" + text.replacing("'", with: "''") + "'" }
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        out += "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, first != 0x20, last != 0x20 else {
      return false
    }
    func isWord(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
    guard isWord(first) || first == UInt8(ascii: "_") || first == UInt8(ascii: "/"),
      last != UInt8(ascii: ":")
    else { return false }
    let bytes = Array(text.utf8)
    return bytes.indices.allSatisfy { index in
      let byte = bytes[index]
      if byte == UInt8(ascii: ":") { return index + 1 < bytes.count && isWord(bytes[index + 1]) }
      return isWord(byte) || " _./%+-".utf8.contains(byte)
    }
  }
}
