import LinkBroker
import Nodes
import PCIe
import RunEvents
import SuiteLanguage
import Transports

// The programs at links.
extension StepEngine {
  /// Tells what transports note, and takes down the links of programs that are gone.
  mutating func noticeLinks(of outside: OutsideNodes, emit: Emit) {
    for peer in outside.loop.peers {
      for note in peer.transport.takeNotes() { emit(.note(Note("\(peer.name): \(note)")), time) }
      guard peer.transport.isOverdue(at: topology.fabric.now) else { continue }
      let isFrozen = outside[peer.name]?.process?.isFrozen ?? false
      peer.transport.settleOverdue(at: topology.fabric.now, isExcused: isFrozen)
    }
    if outside.hasNews { judgeCallers(at: outside) }
    for peer in outside.loop.takeLost() {
      guard case .lost(let loss) = peer.transport.state else { continue }
      if isProtocolBroken(loss) {
        report("\(loss)", node: topology.nodeNumber(peer.name) ?? 0, link: peer.link)
      }
      let isAllowed = mayGo(peer, outside[peer.name], loss)
      topology.fabric.order(isAllowed ? .disabled : .surpriseDown, link: peer.link)
    }
  }

  /// Whoever comes to a link of which the program is in has no business there.
  private mutating func judgeCallers(at outside: OutsideNodes) {
    for node in outside.nodes {
      for end in node.ends where end.isIn {
        guard let door = end.door, let link = end.place?.port?.link else { continue }
        _ = door.look()
        for note in door.takeNotes() { report(note, node: node.number, link: link) }
      }
    }
  }

  /// Lets a program in that comes while the case runs; answers whether it is at all its links.
  ///
  /// It finds its link up where there is somebody at the other end.
  mutating func isJoined(_ node: OutsideNode) throws(StepFailure) -> Bool {
    guard let outside = topology.outside else { return true }
    var isAtAll = true
    for end in node.ends where end.isOpen {
      guard let number = topology.linkNumbers[end.link], let link = topology.description.link(end.link),
        try outside.hear(end, of: node, in: topology.description)
      else {
        isAtAll = false
        continue
      }
      let isWhole = [link.upstream, link.downstream].allSatisfy {
        outside.isPresent($0, at: (link.name, number))
      }
      if !end.isSeated {
        // Its last process may have gone without a word.
        outside.loop.forget(node.name, at: number)
        topology.fabric.takeDown(link: number, .disabled)
        topology.seat(end, of: node.name)
        end.isSeated = true
        if isWhole { topology.fabric.order(.up, link: number) }
      }
      guard !isWhole || topology.fabric.state(ofLink: number) == .up else {
        isAtAll = false
        continue
      }
      try outside.welcome(end, of: node, topology)
    }
    return isAtAll
  }

  private mutating func report(_ text: String, node: Int, link: Int) {
    topology.fabric.report(
      LinkBroker.Finding(
        time: topology.fabric.now, violation: .nodeProtocol, node: node, link: link, text: text))
  }

  private func isProtocolBroken(_ loss: TransportLoss) -> Bool {
    switch loss {
    case .garbage, .closedInside: true
    case .goodbye, .closed, .system: false
    }
  }

  /// Whether a program may leave its link: it says so itself, or its end is asked for or waited for.
  private func mayGo(_ peer: OutsidePeer, _ node: OutsideNode?, _ loss: TransportLoss) -> Bool {
    switch loss {
    case .goodbye: return true
    case .closed:
      guard let node, node.judgement != .killed else { return false }
      // Its next process may have been started already.
      return peer.mayLeave || task.instance.awaitsExit(of: node.name) || node.process == nil
    case .closedInside, .garbage, .system: return false
    }
  }
}
