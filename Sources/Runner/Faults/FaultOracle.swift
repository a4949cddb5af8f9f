import LinkBroker
import PCIe
import SuiteLanguage

/// What a function has recorded since its case began.
struct FunctionRecord {
  let place: FunctionPlace
  let node: String
  let address: FunctionAddress
  let errors: ErrorRecord
}

/// Holds what functions have recorded against what the strikes of a case demand: every bit that must be set
/// is, and no other one.
///
/// - Source: PCI Express Base 5.0, 6.2.7 table 6-3 to table 6-5 say which agent reports what.
struct FaultOracle {
  let demands: FaultDemands
  /// Rules whose strikes permit what they would demand, had anybody felt them.
  let unfelt: Set<Int>
  let shadows: StrikeShadows
  /// Violations that the case allows, or that its steps expect.
  let allowed: Set<Violation>

  /// What is wrong.
  enum Verdict {
    /// No function that may be meant shows what a strike demands.
    case missing(Violation, FaultDemand, strike: Int)
    case surplus(Violation, FunctionRecord)
  }

  /// The first thing that is wrong: a demand that is not met, else a bit that nothing permits.
  func judge(_ records: [FunctionRecord]) -> Verdict? {
    for demand in demands.all where demand.role == nil || !unfelt.contains(demand.rule) {
      guard let missing = missing(demand, records) else { continue }
      let strike = demands.strikes(of: demand).first { !shadows.mayHide(missing, ofStrike: $0) }
      if let strike { return .missing(missing, demand, strike: strike) }
    }
    for record in records {
      for violation in record.errors.violations where !isPermitted(violation, record) {
        return .surplus(violation, record)
      }
    }
    return nil
  }

  /// The first violation that is demanded and nowhere recorded.
  private func missing(_ demand: FaultDemand, _ records: [FunctionRecord]) -> Violation? {
    let meant = records.filter { demand.places.contains($0.place) }
    for choice in demand.choices {
      if choice.isEmpty || meant.contains(where: { choice.isSubset(of: $0.errors.violations) }) { return nil }
    }
    let wanted = demand.choices.first ?? []
    return Violation.allCases.first { violation in
      wanted.contains(violation) && !meant.contains { $0.errors.contains(violation) }
    } ?? Violation.allCases.first(where: wanted.contains)
  }

  private func isPermitted(_ violation: Violation, _ record: FunctionRecord) -> Bool {
    if demands.permit(violation, at: record.place) { return true }
    if demands.silencer(of: record.place) != nil { return false }
    if allowed.contains(violation) { return true }
    switch violation {
    // It says that something allowed was reported in a milder way.
    case .advisoryNonFatal: return allowed.contains { $0.mayBeAdvisory }
    // It says that there was more than one error to log.
    case .headerLogOverflow: return record.errors.uncorrectable != 0
    default: return false
    }
  }
}

extension Violation {
  /// Whether it can be reported as Advisory Non-Fatal.
  ///
  /// - Source: PCI Express Base 5.0, 6.2.3.2.4 "Advisory Non-Fatal Error Cases".
  fileprivate var mayBeAdvisory: Bool {
    switch self {
    case .unsupportedRequest, .completerAbort, .unexpectedCompletion, .poisonedTLP, .completionTimeout,
      .acsViolation:
      true
    default: false
    }
  }
}
