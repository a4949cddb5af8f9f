import RunEvents

/// What is known of a run so far: the fold that the reports share.
struct RunState: Sendable {
  private(set) var run: RunStarted?
  private(set) var totals = RunTotals()
  private(set) var open: [Int: CaseLog] = [:]

  /// A try or case that is over, with all that is known of it.
  struct Ending: Sendable {
    var log: CaseLog
    var outcome: CaseOutcome
    /// Whether no further try follows.
    var isFinal: Bool
  }

  /// Takes the next event; an ending is handed out and then forgotten.
  mutating func add(_ event: Event) -> Ending? {
    totals.count(event)
    if case .runStarted(let started) = event.kind { run = started }
    guard let origin = event.origin else { return nil }
    switch event.kind {
    case .caseStarted(let started):
      open[origin.instance] = CaseLog(started, attempt: origin.attempt)
    case .tryEnded(let outcome):
      return end(origin, outcome, isFinal: false)
    case .caseEnded(let outcome):
      return end(origin, outcome, isFinal: true)
    default:
      open[origin.instance]?.add(event)
    }
    return nil
  }

  private mutating func end(_ origin: CaseKey, _ outcome: CaseOutcome, isFinal: Bool) -> Ending {
    // A stream that lost the beginning of a case still shows how it ended, under the number it has.
    let unknown = CaseStarted(
      suite: -1, id: "case \(origin.instance)", seed: run?.seed ?? 0, caseSeed: 0,
      span: SourceSpan(line: 1, column: 1))
    let log = open.removeValue(forKey: origin.instance) ?? CaseLog(unknown, attempt: origin.attempt)
    return Ending(log: log, outcome: outcome, isFinal: isFinal)
  }

  /// The suite of a case; a made-up one when the stream does not name it.
  func suite(of started: CaseStarted) -> SuiteSummary {
    if let run, run.suites.indices.contains(started.suite) { return run.suites[started.suite] }
    let name = started.id.split(separator: ".").first.map(String.init) ?? started.id
    return SuiteSummary(name: name, path: started.span.file ?? name, cases: 0)
  }

  /// The clock that times of the cases count on.
  var clock: Clock { run?.clock ?? .virtual }
}

extension CaseOutcome {
  /// The time to show: that on the wall when it was measured, else that of the case's own clock.
  var shownNanoseconds: UInt64 { wallNanoseconds ?? duration / 1000 }
}
