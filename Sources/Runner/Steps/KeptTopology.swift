import SuiteLanguage

/// A topology between two cases, with the root complex that stays.
final class KeptTopology {
  private var topology: CaseTopology?
  private var suite = ""
  private var wiring: Topology?

  func put(_ topology: consuming CaseTopology, of task: CaseTask) {
    self.topology = consume topology
    suite = task.plan.source.path
    wiring = task.instance.wiring
  }

  /// Whether a case is of the same suite and wired alike.
  func serves(_ task: CaseTask) -> Bool {
    suite == task.plan.source.path && wiring == task.instance.wiring
  }

  func take() -> CaseTopology? { topology.take() }
}
