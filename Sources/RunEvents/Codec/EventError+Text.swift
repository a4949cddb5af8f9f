extension JSONError: CustomStringConvertible {
  /// The message, without the place.
  public var description: String {
    switch problem {
    case .unexpectedEnd: "the text ends within a value"
    case .unexpectedByte(let byte): "\(Self.name(byte)) cannot stand here"
    case .trailingByte(let byte): "\(Self.name(byte)) after the value; one value per line"
    case .tooDeep(let limit): "nested more deeply than \(limit) levels"
    case .controlCharacter(let byte): "\(Self.name(byte)) within a text; write it as an escape"
    case .badEscape: "unknown escape; allowed: \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"
    case .loneSurrogate: "half of a surrogate pair"
    case .notUTF8: "a text that is not UTF-8"
    case .badNumber: "a number JSON does not allow"
    case .numberOutOfRange: "a number too large for any type"
    }
  }

  private static func name(_ byte: UInt8) -> String {
    guard byte >= 0x20, byte < 0x7f else {
      let digits = String(byte, radix: 16)
      return "byte 0x" + (digits.count == 1 ? "0" : "") + digits
    }
    return "'\(Character(UnicodeScalar(byte)))'"
  }
}

extension EventError: CustomStringConvertible {
  /// The message, without the place.
  public var description: String {
    switch self {
    case .json(let error): "no JSON: \(error) (column \(error.column))"
    case .notAnObject(let seen): "\(seen) instead of an object"
    case .version(let seen):
      "format version \(seen), known up to \(Event.formatVersion); use a newer pcie-harness"
    case .missing(let field, let record): "\(record) without '\(field)'"
    case .wrongValue(let field, let record, let expected): "'\(field)' of \(record) is not \(expected)"
    case .lineTooLong(let limit): "a line of more than \(limit) bytes"
    case .truncated(let bytes): "the stream ends within a line, after \(bytes) bytes of it"
    }
  }
}

extension EventStreamError: CustomStringConvertible {
  /// The message with its line.
  public var description: String { "line \(line): \(error)" }
}
