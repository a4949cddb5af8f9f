// Links of which a case needs more than the suite asks for.
extension CaseInstance {
  /// The links whose data link layer is modelled only because the case needs it, in their order.
  ///
  /// Rules below Ack and Nak need it, and checks of what only that layer counts.
  public var raisedLinks: [String] {
    var needed = Set(faults.filter { $0.trigger.layer == .dataLink }.compactMap(\.trigger.link))
    for step in setup + steps { Self.collect(step, &needed) }
    return topology.links.filter { $0.layer != .dataLink && needed.contains($0.name) }.map(\.name)
  }

  /// The topology with as much of each link modelled as the case needs.
  public var wiring: Topology {
    var wiring = topology
    let raised = raisedLinks
    for index in wiring.links.indices where raised.contains(wiring.links[index].name) {
      wiring.links[index].layer = .dataLink
    }
    return wiring
  }

  private static func collect(_ step: Step, _ needed: inout Set<String>) {
    switch step.action {
    case .repeat(_, let steps): for step in steps { collect(step, &needed) }
    case .parallel(let branches): for step in branches.joined() { collect(step, &needed) }
    case .expect(.counter(.link(let link, let counter), _)) where counter.needsDataLinkLayer:
      needed.insert(link)
    default: break
    }
  }
}
