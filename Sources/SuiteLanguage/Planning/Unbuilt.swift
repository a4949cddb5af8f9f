/// What the language knows and this version cannot run: the one table of missing parts.
///
/// A part that gets built leaves this table, and nothing else changes.
enum Unbuilt {
  static let processNodes = "process nodes"
  static let revereAMU = "the revere-amu model"
  static let nvme = "the nvme model"

  /// All missing parts, in the order in which they are named.
  static let missing = [processNodes, revereAMU, nvme]

  /// The missing parts an instance needs, each once, in a fixed order.
  static func parts(topology: Topology, steps: [Step], faults: [FaultRule]) -> [String] {
    var parts: Set<String> = []
    for node in topology.nodes {
      switch node.player {
      case .board: parts.insert(processNodes)
      case .model(let settings):
        if settings.model == .revereAMU { parts.insert(revereAMU) }
        if settings.model == .nvme { parts.insert(nvme) }
      }
      if !node.startsAutomatically { parts.insert(processNodes) }
    }
    for step in steps { collect(step, &parts) }
    for rule in faults {
      if case .perform(let step) = rule.action { collect(step, &parts) }
    }
    return missing.filter(parts.contains)
  }

  private static func collect(_ step: Step, _ parts: inout Set<String>) {
    switch step.action {
    case .repeat(_, let steps): for step in steps { collect(step, &parts) }
    case .parallel(let branches): for step in branches.joined() { collect(step, &parts) }
    case .start, .stop, .send: parts.insert(processNodes)
    case .amu, .amsSend, .amsReceive: parts.insert(revereAMU)
    default: break
    }
  }
}
