import LinkBroker
import PCIe
import SuiteLanguage

/// Finds the functions that play the parts of a fault in one of its strikes.
struct StrikeRoles {
  /// The two ends of a link, and the root port that it hangs below.
  private struct Ends {
    let upstream: FunctionPlace
    let downstream: FunctionPlace
    let rootPort: FunctionPlace

    func receiver(_ strike: FaultStrike) -> FunctionPlace { strike.isDownstream ? downstream : upstream }
    func sender(_ strike: FaultStrike) -> FunctionPlace { strike.isDownstream ? upstream : downstream }
  }

  let table: FunctionTable
  /// By the number of the link.
  private var links: [Ends] = []
  /// The number of the link above each node, by the node's number; nil for the root.
  private var linksAbove: [Int?]
  private let switches: Set<Int>

  init(_ topology: borrowing CaseTopology) {
    table = FunctionTable(topology)
    linksAbove = topology.nodeNames.map { _ in nil }
    switches = Set(topology.switches.keys.compactMap { topology.nodeNumber($0) })
    for number in 0..<topology.fabric.linkCount {
      linksAbove[topology.fabric.ends(ofLink: number).downstream.node] = number
    }
    for number in 0..<topology.fabric.linkCount {
      let ends = topology.fabric.ends(ofLink: number)
      var top = ends.upstream
      while let above = linksAbove[top.node] { top = topology.fabric.ends(ofLink: above).upstream }
      links.append(
        Ends(
          upstream: FunctionPlace(ends.upstream), downstream: FunctionPlace(ends.downstream),
          rootPort: FunctionPlace(top)))
    }
  }

  /// The functions that play a part; for a requester more than one where the strike does not tell which.
  func places(_ role: FaultRole, of strike: FaultStrike, _ rule: FaultRule) -> [FunctionPlace] {
    let targets = rule.target.map(table.places(of:)) ?? []
    guard let link = ends(strike, targets) else {
      return role == .requester ? table.entries.map(\.place) : targets
    }
    switch role {
    case .receiver: return [link.receiver(strike)]
    case .sender: return [link.sender(strike)]
    case .portAbove: return [link.upstream]
    case .requester:
      guard let header = strike.header else { return table.entries.map(\.place) }
      return [table.requester(header.requesterID, rootPort: link.rootPort)].compactMap(\.self)
    case .completer:
      guard let header = strike.header else { return targets }
      return [table.completer(of: header, rootPort: link.rootPort) ?? link.receiver(strike)]
    case .forwarder: return strike.header.map { forwarders(of: $0, strike, link) } ?? []
    }
  }

  private func ends(_ strike: FaultStrike, _ targets: [FunctionPlace]) -> Ends? {
    if strike.link >= 0 { return links[strike.link] }
    guard let target = targets.first, let above = linksAbove[target.node] else { return nil }
    return links[above]
  }

  /// The ports by which a TLP comes into switches on its way from the struck link to where it ends.
  private func forwarders(of header: TLPHeader, _ strike: FaultStrike, _ link: Ends) -> [FunctionPlace] {
    let end =
      header.isCompletionShaped
      ? table.requester(header.requesterID, rootPort: link.rootPort)
      : table.completer(of: header, rootPort: link.rootPort)
    var ports: [FunctionPlace] = []
    var port = link.receiver(strike)
    while switches.contains(port.node), port.node != end?.node {
      ports.append(port)
      guard let next = next(after: port, towards: end ?? link.rootPort) else { break }
      port = next
    }
    return ports
  }

  /// The far end of the link by which a switch leads to a function.
  private func next(after port: FunctionPlace, towards end: FunctionPlace) -> FunctionPlace? {
    var node = end.node
    while let above = linksAbove[node] {
      if links[above].upstream.node == port.node { return links[above].downstream }
      node = links[above].upstream.node
    }
    return linksAbove[port.node].map { links[$0].upstream }
  }
}

extension FunctionPlace {
  init(_ port: FabricPort) { self.init(node: port.node, port: port.number) }
}

extension FaultRule {
  /// The node that a rule acts on by itself or by the step it performs; nil for one that acts on a link.
  var target: String? {
    guard case .perform(let step) = action else { return node }
    switch step.action {
    case .reset(.functionLevel(let node)): return node
    case .msix(let request): return request.node
    case .configurationWrite(let write):
      switch write.function {
      case .node(let node), .port(let node, _): return node
      case .address: return nil
      }
    case .memoryWrite(let write):
      guard case .region(.node(let node), _, _) = write.target else { return nil }
      return node
    default: return nil
    }
  }
}
