/// Reads the set language of `-E`.
///
/// - Layout: `set = and { ("or" | "|") and }`, `and = not { ("and" | "&") not }`,
///   `not = ("not" | "!") not | "(" set ")" | predicate "(" pattern ")"`.
public struct CaseSetParser {
  private let text: [Character]
  private var position = 0
  private var depth = 0

  private init(_ text: String) { self.text = Array(text) }

  /// Reads a whole expression.
  public static func parse(_ text: String) throws(CaseSetError) -> CaseSet {
    var parser = CaseSetParser(text)
    let set = try parser.disjunction()
    if let rest = parser.peek() { throw parser.unexpected(String(rest), "'and', 'or' or the end") }
    return set
  }

  private mutating func disjunction() throws(CaseSetError) -> CaseSet {
    var set = try conjunction()
    while take("|") || take(word: "or") { set = .either(set, try conjunction()) }
    return set
  }

  private mutating func conjunction() throws(CaseSetError) -> CaseSet {
    var set = try negation()
    while take("&") || take(word: "and") { set = .both(set, try negation()) }
    return set
  }

  private mutating func negation() throws(CaseSetError) -> CaseSet {
    depth += 1
    defer { depth -= 1 }
    if depth > 64 { throw error("more than 64 levels of 'not' and parentheses") }
    if take("!") || take(word: "not") { return .not(try negation()) }
    if take("(") {
      let set = try disjunction()
      if !take(")") { throw unexpected(peek().map { String($0) }, "')'") }
      return set
    }
    return try predicate()
  }

  private mutating func predicate() throws(CaseSetError) -> CaseSet {
    let expected = "a predicate such as case(…), 'not' or '('"
    guard let first = peek() else { throw unexpected(nil, expected) }
    let start = position
    while position < text.count, text[position].isLetter || text[position] == "_" { position += 1 }
    let name = String(text[start..<position])
    if name.isEmpty { throw unexpected(String(first), expected) }
    guard CaseSet.predicates.contains(name) else {
      position = start
      throw unknown(name)
    }
    if !take("(") { throw unexpected(peek().map { String($0) }, "'(' behind \(name)") }
    let argument = try pattern()
    if name == "slow" {
      if argument.isEmpty { return .slow }
      throw error("slow() takes nothing, got '\(argument)'")
    }
    if argument.isEmpty { throw error("\(name)() wants a name, in which * and ? stand for any text") }
    switch name {
    case "suite": return .suite(argument)
    case "case": return .named(argument)
    case "tag": return .tag(argument)
    case "board": return .board(argument)
    case "model": return .model(argument)
    default: return .fault(argument)
    }
  }

  /// The text up to the parenthesis that closes the predicate; pairs within it belong to it.
  private mutating func pattern() throws(CaseSetError) -> String {
    let start = position
    var open = 0
    while position < text.count {
      let character = text[position]
      if character == "(" { open += 1 }
      if character == ")" && open == 0 {
        position += 1
        return Self.trimmed(text[start..<(position - 1)])
      }
      if character == ")" { open -= 1 }
      position += 1
    }
    throw unexpected(nil, "')'")
  }

  private static func trimmed(_ text: ArraySlice<Character>) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  private mutating func peek() -> Character? {
    while position < text.count, text[position].isWhitespace { position += 1 }
    return position < text.count ? text[position] : nil
  }

  private mutating func take(_ character: Character) -> Bool {
    guard peek() == character else { return false }
    position += 1
    return true
  }

  private mutating func take(word: String) -> Bool {
    guard peek() != nil, text[position...].starts(with: word) else { return false }
    let end = position + word.count
    if end < text.count, text[end].isLetter || text[end] == "_" { return false }
    position = end
    return true
  }

  private func unknown(_ name: String) -> CaseSetError {
    if name == "failed" {
      return error("failed() needs records of earlier runs, which this version cannot read")
    }
    let known = CaseSet.predicates.map { "\($0)()" }.joined(separator: " ")
    let hint = NearName.find(name, among: CaseSet.predicates).map { "; did you mean '\($0)'?" } ?? ""
    return error("unknown predicate '\(name)'\(hint.isEmpty ? "; known: \(known)" : hint)")
  }

  private func unexpected(_ seen: String?, _ expected: String) -> CaseSetError {
    error("expected \(expected), got \(seen.map { "'\($0)'" } ?? "the end")")
  }

  private func error(_ message: String) -> CaseSetError {
    CaseSetError(message: message, column: position + 1, expression: String(text))
  }
}

/// What is wrong with an expression of `-E`.
public struct CaseSetError: Error, Hashable, Sendable, CustomStringConvertible {
  let message: String
  /// The place, counted in characters from one.
  public let column: Int
  let expression: String

  public var description: String { "\(message)   (column \(column) of -E '\(expression)')" }
}
