import Testing

/// A broken house rule: where, and what to do about it.
struct Finding: Sendable, CustomStringConvertible {
  let path: String
  let line: Int
  let message: String

  var description: String { "\(path):\(line): error: \(message)" }
}

/// A house rule: a pure function from the text of one file to its findings.
struct Rule: Sendable, CustomTestStringConvertible {
  let name: String
  let check: @Sendable (SourceText) -> [Finding]

  var testDescription: String { name }

  func findings(_ path: String, _ text: String) -> [Finding] { check(SourceText(path: path, text: text)) }
}
