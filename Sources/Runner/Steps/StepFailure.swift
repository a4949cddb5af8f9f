import RunEvents

/// What went wrong in a step, before it is put into a report.
struct StepFailure: Error, Hashable {
  var type: FailureType
  /// One line: what was expected and what was seen.
  var message: String
  /// Further lines that explain it.
  var facts: [String] = []

  static func expectation(_ message: String, facts: [String] = []) -> StepFailure {
    StepFailure(type: .expectation, message: message, facts: facts)
  }
}
