public import RunEvents

/// Workflow commands that make GitHub mark the line of the failing step.
///
/// - Source: GitHub Actions, workflow commands, "Setting an error message".
public struct AnnotationReport: Sendable {
  private var state = RunState()

  /// Makes a report of a run that has not begun.
  public init() {}

  /// Takes the next event and answers with the bytes to write: a line for each red case.
  public mutating func add(_ event: Event) -> [UInt8] {
    guard let ending = state.add(event), ending.isFinal, ending.outcome.verdict.isRed else { return [] }
    let started = ending.log.started
    let span = ending.outcome.failure?.step?.span ?? ending.log.step?.span ?? started.span
    let file = span.file ?? state.suite(of: started).path
    var text = "::error file=\(Self.property(file)),line=\(span.line),col=\(span.column)"
    text += ",title=\(Self.property(started.id))::\(Self.data(ending.outcome.message))\n"
    return Array(text.utf8)
  }

  private static func data(_ text: String) -> String {
    PlainText.oneLine(text).reduce(into: "") { $0 += $1 == "%" ? "%25" : String($1) }
  }

  private static func property(_ text: String) -> String {
    data(text).reduce(into: "") { text, character in
      switch character {
      case ":": text += "%3A"
      case ",": text += "%2C"
      default: text.append(character)
      }
    }
  }
}
