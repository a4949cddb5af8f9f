/// Text that cannot do anything to a terminal or a document: no escape sequences, no control characters.
enum PlainText {
  /// The text without escape sequences and control characters; line ends and tabs stay when asked for.
  ///
  /// What XML 1.0 cannot hold is left out too, so that a terminal and a document show the same.
  ///
  /// - Complexity: linear; nothing is copied when the text is clean.
  /// - Source: ECMA-48, 5.4 (control sequences); XML 1.0, 2.2 (characters).
  static func clean(_ text: String, keepingLines: Bool = false) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text }
    var scanner = Scanner(keepingLines: keepingLines)
    for scalar in text.unicodeScalars { scanner.take(scalar) }
    return scanner.output
  }

  /// The text as one line: line ends become spaces.
  static func oneLine(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text }
    let lines = clean(text, keepingLines: true).split(whereSeparator: { $0 == "\n" || $0 == "\t" })
    return lines.joined(separator: " ")
  }

  /// A state machine over the characters of a text.
  private struct Scanner {
    enum State {
      case text, escape, controlSequence, string, stringEscape
    }

    let keepingLines: Bool
    var output = ""
    private var state = State.text

    init(keepingLines: Bool) { self.keepingLines = keepingLines }

    mutating func take(_ scalar: Unicode.Scalar) {
      switch state {
      case .text: takeText(scalar)
      case .escape: takeEscape(scalar)
      case .controlSequence:
        if scalar.value >= 0x40 && scalar.value <= 0x7e { state = .text }
        // A line end never belongs to a sequence: a cut one must not swallow what follows.
        if scalar == "\n" { restart(scalar) }
      case .string:
        if scalar.value == 0x07 || scalar.value == 0x9c { state = .text }
        if scalar.value == 0x1b { state = .stringEscape }
        if scalar == "\n" { restart(scalar) }
      case .stringEscape:
        state = scalar == "\\" ? .text : .string
        if scalar == "\n" { restart(scalar) }
      }
    }

    private mutating func restart(_ scalar: Unicode.Scalar) {
      state = .text
      takeText(scalar)
    }

    private mutating func takeText(_ scalar: Unicode.Scalar) {
      switch scalar.value {
      case 0x1b: state = .escape
      case 0x9b: state = .controlSequence
      case 0x09, 0x0a: if keepingLines { output.unicodeScalars.append(scalar) }
      case 0..<0x20, 0x7f..<0xa0, 0xfffe, 0xffff: break
      default: output.unicodeScalars.append(scalar)
      }
    }

    private mutating func takeEscape(_ scalar: Unicode.Scalar) {
      switch scalar {
      case "[": state = .controlSequence
      case "]", "P", "X", "^", "_": state = .string
      case "\n": restart(scalar)
      // Intermediate bytes of a short sequence: its final byte follows.
      case " "..."/": break
      default: state = .text
      }
    }
  }
}
