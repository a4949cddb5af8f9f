import RunEvents
import Simulation
import SuiteLanguage

/// What the first events of a run and of a case say, out of the configuration.
extension RunConfiguration {
  /// The short name of the run, the same for the same seed, suites and selection.
  public var name: String {
    var hash = FixedHash()
    hash.combine(seed)
    for suite in suites {
      hash.combine(suite.path)
      hash.combine(suite.text)
    }
    for selected in cases {
      hash.combine(UInt64(selected.suite))
      hash.combine(UInt64(selected.instance))
    }
    let digits = String(hash.value & 0xffff, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// The content of the run's first event.
  var started: RunStarted {
    let summaries = suites.indices.map { index in
      SuiteSummary(
        name: suites[index].plan.suite.name, path: suites[index].path,
        cases: cases.count { $0.suite == index }, boards: boards(ofSuite: index))
    }
    return RunStarted(
      run: name, product: product, seed: seed, clock: clock, suites: summaries,
      slots: slots)
  }

  /// The boards of the selected cases of a suite, each once, in the order of the cases.
  private func boards(ofSuite suite: Int) -> [BoardSummary] {
    var summaries: [BoardSummary] = []
    for index in cases.indices where cases[index].suite == suite {
      for board in places.boards(of: instance(index)) {
        if summaries.contains(where: { $0.name == board.name }) { continue }
        summaries.append(BoardSummary(name: board.name, architecture: board.machine))
      }
    }
    return summaries
  }

  /// Real where one of the cases has a process as a node.
  private var clock: Clock {
    cases.indices.contains { instance($0).hasOutsideNodes && cases[$0].skipReason == nil } ? .real : .virtual
  }

  /// The content of the first event of a try.
  func caseStarted(_ number: Int, slot: Int?) -> CaseStarted {
    let instance = instance(number)
    let base = RunSeeds.base(of: instance, run: seed, isGiven: isSeedGiven)
    return CaseStarted(
      suite: cases[number].suite, id: instance.id, seed: base,
      caseSeed: RunSeeds.caseSeed(base, id: instance.id), span: RunEvents.SourceSpan(instance.span),
      triesMax: tries.triesMax(instance.settings), slot: slot)
  }

  /// The place of a step with its line of the suite.
  func place(of step: StepStarted, in number: Int) -> StepPlace {
    let excerpt = step.excerpt ?? suites[cases[number].suite].plan.source.line(step.span.line) ?? ""
    return StepPlace(index: step.index, span: step.span, excerpt: excerpt)
  }
}

extension RunEvents.SourceSpan {
  /// The same place as events tell it.
  init(_ span: SuiteLanguage.SourceSpan) {
    let length = span.end.line == span.start.line ? span.end.column - span.start.column : 1
    self.init(line: span.start.line, column: span.start.column, length: max(1, length))
  }
}

extension Board {
  /// The architecture that its programs are of; those of the host are of this machine's.
  fileprivate var machine: String { architecture == "host" ? Machine.architecture : architecture }
}
