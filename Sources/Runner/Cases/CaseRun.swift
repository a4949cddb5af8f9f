public import RunEvents
import Simulation
import SuiteLanguage

/// Runs one try of a case through a performer, once for each of its seeds.
public enum CaseRun {
  /// Performs the case and answers how it ended; the first seed that does not pass ends it.
  ///
  /// The outcome is that of the case as it stands: retries and known failures are the business of the
  /// supervisor.
  public static func perform<Performer: CasePerformer>(
    _ task: CaseTask, by performer: inout Performer, emit: (Event.Kind, _ picoseconds: UInt64) -> Void
  ) -> CaseOutcome {
    var isMarkedSlow = false
    func marking(_ kind: Event.Kind, _ time: UInt64) {
      if case .slow = kind { isMarkedSlow = true }
      emit(kind, time)
    }
    let count = max(1, task.instance.settings.seedCount)
    var total = CaseOutcome(.passed)
    for index in 1...count {
      var run = task
      if count > 1 {
        run.seed = derivedSeed(task.seed, index: index)
        emit(.seedStarted(SeedStarted(index: index, count: count, seed: run.seed)), 0)
      }
      let outcome = performer.perform(run, emit: marking)
      let half = task.timeout.picoseconds / 2
      if !isMarkedSlow && outcome.duration >= half {
        marking(.slow(SlowMark(elapsed: outcome.duration, clock: .virtual)), outcome.duration)
      }
      total.add(outcome)
      if count > 1 {
        let failing = outcome.verdict.isRed ? run.seed : nil
        total.seeds = SeedRuns(run: index, count: count, failing: failing)
      }
      if outcome.verdict != .passed { break }
    }
    return total
  }

  /// The seed of one of the runs of a case that runs with several.
  static func derivedSeed(_ seed: UInt64, index: Int) -> UInt64 { FixedHash.seed(seed, "\(index)") }
}

extension CaseOutcome {
  /// Takes over how a further run ended; times and counts add up.
  fileprivate mutating func add(_ run: CaseOutcome) {
    let duration = duration.addingReportingOverflow(run.duration)
    let counts = CaseCounts(
      steps: counts.steps &+ run.counts.steps, checks: counts.checks &+ run.counts.checks,
      tlps: counts.tlps &+ run.counts.tlps)
    self = run
    self.duration = duration.overflow ? .max : duration.partialValue
    self.counts = counts
  }
}
