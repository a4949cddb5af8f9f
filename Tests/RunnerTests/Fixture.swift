import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// Plans for tests, loaded from text as the product does it.
enum Fixture {
  static let head = """
    format: 1
    suite: s
    topology:
      nodes:
        rc:  {model: root-complex, memory: 1MiB}
        mem: {model: memory-mock, bars: {bar1: 2KiB}}
      links:
        l0: {upstream: rc, downstream: mem, speed: 8GT/s, width: 4, max_payload: 256B}
    cases:

    """

  /// A plan of cases whose keys are given as flow maps, each with one note as its only step.
  static func plan(_ cases: String...) throws -> Plan {
    let text =
      head + cases.map { "  \($0.replacing("…", with: "steps: [{note: {text: hello}}]"))\n" }.joined()
    let result = SuiteLoader.load(path: "s.yaml", bytes: Array(text.utf8))
    try #require(result.diagnostics.isEmpty, "\(result.diagnostics.map { $0.text(in: result.source) })")
    return try #require(result.plan)
  }
}

/// A performer that does what a test says and remembers what it was asked.
struct ScriptedPerformer: CasePerformer {
  var outcomes: [CaseOutcome]
  var seen: [CaseTask] = []

  mutating func perform(_ task: CaseTask, emit: (Event.Kind, UInt64) -> Void) -> CaseOutcome {
    let outcome = outcomes[min(seen.count, outcomes.count - 1)]
    seen.append(task)
    emit(.note(Note("try \(seen.count)")), 1)
    return outcome
  }
}
