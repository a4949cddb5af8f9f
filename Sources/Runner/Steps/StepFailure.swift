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

  static func expectation(_ message: String, facts: [String] = [], subject: String? = nil) -> StepFailure {
    StepFailure(type: .expectation, message: message, facts: facts, subject: subject)
  }
}
