/// A JSON document in memory that keeps the order of its members.
indirect enum JSONValue {
  case bool(Bool)
  case number(Int)
  case string(String)
  case array([JSONValue])
  case object([(String, JSONValue)])

  /// The document on one line.
  var compactText: String {
    var out = ""
    write(to: &out, indent: nil)
    return out
  }

  /// The document over several lines; what fits a line of 110 columns stays on one.
  var prettyText: String {
    var out = ""
    write(to: &out, indent: 0)
    return out + "\n"
  }

  private func write(to out: inout String, indent: Int?) {
    switch self {
    case .bool(let value): out += value ? "true" : "false"
    case .number(let value): out += "\(value)"
    case .string(let text): out += Self.quoted(text)
    case .array(let items):
      writeGroup("[", items.map { (nil, $0) }, "]", to: &out, indent: indent)
    case .object(let members):
      writeGroup("{", members.map { ($0.0, $0.1) }, "}", to: &out, indent: indent)
    }
  }

  private func writeGroup(
    _ open: String, _ members: [(String?, JSONValue)], _ close: String, to out: inout String, indent: Int?
  ) {
    guard let depth = indent else {
      out += open
      for (index, (key, value)) in members.enumerated() {
        if index > 0 { out += ", " }
        if let key { out += Self.quoted(key) + ": " }
        value.write(to: &out, indent: nil)
      }
      out += close
      return
    }
    let flat = compactText
    if flat.utf8.count + depth <= 100 {
      out += flat
      return
    }
    let inner = String(repeating: " ", count: depth + 2)
    out += open + "\n"
    for (index, (key, value)) in members.enumerated() {
      out += inner
      if let key { out += Self.quoted(key) + ": " }
      value.write(to: &out, indent: depth + 2)
      out += index + 1 < members.count ? ",\n" : "\n"
    }
    out += String(repeating: " ", count: depth) + close
  }

  /// The text in quotes, with the escapes that JSON demands.
  ///
  /// - Source: RFC 8259, section 7.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case let control where control.value < 0x20:
        let digits = String(control.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
