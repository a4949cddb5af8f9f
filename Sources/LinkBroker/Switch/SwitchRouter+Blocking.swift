import PCIe

// What the switch looks at in a TLP that it passes on.
extension SwitchRouter {
  /// Whether a TLP on its way from one port to another has to be looked at.
  @inline(__always)
  func needsLook(_ tlp: FabricTLP, from port: Int, to target: Int) -> Bool {
    tlp.header.isPoisoned || !functions[target].controls.isEmpty || !functions[port].controls.isEmpty
  }

  /// Whether a TLP may go on; one that may not is reported, and answered where it waits for an answer.
  ///
  /// - Parameter target: the port it would leave by, nil where none leads to its target.
  mutating func mayPass(
    _ tlp: FabricTLP, from port: Int, to target: Int?, in fabric: inout Fabric
  ) -> Bool {
    let isAnswered = tlp.header.kind?.flowControlClass == .nonPosted
    var found: [ErrorPrecedence.Found] = []
    if port != Switch.upstreamPort, functions[port].isFalseSource(tlp.header) {
      found.append(.init(.acsViolation, isAdvisory: isAnswered))
    }
    if let target {
      found += functions[target].egressErrors(tlp).map { .init($0, isAdvisory: isAnswered) }
    }
    guard let first = ErrorPrecedence.reported(found) else {
      if let target, tlp.header.isPoisoned, tlp.header.hasData {
        notePoison(tlp.header, from: port, to: target, in: &fabric)
      }
      return true
    }
    let isIngress = first.violation == .acsViolation
    let reporter = isIngress ? port : target ?? port
    report(
      first.violation, tlp.header, port: reporter,
      isIngress ? "its requester is not below" : "software has it blocked",
      isAdvisoryCase: first.isAdvisory, in: &fabric)
    if isIngress, isAnswered { functions[port].space.raiseSecondary(.signaledTargetAbort) }
    if isAnswered, let back = ports[port] {
      let completion = TLPHeader.completion(
        of: tlp.header, status: isIngress ? .completerAbort : .unsupportedRequest,
        completer: functions[reporter].id)
      fabric.send(FabricTLP(header: completion), from: back)
    }
    return false
  }

  /// Leaves traces of poisoned data that passes; a switch is not who has to deal with them.
  ///
  /// - Source: PCI Express Base 5.0, 6.2.3.2.4.2 "Intermediate Receiver"; 7.5.1.1.4 and 7.5.1.3.7 for the
  ///   parity bits.
  private mutating func notePoison(
    _ header: TLPHeader, from port: Int, to target: Int, in fabric: inout Fabric
  ) {
    if port == Switch.upstreamPort {
      functions[0].space.raise(.detectedParityError)
    } else {
      functions[port].space.raiseSecondary(.detectedParityError)
    }
    // The bridge on the side of the requester, when it responds to parity errors.
    let isDownward = target != Switch.upstreamPort
    let isPeerToPeer = isDownward && port != Switch.upstreamPort
    if !isPeerToPeer, header.isCompletionShaped == isDownward {
      if functions[0].space.command.contains(.parityErrorResponse) {
        functions[0].space.raise(.dataParityError)
      }
    } else {
      let below = isDownward && !(isPeerToPeer && header.isCompletionShaped) ? target : port
      if functions[below].space.bridgeControl.contains(.parityErrorResponse) {
        functions[below].space.raiseSecondary(.dataParityError)
      }
    }
    report(
      .poisonedTLP, header, port: port, "it passes with poisoned data", isAdvisoryCase: true, in: &fabric)
  }
}
