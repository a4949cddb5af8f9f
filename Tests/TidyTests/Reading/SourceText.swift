/// A source file as the rules see it: its text, and the same with comments and string contents blanked out.
struct SourceText: Sendable {
  let path: String
  let lines: [String]
  let code: [UInt8]
  let comments: [Comment]
  /// The lines that lie wholly inside a multi-line string: data, not code.
  let textLines: Set<Int>
  let tokens: [Token]
  let declarations: [Declaration]

  struct Comment: Sendable {
    let line: Int
    let text: String
  }

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var masking = Masking(Array(text.utf8), language: Language(path: path))
    masking.run()
    code = masking.code
    comments = masking.comments
    textLines = masking.textLines
    tokens = Language(path: path) == .plain ? [] : Token.all(in: masking.code)
    declarations = Language(path: path) == .swift ? Declaration.all(in: tokens) : []
  }

  var language: Language { Language(path: path) }
  var isTable: Bool { comments.contains { $0.text.hasPrefix("// tidy: table") } }
  var fileName: String { String(path.split(separator: "/").last ?? "") }

  /// The second component: the module for a path below Sources, the test target for one below Tests.
  var module: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 ? String(parts[1]) : ""
  }
  var isInSources: Bool { path.hasPrefix("Sources/") }

  func finding(_ line: Int, _ message: String) -> Finding {
    Finding(path: path, line: line, message: message)
  }
}

enum Language: Sendable {
  case swift, c, plain

  init(path: String) {
    if path.hasSuffix(".swift") {
      self = .swift
    } else if path.hasSuffix(".c") || path.hasSuffix(".h") {
      self = .c
    } else {
      self = .plain
    }
  }
}
