/// Checks that nodes and links form one tree below one root complex.
struct TopologyCheck {
  let topology: Topology
  let place: SourceSpan
  let sink: DiagnosticSink

  func run() {
    let before = sink.errorCount
    checkRoots()
    for link in topology.links {
      checkEnds(link)
      // Counters name nodes and links alike.
      if topology.node(link.name) != nil { sink.report(.sharedName(link), at: link.span) }
    }
    checkWires()
    checkScopes()
    checkVariables()
    checkUpperLinks()
    if sink.errorCount == before { checkLoops() }
    checkNumbers()
  }

  private func checkRoots() {
    let roots = topology.nodes.filter { $0.role == .rootComplex }
    if roots.isEmpty { sink.report(.noRoot, at: place) }
    for second in roots.dropFirst() {
      sink.report(
        .twoRoots(roots[0].name, second.name), at: second.span,
        notes: [.init("'\(roots[0].name)' is defined at \(roots[0].span.start)", at: roots[0].span)])
    }
  }

  private func checkEnds(_ link: LinkDescription) {
    guard let upper = topology.node(link.upstream), let lower = topology.node(link.downstream) else { return }
    if upper.name == lower.name {
      sink.report(.selfLink(link), at: link.span)
      return
    }
    for end in [upper, lower] where end.role == .portless {
      sink.report(.portlessEnd(link, end), at: link.span)
    }
    if upper.role == .endpoint { sink.report(.upperEnd(link, upper), at: link.span) }
    if lower.role == .rootComplex { sink.report(.lowerEnd(link, lower), at: link.span) }
  }

  /// A wire is for programs, and a port for one kind of wire.
  private func checkWires() {
    for link in topology.links where link.wire != .pcieLink {
      let ends = [link.upstream, link.downstream].compactMap(topology.node)
      if ends.allSatisfy({ $0.model != nil }) { sink.report(.wireOfModels(link), at: link.span) }
    }
    var taken: [UInt16: NodeDescription] = [:]
    for node in topology.nodes {
      guard case .board(let board) = node.player, let port = board.port else { continue }
      if topology.wire(of: node.name) != .warpPipe { sink.report(.portWithoutWire(node), at: node.span) }
      if let first = taken.updateValue(node, forKey: port) {
        sink.report(
          .sharedPort(port, first.name, node.name), at: node.span,
          notes: [.init("'\(first.name)' is defined at \(first.span.start)", at: first.span)])
      }
    }
  }

  /// What stays is brought back to what it was by the agent on it, and models by resets.
  private func checkScopes() {
    for node in topology.nodes {
      guard case .board(let board) = node.player, board.scope == .suite else { continue }
      if node.role != .rootComplex || !node.startsAutomatically {
        sink.report(.scopeOfOther(node), at: node.span)
      }
      if let other = topology.nodes.first(where: { $0.model == nil && $0.name != node.name }) {
        sink.report(.scopeBesideOther(node, other), at: other.span)
      }
    }
  }

  /// A program finds each of its links in a variable of its own.
  private func checkVariables() {
    for node in topology.nodes {
      guard case .board(let board) = node.player, board.role != .portless else { continue }
      var named: [String: LinkDescription] = [:]
      for link in topology.links where [link.upstream, link.downstream].contains(node.name) {
        guard link.wire == .pcieLink, let first = named.updateValue(link, forKey: link.variable) else {
          continue
        }
        sink.report(
          .sameVariable(link, first, of: node), at: link.span,
          notes: [.init("'\(first.name)' is defined at \(first.span.start)", at: first.span)])
      }
    }
  }

  private func checkUpperLinks() {
    let joined = Set(topology.links.flatMap { [$0.upstream, $0.downstream] })
    var above: [String: LinkDescription] = [:]
    for link in topology.links where link.upstream != link.downstream {
      if let first = above[link.downstream] {
        sink.report(
          .twoLinks(link, first), at: link.span,
          notes: [.init("'\(first.name)' is defined at \(first.span.start)", at: first.span)])
      } else {
        above[link.downstream] = link
      }
    }
    let hierarchy = topology.nodes.filter { $0.role != .portless }
    for node in hierarchy where node.role != .rootComplex && above[node.name] == nil {
      sink.report(joined.contains(node.name) ? .noLinkAbove(node) : .unlinked(node), at: node.span)
    }
    // A second root has its own message.
    let root = topology.nodes.first { $0.role == .rootComplex }
    if let root, hierarchy.count > 1, !joined.contains(root.name) {
      sink.report(.unlinked(root), at: root.span)
    }
  }

  /// Every node has one link above it here, so a node that never reaches the root stands in a loop.
  private func checkLoops() {
    var upper: [String: String] = [:]
    for link in topology.links { upper[link.downstream] = link.upstream }
    var rooted = Set(topology.nodes.filter { $0.role == .rootComplex }.map(\.name))
    for node in topology.nodes {
      var path: [String] = []
      var name = node.name
      while !rooted.contains(name), !path.contains(name), let next = upper[name] {
        path.append(name)
        name = next
      }
      if let start = path.firstIndex(of: name) {
        sink.report(.loop(Array(path[start...])), at: node.span)
        return
      }
      rooted.formUnion(path)
    }
  }

  /// A hierarchy has 256 buses; a bus has 32 devices.
  private func checkNumbers() {
    let switches = topology.nodes.count { $0.role == .fabric }
    let buses = 1 + topology.links.count + switches
    if buses > 256 { sink.report(.tooManyBuses(buses), at: place) }
    var ports: [String: Int] = [:]
    for link in topology.links {
      ports[link.upstream, default: 0] += 1
      // Device 0 of bus 0 is the host itself.
      let isRoot = topology.node(link.upstream)?.role == .rootComplex
      let limit = isRoot ? 31 : 32
      if ports[link.upstream] == limit + 1 { sink.report(.tooManyPorts(link.upstream, limit), at: link.span) }
    }
  }
}
