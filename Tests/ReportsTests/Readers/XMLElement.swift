/// An element of an XML document, read strictly: what a real parser refuses is an error here too.
struct XMLElement {
  var name: String
  var attributes: [String: String] = [:]
  var children: [XMLElement] = []
  /// The text before the first child, as ElementTree gives it.
  var text = ""

  struct Malformed: Error {
    var message: String
  }

  static func parse(_ document: String) throws -> XMLElement {
    var parser = Parser(rest: Substring(document))
    if parser.take("<?xml") { _ = try parser.until("?>") }
    parser.space()
    let root = try parser.element()
    parser.space()
    guard parser.rest.isEmpty else { throw Malformed(message: "text behind the root") }
    return root
  }

  private struct Parser {
    var rest: Substring

    mutating func take(_ text: String) -> Bool {
      guard rest.hasPrefix(text) else { return false }
      rest = rest.dropFirst(text.count)
      return true
    }

    mutating func expect(_ text: String) throws {
      guard take(text) else { throw Malformed(message: "expected \(text) at \(rest.prefix(20))") }
    }

    mutating func until(_ text: String) throws -> Substring {
      guard let range = rest.firstRange(of: text) else { throw Malformed(message: "no \(text)") }
      defer { rest = rest[range.upperBound...] }
      return rest[..<range.lowerBound]
    }

    mutating func space() { rest = rest.drop { $0 == " " || $0 == "\n" || $0 == "\t" } }

    mutating func word() throws -> String {
      let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
      guard !word.isEmpty else { throw Malformed(message: "no name at \(rest.prefix(20))") }
      rest = rest[word.endIndex...]
      return String(word)
    }

    mutating func element() throws -> XMLElement {
      try expect("<")
      var element = XMLElement(name: try word())
      while true {
        let before = rest
        space()
        if take("/>") { return element }
        if take(">") { break }
        guard before.first != rest.first else { throw Malformed(message: "no space before an attribute") }
        let key = try word()
        try expect("=\"")
        let value = try until("\"")
        guard !value.contains("<"), element.attributes[key] == nil else {
          throw Malformed(message: "attribute \(key)")
        }
        element.attributes[key] = try Self.unescape(value)
      }
      while true {
        let text = rest.prefix { $0 != "<" }
        rest = rest[text.endIndex...]
        guard !text.contains("]]>") else { throw Malformed(message: "]]> in text") }
        if element.children.isEmpty { element.text += try Self.unescape(text) }
        if take("</") {
          try expect(element.name + ">")
          return element
        }
        element.children.append(try self.element())
      }
    }

    static func unescape(_ text: Substring) throws -> String {
      var output = ""
      var rest = text
      while let character = rest.popFirst() {
        guard character == "&" else {
          output.append(character)
          continue
        }
        guard let end = rest.firstIndex(of: ";") else { throw Malformed(message: "bare &") }
        switch rest[..<end] {
        case "amp": output += "&"
        case "lt": output += "<"
        case "gt": output += ">"
        case "quot": output += "\""
        case let other: throw Malformed(message: "entity \(other)")
        }
        rest = rest[rest.index(after: end)...]
      }
      return output
    }
  }
}
