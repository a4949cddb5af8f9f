import Nodes
import RunEvents
import SuiteLanguage

/// A try of a case that a worker performs right now.
struct RunningTry {
  /// What a case may use before the supervisor reads its events as they come.
  static let watchNanoseconds: UInt64 = 100_000_000

  let entry: CaseQueue.Entry
  let begun: MonotonicInstant
  /// When it has used half of its time.
  private let slowAt: MonotonicInstant
  /// When its worker is killed.
  let killAt: MonotonicInstant
  /// Whether the supervisor reads its events as they come.
  var isWatched = false
  var isMarkedSlow = false
  /// The step it is in.
  var step: StepStarted?
  /// How the case ended, as the worker says.
  var outcome: CaseOutcome?

  init(_ entry: CaseQueue.Entry, timeout: TimeSpan, grace: TimeSpan) {
    self.entry = entry
    begun = .now
    slowAt = begun.adding(nanoseconds: timeout.nanoseconds / 2)
    killAt = begun.adding(nanoseconds: timeout.nanoseconds).adding(nanoseconds: grace.nanoseconds)
  }

  var key: CaseKey { CaseKey(instance: entry.number, attempt: entry.attempt) }

  /// What is due at an instant.
  enum Due { case nothing, watch, slowMark, end }

  func due(at now: MonotonicInstant) -> Due {
    if now >= killAt { return .end }
    if !isMarkedSlow && now >= slowAt { return .slowMark }
    if !isWatched && now >= watchAt { return .watch }
    return .nothing
  }

  /// The next instant at which something is due.
  var nextInstant: MonotonicInstant {
    var next = killAt
    if !isMarkedSlow { next = min(next, slowAt) }
    if !isWatched { next = min(next, watchAt) }
    return next
  }

  private var watchAt: MonotonicInstant { begun.adding(nanoseconds: Self.watchNanoseconds) }
}
