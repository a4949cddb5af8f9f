import LinkBroker
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
    var struck: Set<Int> = []
    func marking(_ kind: Event.Kind, _ time: UInt64) {
      if case .slow = kind { isMarkedSlow = true }
      if case .fault(let fault) = kind { struck.insert(fault.rule) }
      emit(kind, time)
    }
    let count = max(1, task.instance.settings.seedCount)
    var total = CaseOutcome(.passed)
    for index in 1...count {
      var run = task
      if count > 1 {
        run.keepsRoot = task.keepsRoot || index < count
        run.seed = derivedSeed(task.seed, index: index)
        emit(.seedStarted(SeedStarted(index: index, count: count, seed: run.seed)), 0)
      }
      var outcome = performer.perform(run, emit: marking)
      var isKept = false
      if let wanted = task.capture, outcome.verdict.isRed || wanted.request.keepsPassed {
        isKept = true
        keep(performer.capture, of: task, seed: count > 1 ? index : nil, &outcome, emit)
      }
      let half = task.timeout.picoseconds / 2
      if !isMarkedSlow && outcome.duration >= half {
        marking(.slow(SlowMark(elapsed: outcome.duration, clock: task.instance.clock)), outcome.duration)
      }
      total.add(outcome)
      if count > 1 {
        let failing = outcome.verdict.isRed ? run.seed : nil
        total.seeds = SeedRuns(run: index, count: count, failing: failing)
      }
      if outcome.verdict != .passed { break }
      guard index == count else { continue }
      failUnstruck(task.instance, struck, count, &total)
      if total.verdict.isRed, task.capture != nil, !isKept {
        keep(performer.capture, of: task, seed: count > 1 ? index : nil, &total, emit)
      }
    }
    return total
  }

  /// Writes what a run has captured, and names it in a failure.
  private static func keep(
    _ capture: LinkCapture?, of task: CaseTask, seed: Int?, _ outcome: inout CaseOutcome,
    _ emit: (Event.Kind, _ picoseconds: UInt64) -> Void
  ) {
    guard let capture, let wanted = task.capture else { return }
    let name = CaptureName.path(
      case: wanted.number, id: task.instance.id, attempt: task.attempt, seed: seed)
    let file = CaptureOutlet.write(capture, to: name, in: wanted.request.folder)
    emit(.capture(file), outcome.duration)
    guard outcome.verdict.isRed, file.problem == nil else { return }
    var detail = outcome.failure ?? FailureDetail()
    detail.captures.append(name)
    outcome.failure = detail
  }

  /// Fails a case with a rule that struck in none of its runs; only rules that draw get here unstruck.
  private static func failUnstruck(
    _ instance: CaseInstance, _ struck: Set<Int>, _ runs: Int, _ outcome: inout CaseOutcome
  ) {
    let classifier = instance.classifier
    for (index, rule) in instance.faults.enumerated() where !struck.contains(index + 1) {
      let words = runs == 1 ? "" : " with any of \(runs) seeds"
      outcome.verdict = .failed(.neverHit)
      let name = "fault \(index + 1), \(classifier.id(of: rule).rawValue) of line \(rule.span.start.line),"
      outcome.message = "\(name) was armed and never struck\(words)"
      return
    }
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
    var tally = faults
    if let more = run.faults {
      tally = tally ?? FaultTally()
      tally?.add(more)
    }
    self = run
    faults = tally
    self.duration = duration.overflow ? .max : duration.partialValue
    self.counts = counts
  }
}
