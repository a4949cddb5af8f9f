/// What the language knows and this version cannot run: the one table of missing parts.
///
/// A part that gets built leaves this table, and nothing else changes.
enum Unbuilt {
  static let manyCalls = "programs with several links, of which one is on the wire warp-pipe"
  static let hotAdd = "devices that a step starts below the model of a root complex"
  static let manualModels = "models that are started and stopped, but for those below a program"

  /// All missing parts, in the order in which they are named.
  static let missing = [manyCalls, hotAdd, manualModels]

  /// The missing parts an instance needs, each once, in a fixed order.
  static func parts(topology: Topology, steps: [Step], faults: [FaultRule]) -> [String] {
    var parts: Set<String> = []
    for node in topology.nodes {
      switch node.player {
      case .board(let board):
        guard board.role != .portless else { continue }
        let links = topology.links.filter { $0.upstream == node.name || $0.downstream == node.name }
        if links.count > 1, links.contains(where: { $0.wire == .warpPipe }) { parts.insert(manyCalls) }
        if !node.startsAutomatically, board.role == .endpoint, !topology.hasOutsideRoot {
          parts.insert(hotAdd)
        }
      case .model:
        if !node.startsAutomatically, !isBelowHost(node.name, topology) { parts.insert(manualModels) }
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
      if topology.node(node)?.model != nil, !isBelowHost(node, topology) { parts.insert(manualModels) }
    default: break
    }
  }

  /// Whether a node's link leads to a program, whose board may be able to take it in.
  private static func isBelowHost(_ node: String, _ topology: Topology) -> Bool {
    topology.linkAbove(node).flatMap { topology.node($0.upstream) }.map { $0.model == nil } ?? false
  }
}
