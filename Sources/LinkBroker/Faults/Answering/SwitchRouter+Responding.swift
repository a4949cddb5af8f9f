import PCIe

extension SwitchRouter {
  /// Answers a request as a fault tells, at the port where it came in.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1 "Request Handling Rules".
  mutating func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    guard case .status(let status) = response, status != .successful else {
      return receive(tlp, at: port, in: &fabric)
    }
    let isAnswered = tlp.header.kind?.flowControlClass == .nonPosted
    switch status {
    case .unsupportedRequest:
      report(
        .unsupportedRequest, tlp.header, port: port, "a fault has it refused", isAdvisoryCase: isAnswered,
        in: &fabric)
    case .completerAbort:
      functions[port].space.raise(.signaledTargetAbort)
      report(
        .completerAbort, tlp.header, port: port, "a fault has it aborted", isAdvisoryCase: isAnswered,
        in: &fabric)
    case .requestRetry, .successful: break
    }
    if isAnswered, let back = ports[port] {
      let completion = TLPHeader.completion(of: tlp.header, status: status, completer: functions[port].id)
      fabric.send(FabricTLP(header: completion), from: back)
    }
    return .consumed
  }
}
