/// A regular expression that is searched within console lines.
public struct ConsolePattern: Sendable {
  /// The expression as written.
  public let text: String
  /// Bytes without which nothing matches; nil where the expression has none that are sure.
  let needle: [UInt8]?
  /// Whether the expression has no special character, so that the needle is all of it.
  let isPlain: Bool
  /// Whether the rest of a line may undo a match, so that its end must have come.
  let needsWholeLine: Bool

  /// Takes an expression whose brackets the loader has checked.
  public init(_ text: String) {
    self.text = text
    isPlain = !text.contains(where: Self.special.contains)
    needle = isPlain ? Array(text.utf8) : Self.needle(in: text)
    needsWholeLine = Self.looksAhead(text)
  }

  /// Whether the expression can be compiled; the loader checks no more than its brackets.
  public var isUsable: Bool { isPlain || (try? Regex(text)) != nil }

  private static let special = Set("\\^$.|?*+()[]{}")

  /// The longest plain text that every match of an expression holds; nil where there is none for sure.
  ///
  /// Groups and sets are passed over; a choice outside of groups leaves nothing sure, nor do groups that
  /// set flags.
  private static func needle(in text: String) -> [UInt8]? {
    var best = ""
    var run = ""
    var groups = 0
    var isInSet = false
    var characters = Array(text)[...]
    func endRun() {
      if run.utf8.count > best.utf8.count { best = run }
      run = ""
    }
    while let character = characters.popFirst() {
      if isInSet {
        if character == "\\" { _ = characters.popFirst() }
        isInSet = character != "]"
        continue
      }
      switch character {
      case "\\":
        let next = characters.popFirst() ?? "\\"
        if next.isLetter || next.isNumber { endRun() } else if groups == 0 { run.append(next) }
      case "[":
        isInSet = true
        // A bracket right after the opening one stands for itself.
        if characters.first == "^" { characters.removeFirst() }
        if characters.first == "]" { characters.removeFirst() }
        endRun()
      case "(":
        groups += 1
        if characters.first == "?", characters.dropFirst().first != ":" { return nil }
        endRun()
      case ")":
        groups -= 1
        endRun()
      case "|": if groups == 0 { return nil }
      case "*", "?", "{":
        // What stands before need not be there.
        run = String(run.dropLast())
        endRun()
        if character == "{" { characters = characters.drop { $0 != "}" }.dropFirst() }
      case "+", "^", "$", ".": endRun()
      default: if groups == 0 { run.append(character) }
      }
    }
    endRun()
    return best.isEmpty ? nil : Array(best.utf8)
  }

  /// Whether an expression has an anchor, a boundary or a group that looks at what follows.
  private static func looksAhead(_ text: String) -> Bool {
    var last: Character?
    for character in text {
      if last == "\\" {
        if "bBzZG".contains(character) { return true }
        last = nil
        continue
      }
      if character == "$" || last == "(" && character == "?" { return true }
      last = character
    }
    return false
  }

  /// Finds the expression in lines, compiled once.
  struct Matcher {
    private let literal: String?
    private let expression: Regex<AnyRegexOutput>?

    init(_ pattern: ConsolePattern) {
      literal = pattern.isPlain ? pattern.text : nil
      expression = pattern.isPlain ? nil : try? Regex(pattern.text)
    }

    func matches(_ line: String) -> Bool {
      if let literal { return line.contains(literal) }
      guard let expression else { return false }
      return (try? expression.firstMatch(in: line)) != nil
    }
  }
}
