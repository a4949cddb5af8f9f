/// The numbers and truth values of a JSON text by their paths, such as `capabilities.max_msg_fds`.
///
/// - Complexity: each byte is looked at once; nesting is limited.
struct VfioUserJSON {
  private let bytes: ArraySlice<UInt8>
  private var place: Int
  private var values: [String: UInt64] = [:]

  private static let depthMax = 8

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
  }

  /// Reads the text; nil when it is no JSON object. True is 1, and what is no whole number is left out.
  mutating func numbers() -> [String: UInt64]? {
    guard value(at: "", depth: 0), peek() == nil else { return nil }
    return values
  }

  /// The next byte that is no space.
  private mutating func peek() -> UInt8? {
    while place < bytes.endIndex, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) { place += 1 }
    return place < bytes.endIndex ? bytes[place] : nil
  }

  private mutating func take(_ character: Character) -> Bool {
    guard peek() == character.asciiValue else { return false }
    place += 1
    return true
  }

  private mutating func value(at path: String, depth: Int) -> Bool {
    guard depth < Self.depthMax, let first = peek() else { return false }
    switch first {
    case UInt8(ascii: "{"): return object(at: path, depth: depth)
    case UInt8(ascii: "["): return list(at: path, depth: depth)
    case UInt8(ascii: "\""): return string() != nil
    default: return word(at: path)
    }
  }

  private mutating func object(at path: String, depth: Int) -> Bool {
    place += 1
    if take("}") { return true }
    repeat {
      guard peek() == UInt8(ascii: "\""), let name = string(), take(":"),
        value(at: path.isEmpty ? name : "\(path).\(name)", depth: depth + 1)
      else { return false }
    } while take(",")
    return take("}")
  }

  private mutating func list(at path: String, depth: Int) -> Bool {
    place += 1
    if take("]") { return true }
    repeat { guard value(at: "\(path).", depth: depth + 1) else { return false } } while take(",")
    return take("]")
  }

  /// A string as it stands; escapes are part of no name that matters.
  private mutating func string() -> String? {
    place += 1
    let start = place
    while place < bytes.endIndex, bytes[place] != UInt8(ascii: "\"") {
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard place < bytes.endIndex else { return nil }
    defer { place += 1 }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private mutating func word(at path: String) -> Bool {
    let start = place
    while place < bytes.endIndex, Self.isWordByte(bytes[place]) { place += 1 }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    switch text {
    case "true": values[path] = 1
    case "false": values[path] = 0
    case "null": break
    default:
      guard let number = Double(text) else { return false }
      if number >= 0, let whole = UInt64(text) { values[path] = whole }
    }
    return true
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "E"):
      true
    default: false
    }
  }
}
