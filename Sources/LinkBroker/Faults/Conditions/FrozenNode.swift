import PCIe
import Simulation

/// Stands before a node that a fault has frozen, and keeps what happens until it wakes.
///
/// TLPs stay in the receive buffers, so that their credits are not returned.
final class FrozenNode: FabricNode {
  private enum Happening {
    case arrival(FabricTLP, LinkFault.Response?, port: Int)
    case timer(UInt64)
    case change(LinkChange, port: Int)
    case detected(Violation, TLPHeader?, port: Int)
  }

  let node: any FabricNode
  /// The faults that freeze the node.
  var holders = 1
  /// Since when a request has waited for an answer that the node keeps back; nil where none has.
  private(set) var silentSince: VirtualTime?
  private var happenings: ContiguousArray<Happening> = []

  /// - Parameter silentSince: now where requests are under way already.
  init(_ node: any FabricNode, silentSince: VirtualTime?) {
    self.node = node
    self.silentSince = silentSince
  }

  var takesEveryCompletion: Bool { node.takesEveryCompletion }

  func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {
    node.attach(port, number: number, in: &fabric)
  }

  func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    keep(tlp, nil, at: port, now: fabric.now)
  }

  func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    keep(tlp, response, at: port, now: fabric.now)
  }

  private func keep(
    _ tlp: FabricTLP, _ response: LinkFault.Response?, at port: Int, now: VirtualTime
  ) -> TLPDisposition {
    if tlp.flowControlClass == .nonPosted { silentSince = silentSince ?? now }
    happenings.append(.arrival(tlp, response, port: port))
    return .forwarded
  }

  func completerID(at port: Int) -> FunctionAddress { node.completerID(at: port) }
  func timerFired(_ token: UInt64, in fabric: inout Fabric) { happenings.append(.timer(token)) }

  func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    happenings.append(.change(change, port: port))
  }

  func portDetected(_ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric) {
    happenings.append(.detected(violation, header, port: port))
  }

  /// Lets the node have all that has happened, in order; it must be back in its place.
  func replay(in fabric: inout Fabric) {
    for happening in happenings {
      switch happening {
      case .arrival(let tlp, let response, let port):
        if take(tlp, response, at: port, in: &fabric) == .consumed { fabric.consume(tlp) }
      case .timer(let token): node.timerFired(token, in: &fabric)
      case .change(let change, let port): node.linkChanged(change, at: port, in: &fabric)
      case .detected(let violation, let header, let port):
        node.portDetected(violation, in: header, at: port, in: &fabric)
      }
    }
    happenings.removeAll()
  }

  private func take(
    _ tlp: FabricTLP, _ response: LinkFault.Response?, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    guard let response else { return node.receive(tlp, at: port, in: &fabric) }
    return node.respond(to: tlp, with: response, at: port, in: &fabric)
  }

  /// Loses all that has happened.
  func abandon(in fabric: inout Fabric) {
    for case .arrival(let tlp, _, _) in happenings { fabric.consume(tlp) }
    happenings.removeAll()
  }
}

extension Fabric {
  /// Takes back payload and buffer of a TLP that a node has kept.
  fileprivate mutating func consume(_ tlp: FabricTLP) {
    payloads.release(tlp.payload)
    returnHeldCredits(tlp)
  }
}
