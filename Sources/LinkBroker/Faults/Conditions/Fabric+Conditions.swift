import PCIe
public import Simulation

// Faults that make a condition instead of striking what passes.
extension Fabric {
  /// Lets the condition of a fault begin.
  mutating func beginCondition(_ rule: Int) {
    let fault = faults.armed[rule].fault
    let mark = DrawnMark(rule: rule, match: 1, value: fault.duration?.picoseconds ?? 0)
    switch fault.action {
    case .starve:
      showStarvation()
      for direction in fault.directions { log(mark, nil, direction.index) }
    case .linkDown:
      for link in fault.links where links[link].state == .up {
        log(mark, nil, link * 2)
        takeDown(link: link, .surpriseDown)
      }
    case .kill(let node): sever(node, mark)
    case .hang(let node): freeze(node, mark)
    case .signal:
      faults.signals.append(rule)
      log(mark, nil, nil)
    case .completeUnasked(let completer, let requester, let tag, let status):
      complete(mark, from: completer, on: fault.directions.first, requester, tag, status)
    case .drop, .delay, .hold, .duplicate, .corrupt, .poison, .respond, .nak:
      preconditionFailure("\(fault.action) makes no condition")
    }
  }

  /// Ends the condition of a fault, which no longer counts as lasting.
  mutating func endCondition(_ rule: Int) {
    let fault = faults.armed[rule].fault
    switch fault.action {
    case .starve: showStarvation()
    case .linkDown: for link in fault.links where !isTakenDown(link) { bringUp(link: link) }
    case .hang(let node):
      faults.armed[rule].silence = silence(of: node)
      wake(node)
    default: break
    }
  }

  /// Shows in the directions which classes are starved now.
  private mutating func showStarvation() {
    recallAll()
    for direction in directions.indices { directions[direction].hooks.subtract(.starved) }
    for state in faults.armed where state.isLasting {
      guard case .starve(let flowControlClass) = state.fault.action else { continue }
      for direction in state.fault.directions {
        directions[direction.index].hooks.insert(.starving(flowControlClass))
      }
    }
    for direction in directions.indices where links[direction >> 1].state == .up { pump(direction) }
  }

  /// Whether another fault keeps a link down.
  private func isTakenDown(_ link: Int) -> Bool {
    faults.armed.contains { $0.isLasting && $0.fault.action == .linkDown && $0.fault.links.contains(link) }
  }

  private mutating func complete(
    _ mark: DrawnMark, from completer: Int, on direction: LinkFault.Direction?, _ requester: FunctionAddress,
    _ tag: UInt16, _ status: CompletionStatus
  ) {
    let given = direction.map { sender(of: $0.index) }
    guard let port = given ?? ports(of: completer).first, links[port.link].state == .up else { return }
    var header = TLPHeader()
    header.formatAndType = 0b000_01010
    header.completerID = nodes[completer].completerID(at: port.number)
    header.requesterID = requester
    header.tag = tag
    header.completionStatus = status
    header.byteCount = 4
    log(mark, header, port.outgoing)
    var tlp = FabricTLP(header: header)
    tlp.marks.touch(mark.rule)
    send(tlp, from: port)
  }

  /// The ends of links that a node owns.
  func ports(of node: Int) -> [FabricPort] {
    links.flatMap { [$0.upstream, $0.downstream] }.filter { $0.node == node }
  }
}

// Nodes.
extension Fabric {
  /// Cuts a node off for good: whatever comes to it from now on is lost.
  private mutating func sever(_ node: Int, _ mark: DrawnMark) {
    guard !(nodes[node] is SeveredNode) else { return }
    let ports = ports(of: node)
    log(mark, nil, ports.first?.outgoing)
    report(
      Finding(
        time: now, violation: .nodeExit, node: node, link: ports.first?.link ?? -1,
        text: "a fault has cut the node off for good"))
    let frozen = nodes[node] as? FrozenNode
    put(SeveredNode(insteadOf: nodes[node]), at: node)
    for port in ports {
      links[port.link].isSevered = true
      takeDown(link: port.link, .surpriseDown)
    }
    frozen?.abandon(in: &self)
  }

  private mutating func freeze(_ node: Int, _ mark: DrawnMark) {
    guard !(nodes[node] is SeveredNode) else { return }
    log(mark, nil, ports(of: node).first?.outgoing)
    if let frozen = nodes[node] as? FrozenNode {
      frozen.holders += 1
    } else {
      let isAsked = ports(of: node).contains { directions[$0.outgoing ^ 1].outstanding.count > 0 }
      put(FrozenNode(nodes[node], silentSince: isAsked ? now : nil), at: node)
    }
  }

  /// For how long a frozen node has kept the first of its requesters waiting.
  private func silence(of node: Int) -> VirtualDuration {
    (nodes[node] as? FrozenNode)?.silentSince.map { now - $0 } ?? .zero
  }

  /// For how long a request has waited for a node that a fault has frozen, up to now or to its waking; zero
  /// where none has, and for other faults.
  public func silence(ofRule rule: Int) -> VirtualDuration {
    let state = faults.armed[rule]
    guard case .hang(let node) = state.fault.action, state.isLasting else { return state.silence }
    return silence(of: node)
  }

  private mutating func wake(_ node: Int) {
    guard let frozen = nodes[node] as? FrozenNode else { return }
    frozen.holders -= 1
    guard frozen.holders == 0 else { return }
    put(frozen.node, at: node)
    frozen.replay(in: &self)
  }
}

extension LinkFault {
  /// The links of its directions, each once.
  var links: [Int] {
    directions.reduce(into: []) { links, direction in
      if !links.contains(direction.link) { links.append(direction.link) }
    }
  }
}
