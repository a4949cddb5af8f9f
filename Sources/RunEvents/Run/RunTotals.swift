/// The counts of a run, a fold over its events.
public struct RunTotals: Hashable, Sendable {
  /// The cases that were to run.
  public var selected: Int
  /// The cases that passed, flaky ones that are allowed included.
  public var passed: Int
  /// The cases that failed on the tested side.
  public var failed: Int
  /// The cases that we or a simulator could not run.
  public var errors: Int
  /// The cases that were left out because something they require is absent.
  public var skipped: Int
  /// The cases that failed as they were known to.
  public var knownFailures: Int
  /// The cases that passed only on a later try; each is counted as passed or failed too.
  public var flaky: Int

  /// Makes totals, all zero when nothing else is said.
  public init(
    selected: Int = 0, passed: Int = 0, failed: Int = 0, errors: Int = 0, skipped: Int = 0,
    knownFailures: Int = 0, flaky: Int = 0
  ) {
    self.selected = selected
    self.passed = passed
    self.failed = failed
    self.errors = errors
    self.skipped = skipped
    self.knownFailures = knownFailures
    self.flaky = flaky
  }

  /// The cases that have a verdict.
  public var ended: Int { passed + failed + errors + skipped + knownFailures }

  /// The cases without a verdict: never a pass.
  public var notRun: Int { max(0, selected - ended) }

  /// Counts what an event tells; all but the run's start and the ends of cases tell nothing.
  public mutating func count(_ event: Event) {
    switch event.kind {
    case .runStarted(let started): selected = started.caseCount
    case .caseEnded(let outcome): count(outcome, attempt: event.origin?.attempt ?? 1)
    default: break
    }
  }

  private mutating func count(_ outcome: CaseOutcome, attempt: Int) {
    switch outcome.verdict {
    case .passed:
      passed += 1
      if attempt > 1 { flaky += 1 }
    case .failed(let failure):
      failed += 1
      if failure == .flaky { flaky += 1 }
    case .error: errors += 1
    case .skipped(.requirement): skipped += 1
    case .skipped(.knownFailure): knownFailures += 1
    }
  }
}
