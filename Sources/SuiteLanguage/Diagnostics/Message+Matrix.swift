extension Message {
  static func emptyMatrix(_ key: String) -> Message {
    Message(
      code: "suite.matrix", text: "matrix key '\(key)' has no value, so the case would have no instance")
  }

  static func shadowedMatrix(_ key: String) -> Message {
    Message(
      code: "suite.matrix",
      text: "matrix key '\(key)' is a key of the suite's matrix already; choose another name")
  }

  static func matrixSize(limit: Int) -> Message {
    Message(
      code: "suite.matrix", text: "the matrix has more than \(limit) assignments; draw from seeds instead")
  }

  static func matrixValue(_ text: String) -> Message {
    Message(
      code: "suite.matrix",
      text: "\(quoted(text)) cannot be part of a case id; a matrix value has no space, '[', ']', ',' or '='")
  }

  static func repeatedValue(_ text: String, _ key: String, first: SourcePosition) -> Message {
    Message(
      code: "suite.matrix",
      text: "\(quoted(text)) stands twice under '\(key)', first at \(first); two instances would have one id")
  }

  static func excludeKey(_ key: String, _ keys: [String]) -> Message {
    let nearest = NearestName.find(key, among: keys)
    let known = keys.isEmpty ? "there is no matrix beside it" : "keys here: \(listing(keys))"
    return Message(
      code: "suite.exclude",
      text: "'exclude' names \(quoted(key)), which is no key of the matrix; \(known)\(hint(nearest))",
      replacement: nearest)
  }

  static func excludeValue(_ text: String, _ key: String, _ known: [String]) -> Message {
    Message(
      code: "suite.exclude",
      text: "'exclude' names \(quoted(text)), which is no value of '\(key)'; values are \(listing(known))")
  }

  static func nothingLeft(_ owner: String) -> Message {
    Message(code: "suite.exclude", text: "'exclude' leaves no instance of \(owner)")
  }

  static func tooManyInstances(limit: Int) -> Message {
    Message(
      code: "suite.matrix",
      text:
        "the matrix leaves more instances or steps than a suite holds (\(limit) instances); "
        + "spread it over several files"
    )
  }

  static func seeds(_ count: UInt64) -> Message {
    Message(code: "suite.range", text: "seeds is \(count); it must be 1 to 1000000")
  }
}
