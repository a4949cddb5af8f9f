extension Message {
  static func form(_ type: ScalarType, _ text: String) -> Message {
    Message(code: "scalar.\(type.codeWord)", text: "\(quoted(text)) is not \(type.form)")
  }

  static func tooBig(_ type: ScalarType, _ text: String) -> Message {
    Message(code: "scalar.range", text: "\(type.title) \(quoted(text)) does not fit 64 bits")
  }

  static func hex(_ text: String, asDecimal: UInt64?) -> Message {
    guard let value = asDecimal else { return form(.hex, text) }
    let spelled = "0x" + String(value, radix: 16)
    return Message(
      code: "scalar.hex", text: "\(quoted(text)) is not hexadecimal; write '\(spelled)'", replacement: spelled
    )
  }

  static func sizeWithoutUnit(_ text: String, _ number: UInt64) -> Message {
    let spelled = SizeUnit.spell(number)
    let better = spelled == "\(number)B" ? "" : " or '\(spelled)'"
    return Message(
      code: "scalar.unit", text: "size \(quoted(text)) has no unit; write '\(number)B'\(better)",
      replacement: spelled)
  }

  static func sizeUnit(_ text: String, _ unit: String) -> Message {
    let units = SizeUnit.allCases.map(\.rawValue)
    return Message(
      code: "scalar.unit",
      text: "size \(quoted(text)) has the unknown unit \(quoted(unit)); units are \(listing(units))")
  }

  static func durationWithoutUnit(_ text: String) -> Message {
    Message(
      code: "scalar.unit",
      text: "duration \(quoted(text)) has no unit; write '\(text)us', '\(text)ms' or '\(text)s'")
  }

  static func durationUnit(_ text: String, _ unit: String) -> Message {
    let units = TimeUnit.allCases.map(\.rawValue)
    return Message(
      code: "scalar.unit",
      text: "duration \(quoted(text)) has the unknown unit \(quoted(unit)); units are \(listing(units))")
  }

  static func shareWithoutUnit(_ text: String) -> Message {
    Message(code: "scalar.unit", text: "share \(quoted(text)) has no '%'; write a share such as 5%")
  }

  static func rangeOrder(_ text: String) -> Message {
    Message(
      code: "scalar.range", text: "range \(quoted(text)) begins above its end; write the smaller value first")
  }

  static func pattern(_ text: String, _ why: String) -> Message {
    Message(code: "scalar.pattern", text: "\(quoted(text)) is no regular expression: \(why)")
  }

  static func choice(_ title: String, _ text: String, _ words: [String]) -> Message {
    let nearest = NearestName.find(text, among: words)
    return Message(
      code: "scalar.choice",
      text: "\(quoted(text)) is no \(title); it is one of \(listing(words))\(hint(nearest))",
      replacement: nearest)
  }
}

extension ScalarType {
  /// The word behind the dot in the codes of scalar errors.
  fileprivate var codeWord: String {
    switch self {
    case .durationRange, .sizeRange: "range"
    default: rawValue
    }
  }
}
