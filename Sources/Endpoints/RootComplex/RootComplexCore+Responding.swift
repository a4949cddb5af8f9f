import LinkBroker
import PCIe

extension RootComplexCore {
  /// Answers a request as a fault tells, and records what a completer that does so must.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1 "Request Handling Rules" and 6.2.3.2.4.1.
  mutating func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    switch response {
    case .split(let sizes, let seed)
    where tlp.kind == .memoryRead && memory.contains(tlp.header.address, count: tlp.header.lengthDW * 4):
      let cut = CompletionCut(sizes, seed: seed, boundary: Self.readCompletionBoundary)
      serve(tlp.header, port: port, cut: cut, in: &fabric)
      return .consumed
    case .split, .status(.successful): return receive(tlp, at: port, in: &fabric)
    case .status(.unsupportedRequest): return refuse(tlp, at: port, in: &fabric)
    case .status(let status):
      let isAnswered = tlp.kind?.flowControlClass == .nonPosted
      if status == .completerAbort { abort(tlp, isAnswered: isAnswered, at: port, in: &fabric) }
      guard isAnswered else { return .consumed }
      let completion = TLPHeader.completion(
        of: tlp.header, status: status, completer: ports.ports[port].bridge.id)
      fabric.send(FabricTLP(header: completion), from: ports.ports[port].port)
      return .consumed
    }
  }

  private mutating func abort(
    _ tlp: FabricTLP, isAnswered: Bool, at port: Int, in fabric: inout Fabric
  ) {
    ports.ports[port].bridge.space.raiseSecondary(.signaledTargetAbort)
    fabric.report(
      Finding(
        time: fabric.now, violation: .completerAbort, node: node, link: ports.ports[port].port.link,
        header: tlp.header,
        text: "\(tlp.header.kind?.mnemonic ?? "TLP") from \(tlp.header.requesterID): a fault has it aborted"))
    log(.completerAbort, tlp.header, port: port, isAdvisoryCase: isAnswered, in: &fabric)
  }
}
