/// Reads JSON: any bytes give a value or an error with its place.
///
/// - Complexity: linear in the bytes; the depth is bounded.
/// - Source: RFC 8259.
public struct JSONParser {
  /// The deepest nesting of objects and lists that is read.
  public static let depthMax = 64

  private let bytes: ArraySlice<UInt8>
  private var position: Int

  private init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    self.position = bytes.startIndex
  }

  /// Reads one value that fills all of the bytes, white space around it excepted.
  public static func parse(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    if let byte = parser.peek() { throw parser.error(.trailingByte(byte)) }
    return value
  }

  /// Reads one value that fills all of the bytes, white space around it excepted.
  public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    try parse(bytes[...])
  }
}

extension JSONParser {
  private func peek() -> UInt8? {
    position < bytes.endIndex ? bytes[position] : nil
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  private func error(_ problem: JSONError.Problem, at place: Int? = nil) -> JSONError {
    let place = place ?? position
    var line = 1
    var lineStart = bytes.startIndex
    for index in bytes.startIndex..<place where bytes[index] == 0x0a {
      line += 1
      lineStart = index + 1
    }
    return JSONError(problem: problem, line: line, column: place - lineStart + 1)
  }

  private func unexpected() -> JSONError {
    if let byte = peek() { return error(.unexpectedByte(byte)) }
    return error(.unexpectedEnd)
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    skipSpace()
    guard let first = peek() else { throw error(.unexpectedEnd) }
    switch first {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw unexpected()
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    for expected in word.utf8 {
      guard peek() == expected else { throw unexpected() }
      position += 1
    }
    return value
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= Self.depthMax else { throw error(.tooDeep(limit: Self.depthMax)) }
    position += 1
    skipSpace()
    if peek() == UInt8(ascii: "}") {
      position += 1
      return .object([])
    }
    var members: [JSONMember] = []
    members.reserveCapacity(12)
    while true {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw unexpected() }
      let key = try string()
      skipSpace()
      guard peek() == UInt8(ascii: ":") else { throw unexpected() }
      position += 1
      members.append(JSONMember(key: key, value: try value(depth: depth)))
      if try isLast(before: UInt8(ascii: "}")) { return .object(members) }
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= Self.depthMax else { throw error(.tooDeep(limit: Self.depthMax)) }
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if peek() == UInt8(ascii: "]") {
      position += 1
      return .array([])
    }
    while true {
      elements.append(try value(depth: depth))
      if try isLast(before: UInt8(ascii: "]")) { return .array(elements) }
    }
  }

  /// Reads a comma or the closing bracket.
  private mutating func isLast(before bracket: UInt8) throws(JSONError) -> Bool {
    skipSpace()
    guard let byte = peek(), byte == bracket || byte == UInt8(ascii: ",") else { throw unexpected() }
    position += 1
    return byte == bracket
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    let isNegative = peek() == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let firstDigit = position
    guard digits() > 0 else { throw position < bytes.endIndex ? error(.badNumber) : unexpected() }
    if bytes[firstDigit] == UInt8(ascii: "0") && position - firstDigit > 1 {
      throw error(.badNumber, at: firstDigit)
    }
    var isWhole = true
    if peek() == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      guard digits() > 0 else { throw error(.badNumber) }
    }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      isWhole = false
      position += 1
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { throw error(.badNumber) }
    }
    if isWhole, !isNegative, let value = wholeNumber(bytes[start..<position]) { return .unsigned(value) }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, isNegative, let value = Int64(text), value < 0 { return .negative(value) }
    guard let value = Double(text), value.isFinite else { throw error(.numberOutOfRange, at: start) }
    return .decimal(value)
  }

  /// The value of decimal digits; nil when it is too large.
  private func wholeNumber(_ digits: ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for digit in digits {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      if overflow || carry { return nil }
      value = sum
    }
    return value
  }

  /// Passes over decimal digits and says how many there were.
  private mutating func digits() -> Int {
    let start = position
    while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    return position - start
  }
}

extension JSONParser {
  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    guard peek() == UInt8(ascii: "\"") else { return try escapedString(from: start) }
    let text = String(validating: bytes[start..<position], as: UTF8.self)
    guard let text else { throw error(.notUTF8, at: start) }
    position += 1
    return text
  }

  /// Reads a text that holds an escape, or ends badly.
  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var content = Array(bytes[start..<position])
    while true {
      guard let byte = peek() else { throw error(.unexpectedEnd) }
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else { throw error(.notUTF8, at: start) }
        position += 1
        return text
      case UInt8(ascii: "\\"): try escape(into: &content)
      case 0..<0x20: throw error(.controlCharacter(byte))
      default:
        content.append(byte)
        position += 1
      }
    }
  }

  private mutating func escape(into content: inout [UInt8]) throws(JSONError) {
    let start = position
    position += 1
    guard let byte = peek() else { throw error(.unexpectedEnd) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0c)
    case UInt8(ascii: "n"): content.append(0x0a)
    case UInt8(ascii: "r"): content.append(0x0d)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      let first = try codeUnit()
      var units = [first]
      if UTF16.isLeadSurrogate(first) {
        guard peek() == UInt8(ascii: "\\") else { throw error(.loneSurrogate, at: start) }
        position += 1
        guard peek() == UInt8(ascii: "u") else { throw error(.loneSurrogate, at: start) }
        position += 1
        units.append(try codeUnit())
      }
      guard let text = String(validating: units, as: UTF16.self) else {
        throw error(.loneSurrogate, at: start)
      }
      content.append(contentsOf: text.utf8)
    default: throw error(.badEscape, at: start)
    }
  }

  /// Reads the four hexadecimal digits of an escape.
  private mutating func codeUnit() throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek() else { throw error(.unexpectedEnd) }
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
      default: throw error(.badEscape)
      }
      position += 1
    }
    return unit
  }
}
