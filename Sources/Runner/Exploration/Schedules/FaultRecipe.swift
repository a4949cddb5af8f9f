import PCIe
import SuiteLanguage

/// How exploration writes rules of one kind of fault.
struct FaultRecipe: Sendable {
  let id: FaultID
  let harm: ScenarioRules.Harm
  let losesInterrupts: Bool
  /// Violations that the fault may lead to besides those of the catalogue.
  private let besides: Set<Violation>
  /// Rules as they stand under `faults`; none where the topology has no place for it.
  let write: @Sendable (inout ScheduleDraw) -> [String]

  init(
    _ id: FaultID, harm: ScenarioRules.Harm = .none, losesInterrupts: Bool = false,
    besides: Set<Violation> = [], _ write: @escaping @Sendable (inout ScheduleDraw) -> [String]
  ) {
    self.id = id
    self.harm = harm
    self.losesInterrupts = losesInterrupts
    self.besides = besides
    self.write = write
  }

  /// What a case with the fault must allow; a harmless one needs nothing allowed.
  var allowed: Set<Violation> {
    guard harm != .none || losesInterrupts else { return [] }
    let expected = id.entry.expectations.flatMap { $0.choices.joined() + $0.may }.map(\.violation)
    return besides.union(expected).union(id.entry.findings)
  }

  /// Whether this version can bring the fault about.
  var isBuilt: Bool { id.entry.isBuilt || id.entry.needsStepsOnly }

  /// Whether software notices nothing but time.
  var isHarmless: Bool { harm == .none && !losesInterrupts }
}

extension FaultEntry {
  fileprivate var needsStepsOnly: Bool { if case .steps = standing { true } else { false } }
}
