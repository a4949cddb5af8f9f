/// Finds the mistakes in a regular expression that make it unusable, without compiling it.
enum PatternSyntax {
  /// Checks brackets, groups, repetitions and a backslash at the end.
  ///
  /// - Complexity: O(length).
  static func check(_ text: String) throws(Message) {
    var groups = 0
    var isInSet = false
    var setLength = 0
    var isEscaped = false
    var canRepeat = false
    for character in text {
      if isEscaped {
        isEscaped = false
        canRepeat = true
        setLength += 1
        continue
      }
      if character == "\\" {
        isEscaped = true
      } else if isInSet {
        // A bracket right after the opening one stands for itself.
        if character == "]", setLength > 0 {
          isInSet = false
        } else if character != "^" || setLength > 0 {
          setLength += 1
        }
        canRepeat = true
      } else {
        switch character {
        case "[":
          isInSet = true
          setLength = 0
        case "(":
          groups += 1
          canRepeat = false
        case ")":
          groups -= 1
          if groups < 0 { throw .pattern(text, "a ')' closes no group") }
          canRepeat = true
        case "*", "+":
          if !canRepeat { throw .pattern(text, "'\(character)' has nothing to repeat") }
        case "?": break
        case "|": canRepeat = false
        default: canRepeat = true
        }
      }
    }
    if text.isEmpty { throw .pattern(text, "it is empty and would match every line") }
    if isEscaped { throw .pattern(text, "it ends with a lone backslash") }
    if isInSet { throw .pattern(text, "a '[' is not closed") }
    if groups > 0 { throw .pattern(text, "a '(' is not closed") }
  }
}
