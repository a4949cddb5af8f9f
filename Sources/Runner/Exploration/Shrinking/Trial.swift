import RunEvents
import SuiteLanguage

/// In which way a case fails: what must stay the same while it is made smaller.
struct FailureSignature: Hashable, Sendable {
  let type: FailureType
  /// What kind of thing was wrong, apart from where.
  let subject: String?

  /// Nil for a case that does not fail.
  init?(_ outcome: CaseOutcome) {
    guard case .failed(let type) = outcome.verdict else { return nil }
    self.type = type
    subject = outcome.failure?.subject
  }
}

/// One run of a case, with what deciding about smaller ones needs.
struct Trial {
  let outcome: CaseOutcome
  /// The strikes, in the order they were told.
  private(set) var strikes: [StruckFault] = []
  /// When each of the case's own steps began first.
  ///
  /// - Units: picoseconds on the clock of the case.
  private(set) var begun: [Int: UInt64] = [:]

  var signature: FailureSignature? { FailureSignature(outcome) }

  /// The work that the run took, by which budgets are measured: it depends on nothing but the case.
  var work: UInt64 { outcome.counts.tlps &+ outcome.counts.steps }

  /// The place of the failing step among the case's own, from zero; nil where none is to blame.
  var failingStep: Int? {
    guard let level = outcome.failure?.step?.index?.levels.first, case .steps = level.scope else {
      return nil
    }
    return level.index - 1
  }

  /// Performs a case once.
  static func run<Performer: CasePerformer>(_ task: CaseTask, by performer: inout Performer) -> Trial {
    var strikes: [StruckFault] = []
    var begun: [Int: UInt64] = [:]
    let outcome = performer.perform(task) { kind, time in
      switch kind {
      case .fault(let strike): strikes.append(strike)
      case .stepStarted(let step):
        guard step.index.levels.count == 1, case .steps = step.index.levels[0].scope else { return }
        begun[step.index.levels[0].index - 1] = time
      default: return
      }
    }
    return Trial(outcome: outcome, strikes: strikes, begun: begun)
  }

  private init(outcome: CaseOutcome, strikes: [StruckFault], begun: [Int: UInt64]) {
    self.outcome = outcome
    self.strikes = strikes
    self.begun = begun
  }
}
