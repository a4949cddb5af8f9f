import PCIe
import SuiteLanguage

/// How exploration draws rules of one kind of fault.
struct FaultRecipe: Sendable {
  let id: FaultID
  let harm: ScenarioRules.Harm
  let losesInterrupts: Bool
  /// Violations that the fault may lead to besides those of the catalogue.
  private let besides: Set<Violation>
  /// Draws rules; none where the topology has no place for the fault.
  let draw: @Sendable (inout ScheduleDraw) -> [FaultRule]

  init(
    _ id: FaultID, harm: ScenarioRules.Harm = .none, losesInterrupts: Bool = false,
    besides: Set<Violation> = [], _ draw: @escaping @Sendable (inout ScheduleDraw) -> [FaultRule]
  ) {
    self.id = id
    self.harm = harm
    self.losesInterrupts = losesInterrupts
    self.besides = besides
    self.draw = draw
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
