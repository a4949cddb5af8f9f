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
    }
    for peer in outside.loop.takeLost() {
      guard case .lost(let loss) = peer.transport.state else { continue }
      if isProtocolBroken(loss) {
        topology.fabric.report(
          LinkBroker.Finding(
            time: topology.fabric.now, violation: .nodeProtocol,
            node: topology.nodeNumber(peer.name) ?? 0, link: peer.link, text: "\(loss)"))
      }
      topology.fabric.order(mayGo(outside[peer.name], loss) ? .disabled : .surpriseDown, link: peer.link)
    }
  }

  private func isProtocolBroken(_ loss: TransportLoss) -> Bool {
    switch loss {
    case .garbage, .closedInside: true
    case .goodbye, .closed, .system: false
    }
  }

  /// Whether a program may leave its link: it says so itself, or its end is asked for or waited for.
  private func mayGo(_ node: OutsideNode?, _ loss: TransportLoss) -> Bool {
    switch loss {
    case .goodbye: return true
    case .closed:
      guard let node, node.judgement != .killed else { return false }
      return task.instance.awaitsExit(of: node.name) || node.process.map { $0.deadline != nil } ?? true
    case .closedInside, .garbage, .system: return false
    }
  }
}
