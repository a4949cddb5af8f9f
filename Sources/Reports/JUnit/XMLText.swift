/// Text as XML 1.0 holds it.
///
/// - Source: XML 1.0 (fifth edition), 2.2 (characters), 2.4 (escapes), 3.3.3 (white space in attributes).
enum XMLText {
  /// Appends ` key="value"`, the value as one line.
  static func attribute(_ key: String, _ value: String, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: " \(key)=\"".utf8)
    escape(PlainText.oneLine(value), to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  /// Appends the content of an element; line ends stay.
  static func content(_ text: String, to bytes: inout [UInt8]) {
    escape(PlainText.clean(text, keepingLines: true), to: &bytes)
  }

  private static func escape(_ text: String, to bytes: inout [UInt8]) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
      case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
      case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
      case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
      default: bytes.append(byte)
      }
    }
  }
}
