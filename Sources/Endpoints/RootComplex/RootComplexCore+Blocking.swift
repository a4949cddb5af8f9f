import LinkBroker
import PCIe

extension RootComplexCore {
  /// Stops a TLP that software has blocked; a request that waits for an answer gets one.
  ///
  /// - Parameters:
  ///   - source: the port it came in at.
  ///   - reporter: the port that blocks it.
  /// - Source: PCI Express Base 5.0, 6.12.4 "ACS Violation Error Handling" and 6.2.7 table 6-5.
  mutating func block(
    _ tlp: FabricTLP, _ violation: Violation, at source: Int, by reporter: Int, _ text: String,
    in fabric: inout Fabric
  ) -> TLPDisposition {
    let isAnswered = tlp.header.kind?.flowControlClass == .nonPosted
    report(
      violation, tlp.header, port: reporter, text, isAdvisoryCase: isAnswered, in: &fabric)
    guard isAnswered else { return .consumed }
    let isAbort = violation == .acsViolation
    if isAbort { ports.ports[source].bridge.space.raiseSecondary(.signaledTargetAbort) }
    let completion = TLPHeader.completion(
      of: tlp.header, status: isAbort ? .completerAbort : .unsupportedRequest,
      completer: ports.ports[reporter].bridge.id)
    fabric.send(FabricTLP(header: completion), from: ports.ports[source].port)
    return .consumed
  }
}
