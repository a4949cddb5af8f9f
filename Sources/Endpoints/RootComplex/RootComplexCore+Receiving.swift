import LinkBroker
import PCIe

extension RootComplexCore {
  /// Takes a TLP that came up through a root port.
  mutating func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    guard let kind = tlp.kind else { return refuse(tlp, at: port, in: &fabric) }
    if tlp.header.hasDigest, tlp.hasBadDigest, ports.ports[port].bridge.space.checksDigests,
      !isPassedOn(tlp.header, from: port)
    {
      report(
        .ecrc, tlp.header, port: port, "the digest does not belong to the TLP", isAdvisoryCase: false,
        in: &fabric)
      return .consumed
    }
    if !ports.ports[port].bridge.controls.isEmpty, ports.ports[port].bridge.isFalseSource(tlp.header) {
      return block(tlp, .acsViolation, at: port, by: port, "its requester is not below", in: &fabric)
    }
    switch kind {
    case .completion, .completionWithData, .completionLocked, .completionLockedWithData:
      return receiveCompletion(tlp, at: port, in: &fabric)
    case .memoryRead, .memoryWrite, .fetchAdd, .swap, .compareAndSwap:
      return receiveMemory(tlp, kind, at: port, in: &fabric)
    case .message, .messageWithData:
      receiveMessage(tlp.header, at: port, in: &fabric)
      return .consumed
    default: return refuse(tlp, at: port, in: &fabric)
    }
  }

  @inline(__always)
  private mutating func receiveCompletion(
    _ tlp: FabricTLP, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    let header = tlp.header
    guard header.requesterID == requester.id else {
      guard let target = ports.index(for: header), target != port else {
        report(
          .unexpectedCompletion, header, port: port, "nobody here has the ID \(header.requesterID)",
          in: &fabric)
        return .consumed
      }
      return pass(tlp, from: port, to: target, in: &fabric)
    }
    note(header, at: port, in: &fabric)
    if masks.isWaiting { masks.completed(tag: header.tag, by: header.completerID) }
    if case .unexpected(let reason) = requester.receive(tlp, over: ports, in: &fabric) {
      report(.unexpectedCompletion, header, port: port, reason.description, in: &fabric)
    }
    return .consumed
  }

  /// Leaves a trace of a completion without success, or with poisoned data, in the port's registers.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.1.3.7 "Secondary Status Register".
  @inline(__always)
  private mutating func note(_ header: TLPHeader, at port: Int, in fabric: inout Fabric) {
    switch header.completionStatus {
    case .successful: break
    case .unsupportedRequest: ports.ports[port].bridge.space.raiseSecondary(.receivedUnsupportedRequest)
    case .completerAbort: ports.ports[port].bridge.space.raiseSecondary(.receivedTargetAbort)
    case .requestRetry: break
    }
    guard header.isPoisoned, header.hasData else { return }
    ports.ports[port].bridge.space.raiseSecondary(.detectedParityError)
    if ports.ports[port].bridge.space.bridgeControl.contains(.parityErrorResponse) {
      ports.ports[port].bridge.space.raiseSecondary(.dataParityError)
    }
    report(.poisonedTLP, header, port: port, "the completion carries poisoned data", in: &fabric)
  }

  /// Reports what a port found.
  mutating func report(
    _ violation: Violation, _ header: TLPHeader, port: Int, _ text: String, isAdvisoryCase: Bool = true,
    in fabric: inout Fabric
  ) {
    let link = ports.ports[port].port.link
    fabric.report(
      Finding(time: fabric.now, violation: violation, node: node, link: link, header: header, text: text))
    log(violation, header, port: port, isAdvisoryCase: isAdvisoryCase, in: &fabric)
  }

  /// Answers what the root complex does not support, and drops what cannot be answered.
  mutating func refuse(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    let header = tlp.header
    let link = ports.ports[port].port.link
    let isAnswered = header.kind?.flowControlClass == .nonPosted
    var found = [ErrorPrecedence.Found(.unsupportedRequest, isAdvisory: isAnswered)]
    if header.isPoisoned, header.hasData {
      ports.ports[port].bridge.space.raiseSecondary(.detectedParityError)
      found.append(.init(.poisonedTLP, isAdvisory: false))
    }
    fabric.report(
      Finding(
        time: fabric.now, violation: .unsupportedRequest, node: node, link: link, header: header,
        text: "\(header.kind?.mnemonic ?? "TLP") from \(header.requesterID): \(reason(header, port))"))
    if let first = ErrorPrecedence.reported(found) {
      log(first.violation, header, port: port, isAdvisoryCase: first.isAdvisory, in: &fabric)
    }
    if isAnswered {
      let completion = TLPHeader.completion(
        of: header, status: .unsupportedRequest, completer: ports.ports[port].bridge.id)
      fabric.send(FabricTLP(header: completion), from: ports.ports[port].port)
    }
    return .consumed
  }

  private func reason(_ header: TLPHeader, _ port: Int) -> String {
    guard header.kind?.isMemoryRequest == true else { return "a root complex does not take it" }
    if !ports.ports[port].bridge.passesUpstream { return "bus master enable of the root port is off" }
    return "nothing claims 0x\(hexadecimal(header.address, digits: 8))"
  }

  /// Whether a TLP that came up a port does not end in the root complex.
  private func isPassedOn(_ header: TLPHeader, from port: Int) -> Bool {
    if header.isCompletionShaped { return header.requesterID != requester.id }
    guard header.kind?.isMemoryRequest == true, let target = ports.index(ofMemory: header.address) else {
      return false
    }
    return target != port
  }

  private mutating func receiveMessage(_ header: TLPHeader, at port: Int, in fabric: inout Fabric) {
    guard let code = header.messageCode else { return }
    if let interrupt = code.interrupt {
      let wasHeld = wires.isHeld(interrupt.line, port: port)
      _ = wires.set(interrupt.line, interrupt.isAsserted, port: port)
      if interrupt.isAsserted, !wasHeld {
        interrupts.arrive(wire: interrupt.line, from: ports.ports[port].bridge.id)
      }
      return
    }
    if code == .invalidateCompletion { return invalidations.complete(header) }
    guard let message = code.error else { return }
    let fate = ports.ports[port].bridge.take(
      message, from: header.requesterID, link: ports.ports[port].port.link, in: &fabric)
    switch fate {
    case .passes: takeError(message, from: header.requesterID, port: port)
    case .stops: break
    case .contained(let messages):
      for message in messages { takeError(message, from: ports.ports[port].bridge.id, port: port) }
    }
    interrupt(from: port)
  }
}
