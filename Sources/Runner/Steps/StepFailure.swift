import RunEvents

/// What went wrong in a step, before it is put into a report.
struct StepFailure: Error, Hashable {
  var type: FailureType
  /// One line: what was expected and what was seen.
  var message: String
  /// Further lines that explain it.
  var facts: [String] = []
  /// What kind of thing was wrong, apart from where; nil where the type says it all.
  var subject: String?
  /// The node that it is about, where no step is to blame.
  var node: String?
  /// The trouble of the harness or a simulator that it is; nil for a failure of the tested side.
  var trouble: ErrorType?

  /// Something that is not the tested side's fault.
  static func trouble(_ type: ErrorType, _ message: String, _ facts: [String] = []) -> StepFailure {
    StepFailure(type: .expectation, message: message, facts: facts, trouble: type)
  }

  /// The same about a node.
  func about(_ node: String) -> StepFailure {
    var failure = self
    failure.node = node
    return failure
  }

  var verdict: Verdict { trouble.map(Verdict.error) ?? .failed(type) }

  static func expectation(_ message: String, facts: [String] = [], subject: String? = nil) -> StepFailure {
    StepFailure(type: .expectation, message: message, facts: facts, subject: subject)
  }
}
