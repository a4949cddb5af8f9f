import PCIe

/// Reads the scalar forms of the language; nothing else turns text into values.
enum Scalar {
  static func bool(_ text: String) throws(Message) -> Bool {
    switch text {
    case "true": return true
    case "false": return false
    default: throw .form(.bool, text)
    }
  }

  /// Decimal digits without a sign and without a leading zero.
  static func count(_ text: String) throws(Message) -> UInt64 {
    guard isDecimal(text) else { throw .form(.count, text) }
    guard let value = UInt64(text) else { throw .tooBig(.count, text) }
    return value
  }

  /// `0x` and up to 16 digits.
  static func hex(_ text: String) throws(Message) -> UInt64 {
    guard text.hasPrefix("0x"), text.utf8.count > 2, text.utf8.dropFirst(2).allSatisfy(isHexDigit) else {
      throw .hex(text, asDecimal: isDecimal(text) ? UInt64(text) : nil)
    }
    guard let value = UInt64(text.dropFirst(2), radix: 16) else { throw .tooBig(.hex, text) }
    return value
  }

  /// A count or a hexadecimal number.
  static func integer(_ text: String) throws(Message) -> UInt64 {
    if text.hasPrefix("0x") { return try hex(text) }
    guard isDecimal(text) else { throw .form(.integer, text) }
    guard let value = UInt64(text) else { throw .tooBig(.integer, text) }
    return value
  }

  /// Whether a text can be the name of a status of a Revere-AMU command.
  static func isStatus(_ text: String) -> Bool {
    guard let first = text.utf8.first, first >= UInt8(ascii: "A"), first <= UInt8(ascii: "Z") else {
      return false
    }
    return text.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "_") || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
        || (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z"))
    }
  }

  /// A size with its unit.
  ///
  /// - Units: bytes.
  static func size(_ text: String) throws(Message) -> UInt64 {
    let (digits, unit) = split(text)
    guard isDecimal(digits), digits != "0" else { throw .form(.size, text) }
    guard let number = UInt64(digits) else { throw .tooBig(.size, text) }
    guard !unit.isEmpty else { throw .sizeWithoutUnit(text, number) }
    guard let factor = SizeUnit(rawValue: unit) else { throw .sizeUnit(text, unit) }
    let (value, overflow) = number.multipliedReportingOverflow(by: factor.bytes)
    guard !overflow else { throw .tooBig(.size, text) }
    return value
  }

  /// A duration with its unit.
  static func duration(_ text: String) throws(Message) -> TimeSpan {
    let (digits, unit) = split(text)
    guard isDecimal(digits) else { throw .form(.duration, text) }
    guard let number = UInt64(digits) else { throw .tooBig(.duration, text) }
    guard !unit.isEmpty else { throw .durationWithoutUnit(text) }
    guard let factor = TimeUnit(rawValue: unit) else { throw .durationUnit(text, unit) }
    let (value, overflow) = number.multipliedReportingOverflow(by: factor.picoseconds)
    guard !overflow else { throw .tooBig(.duration, text) }
    return TimeSpan(picoseconds: value)
  }

  /// A duration, or two with `..` between them.
  static func durationRange(_ text: String) throws(Message) -> ClosedRange<TimeSpan> {
    guard let (low, high) = bounds(text) else {
      let fixed = try duration(text)
      return fixed...fixed
    }
    let (from, to) = (try duration(low), try duration(high))
    guard from <= to else { throw .rangeOrder(text) }
    return from...to
  }

  /// A size, or two with `..` between them.
  static func sizeRange(_ text: String) throws(Message) -> ClosedRange<UInt64> {
    guard let (low, high) = bounds(text) else {
      let fixed = try size(text)
      return fixed...fixed
    }
    let (from, to) = (try size(low), try size(high))
    guard from <= to else { throw .rangeOrder(text) }
    return from...to
  }

  /// An address, two with `..` between them, or a region of a node.
  static func addresses(_ text: String) throws(Message) -> AddressPlace {
    guard text.hasPrefix("0x") else {
      let (node, region) = try dotted(text, as: .addresses)
      return .region(node: node, region)
    }
    guard let (low, high) = bounds(text) else {
      let fixed = try hex(text)
      return .range(fixed...fixed)
    }
    let (from, to) = (try hex(low), try hex(high))
    guard from <= to else { throw .rangeOrder(text) }
    return .range(from...to)
  }

  /// Addresses as a suite names them.
  enum AddressPlace: Hashable {
    case range(ClosedRange<UInt64>)
    case region(node: String, String)
  }

  /// A percentage above 0 and up to 100 with at most four decimals.
  ///
  /// - Units: millionths.
  static func share(_ text: String) throws(Message) -> UInt32 {
    guard text.hasSuffix("%") else { throw .shareWithoutUnit(text) }
    guard let value = decimal(text.dropLast(), decimals: 4), value > 0, value <= 1_000_000 else {
      throw .form(.share, text)
    }
    return UInt32(value)
  }

  /// A number above 0 with at most three decimals.
  ///
  /// - Units: thousandths.
  static func factor(_ text: String) throws(Message) -> UInt64 {
    guard let value = decimal(text[...], decimals: 3), value > 0, value <= 1_000_000_000 else {
      throw .form(.factor, text)
    }
    return value
  }

  static func version(_ text: String) throws(Message) -> ToolVersion {
    var parts: [UInt64] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      guard !part.isEmpty, part.utf8.allSatisfy(isDigit), let number = UInt64(part) else {
        throw .form(.version, text)
      }
      parts.append(number)
    }
    return ToolVersion(parts: parts)
  }

  static func name(_ text: String) throws(Message) -> String {
    guard isName(text) else { throw .form(.name, text) }
    return text
  }

  /// Pairs of hexadecimal digits with single spaces between them.
  static func bytes(_ text: String) throws(Message) -> [UInt8] {
    var bytes: [UInt8] = []
    for pair in text.split(separator: " ", omittingEmptySubsequences: false) {
      guard pair.utf8.count == 2, pair.utf8.allSatisfy(isHexDigit), let byte = UInt8(pair, radix: 16) else {
        throw .form(.bytes, text)
      }
      bytes.append(byte)
    }
    return bytes
  }

  /// A node, a port of a node, or a bus, device and function number.
  static func function(_ text: String) throws(Message) -> FunctionTarget {
    if let address = FunctionAddress(text) { return .address(address) }
    if isName(text) { return .node(text) }
    guard let (node, link) = try? dotted(text, as: .function) else { throw .form(.function, text) }
    return .port(node: node, link: link)
  }

  /// A region of a node, or of a function that is named by its number.
  static func region(_ text: String) throws(Message) -> (FunctionTarget, String) {
    if let dot = text.lastIndex(of: "."), let address = FunctionAddress(String(text[..<dot])),
      isName(text[text.index(after: dot)...])
    {
      return (.address(address), String(text[text.index(after: dot)...]))
    }
    let (node, word) = try dotted(text, as: .region)
    return (.node(node), word)
  }

  /// Two names with a dot between them.
  static func dotted(_ text: String, as type: ScalarType) throws(Message) -> (String, String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, isName(parts[0]), isName(parts[1]) else { throw .form(type, text) }
    return (String(parts[0]), String(parts[1]))
  }

  static func isName(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, isLower(first) else { return false }
    return text.utf8.allSatisfy {
      isLower($0) || isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
    }
  }

  /// A name that a reference can carry: without a dash.
  static func isReferenceName(_ text: some StringProtocol) -> Bool {
    isName(text) && !text.utf8.contains(UInt8(ascii: "-"))
  }

  private static func isLower(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
  }
  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f"))
  }

  private static func isDecimal(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, text.utf8.allSatisfy(isDigit) else { return false }
    return first != UInt8(ascii: "0") || text.utf8.count == 1
  }

  private static func split(_ text: String) -> (digits: String, unit: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    return (String(digits), String(text[digits.endIndex...]))
  }

  private static func bounds(_ text: String) -> (String, String)? {
    let bytes = Array(text.utf8)
    let dot = UInt8(ascii: ".")
    guard let index = bytes.indices.dropLast().first(where: { bytes[$0] == dot && bytes[$0 + 1] == dot })
    else {
      return nil
    }
    return (
      String(decoding: bytes[..<index], as: UTF8.self), String(decoding: bytes[(index + 2)...], as: UTF8.self)
    )
  }

  /// A number with decimals, scaled to an integer.
  private static func decimal(_ text: Substring, decimals: Int) -> UInt64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, isDecimal(parts[0]), parts[0].utf8.count <= 9 else { return nil }
    let fraction = parts.count == 2 ? parts[1] : "0"
    guard !fraction.isEmpty, fraction.utf8.count <= decimals, fraction.utf8.allSatisfy(isDigit) else {
      return nil
    }
    let padding = String(repeating: "0", count: decimals - fraction.utf8.count)
    return UInt64(String(parts[0]) + String(fraction) + padding)
  }
}

/// The units a size may carry.
enum SizeUnit: String, CaseIterable {
  case bytes = "B"
  case kibibytes = "KiB"
  case mebibytes = "MiB"
  case gibibytes = "GiB"

  var bytes: UInt64 {
    switch self {
    case .bytes: 1
    case .kibibytes: 1 << 10
    case .mebibytes: 1 << 20
    case .gibibytes: 1 << 30
    }
  }

  /// The size in the largest unit that divides it.
  static func spell(_ size: UInt64) -> String {
    for unit in allCases.reversed() where size >= unit.bytes && size % unit.bytes == 0 {
      return "\(size / unit.bytes)\(unit.rawValue)"
    }
    return "\(size)B"
  }
}
