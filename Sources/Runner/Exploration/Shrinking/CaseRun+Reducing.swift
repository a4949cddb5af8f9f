import RunEvents
import SuiteLanguage

extension CaseRun {
  /// Performs a case as `perform` does, and makes one that fails by chance smaller.
  ///
  /// A case has chance in it when it runs with several seeds or has faults with a probability.
  static func performReducing<Performer: CasePerformer>(
    _ task: CaseTask, by performer: inout Performer, emit: (Event.Kind, _ picoseconds: UInt64) -> Void
  ) -> CaseOutcome {
    var outcome = perform(task, by: &performer, emit: emit)
    guard task.instance.hasChance, !task.instance.hasOutsideNodes, FailureSignature(outcome) != nil,
      outcome.failure != nil,
      task.instance.settings.knownFailure == nil
    else { return outcome }
    var again = task
    if let failing = outcome.seeds?.failing { again.seed = failing }
    let failed = Trial.run(again, by: &performer)
    outcome.failure?.minimal = CaseReduction.minimal(again, failed: failed, by: performer)
    return outcome
  }
}

extension CaseInstance {
  /// Whether runs of the case with other seeds may differ by more than their data.
  fileprivate var hasChance: Bool {
    settings.seedCount > 1
      || faults.contains { if case .probability = $0.trigger.selection { true } else { false } }
  }
}
