import RunEvents
import SuiteLanguage

/// What follows from how a try ended: another try, or the verdict of the case.
struct Conclusion {
  /// The outcome as reports show it.
  var outcome: CaseOutcome
  /// Whether the case gets another try.
  var triesAgain: Bool

  init(_ raw: CaseOutcome, of settings: CaseSettings, attempt: Int, policy: TryPolicy) {
    outcome = raw
    let triesMax = policy.triesMax(settings)
    triesAgain = raw.verdict.isRed && attempt < triesMax
    if let known = settings.knownFailure {
      apply(known)
    } else if raw.verdict == .passed && attempt > 1 && !policy.allowsFlaky {
      outcome.verdict = .failed(.flaky)
      outcome.message = "passed only on try \(attempt) of \(triesMax); --flaky-ok allows that"
    }
  }

  /// A known failure turns round what a pass and a failure mean; trouble of the harness stays trouble.
  private mutating func apply(_ known: KnownFailure) {
    switch outcome.verdict {
    case .passed:
      outcome.verdict = .failed(.unexpectedPass)
      outcome.message = "passed, but is a known failure: \(known.reason) (\(known.issue))"
    case .failed:
      outcome.verdict = .skipped(.knownFailure)
      outcome.message = "known failure: \(known.reason) (\(known.issue))"
      outcome.failure = nil
    case .error, .skipped: break
    }
  }
}
