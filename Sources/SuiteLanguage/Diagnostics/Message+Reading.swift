extension Message {
  static func sameElsewhere(_ count: Int) -> String {
    "the same in \(count) more \(count == 1 ? "instance" : "instances") of the case"
  }

  static func moreErrors(_ count: Int) -> Message {
    Message(
      code: "suite.more-errors",
      text: "\(count) more errors from here on; mend the first ones and check again")
  }

  static func tab(inIndentation: Bool) -> Message {
    inIndentation
      ? Message(code: "yaml.tab", text: "tab in indentation; this format allows spaces only")
      : Message(
        code: "yaml.tab",
        text: "tab in a line; this format allows spaces only, and \"\\t\" in quotes stands for one")
  }

  static func tooLarge(_ count: Int, limit: Int) -> Message {
    Message(
      code: "yaml.size",
      text: "file has \(count) B; the limit is \(limit) B; spread the cases over several suites")
  }

  static func empty(opening: String) -> Message {
    Message(code: "yaml.empty", text: "file is empty; it must begin with 'format: 1' and '\(opening): NAME'")
  }

  static let anchor = Message(
    code: "yaml.anchor", text: "anchors are not part of this format; write the value again where it is needed"
  )
  static let alias = Message(
    code: "yaml.alias", text: "aliases are not part of this format; write the value again here")
  static let tag = Message(
    code: "yaml.tag", text: "tags are not part of this format; every value is text and its key gives the type"
  )
  static let mergeKey = Message(
    code: "yaml.merge-key", text: "merge key '<<' is not part of this format; write the keys out")
  static let documents = Message(
    code: "yaml.documents", text: "a second document begins; a file holds one")
  static let directive = Message(
    code: "yaml.directive", text: "directives are not part of this format; begin with 'format: 1'")
  static let compoundKey = Message(
    code: "yaml.key", text: "a map or list cannot be a key; keys are plain words")
  static let emptyKey = Message(code: "yaml.key", text: "a key is missing before ':'; keys are plain words")
  static let folded = Message(
    code: "yaml.folded", text: "folded text '>' is not part of this format; use '|' or a quoted text")

  static func duplicateKey(_ key: String, first: SourcePosition) -> Message {
    Message(code: "yaml.duplicate-key", text: "\(quoted(key)) is defined twice; first at \(first)")
  }

  static func emptyValue(of key: String?) -> Message {
    let subject = key.map { "\(quoted($0)) has no value" } ?? "a list item has no value"
    return Message(code: "yaml.empty-value", text: "\(subject); write one, or '' for an empty text")
  }

  static func multiline(_ text: String) -> Message {
    Message(
      code: "yaml.multiline",
      text:
        "plain text runs over several lines and reads as \(quoted(text)); "
        + "close a bracket, add a comma or quote it"
    )
  }

  static func depth(limit: Int) -> Message {
    Message(code: "yaml.depth", text: "maps and lists are nested more than \(limit) deep")
  }

  /// The commonest texts of libyaml, turned into what a writer of suites did.
  static func syntax(_ fault: YAMLFault) -> Message {
    let opened = "\(fault.contextPlace)"
    let text =
      switch fault.problem {
      case "found character that cannot start any token":
        "no value can begin with this character; put a text with '@', '`' or '%' in front in quotes"
      case "mapping values are not allowed in this context":
        "a ':' where none can stand; two on one line need quotes or {…}, else the indentation is wrong"
      case "did not find expected ',' or ']'": "expected ',' or ']' in the list opened at \(opened)"
      case "did not find expected ',' or '}'": "expected ',' or '}' in the map opened at \(opened)"
      case "did not find expected key":
        "expected a key of the map that begins at \(opened); check the indentation"
      case "did not find expected '-' indicator":
        "expected '-' for the next item of the list that begins at \(opened); check the indentation"
      case "did not find expected node content": "a value is missing here; take out a ',' or write the value"
      case "could not find expected ':'": "expected ':' after the key at \(opened)"
      case "found unexpected end of stream": "the file ends inside the text opened at \(opened)"
      default: fault.problem
      }
    let notes = fault.context.map { ["\($0) at \(opened)"] } ?? []
    return Message(code: "yaml.syntax", text: text, notes: notes)
  }

  static func unreadable(_ fault: YAMLFault) -> Message {
    if fault.problem.contains("control characters") {
      return Message(
        code: "yaml.encoding", text: "a control character; write it as an escape in double quotes")
    }
    return Message(code: "yaml.encoding", text: "bytes that are not UTF-8; save the file as UTF-8")
  }
}
