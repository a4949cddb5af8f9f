import SuiteLanguage

/// What the faults of a schedule leave a scenario to rely on.
struct ScenarioRules: Hashable {
  /// How much software may notice of a fault.
  enum Harm: Int, Comparable {
    /// Nothing but time.
    case none
    /// A request may end in another way; data that comes is right.
    case status
    /// Data may be lost or wrong.
    case data
    /// Functions may lose their settings.
    case function

    static func < (left: Harm, right: Harm) -> Bool { left.rawValue < right.rawValue }
  }

  var harm = Harm.none
  /// Whether an interrupt may be lost or come twice, so that nobody waits for one.
  var losesInterrupts = false

  /// The end of a read step that brings what was written.
  func expectation(_ run: MemoryShadow.Run) -> ReadExpectation {
    switch harm {
    case .none: ReadExpectation(data: run.data)
    case .status: ReadExpectation(status: .any, data: run.data)
    case .data, .function: ReadExpectation(status: .any)
    }
  }

  /// The end of a read step whose data nobody knows.
  var expectation: ReadExpectation { ReadExpectation(status: harm == .none ? .successful : .any) }
}

extension MemoryShadow.Run {
  /// What the run holds.
  var data: DataSource { .count(length: length, start: first) }
}
