/// What the language knows and this version cannot run: the one table of missing parts.
///
/// A part that gets built leaves this table, and nothing else changes.
enum Unbuilt {
  static let processLinks = "links to processes"
  static let manualModels = "models that are started and stopped"
  static let revereAMU = "the revere-amu model"
  static let nvme = "the nvme model"

  /// All missing parts, in the order in which they are named.
  static let missing = [processLinks, manualModels, revereAMU, nvme]

  /// The missing parts an instance needs, each once, in a fixed order.
  static func parts(topology: Topology, steps: [Step], faults: [FaultRule]) -> [String] {
    var parts: Set<String> = []
    for node in topology.nodes {
      switch node.player {
      case .board(let board): if board.role != .portless { parts.insert(processLinks) }
      case .model(let settings):
        if settings.model == .revereAMU { parts.insert(revereAMU) }
        if settings.model == .nvme { parts.insert(nvme) }
        if !node.startsAutomatically { parts.insert(manualModels) }
      }
    }
    for step in steps { collect(step, topology, &parts) }
    for rule in faults {
      if case .perform(let step) = rule.action { collect(step, topology, &parts) }
    }
    return missing.filter(parts.contains)
  }

  private static func collect(_ step: Step, _ topology: Topology, _ parts: inout Set<String>) {
    switch step.action {
    case .repeat(_, let steps): for step in steps { collect(step, topology, &parts) }
    case .parallel(let branches): for step in branches.joined() { collect(step, topology, &parts) }
    case .start(let node), .stop(let node):
      if topology.node(node)?.model != nil { parts.insert(manualModels) }
    case .amu, .amsSend, .amsReceive: parts.insert(revereAMU)
    default: break
    }
  }
}
