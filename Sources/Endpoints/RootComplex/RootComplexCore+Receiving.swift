import LinkBroker
import PCIe

extension RootComplexCore {
  /// Takes a TLP that came up through a root port.
  mutating func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    guard let kind = tlp.kind else { return refuse(tlp, at: port, in: &fabric) }
    switch kind {
    case .completion, .completionWithData, .completionLocked, .completionLockedWithData:
      return receiveCompletion(tlp, at: port, in: &fabric)
    case .memoryRead, .memoryWrite, .fetchAdd, .swap, .compareAndSwap:
      return receiveMemory(tlp, kind, at: port, in: &fabric)
    case .message, .messageWithData:
      receiveMessage(tlp.header, at: port)
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
      return pass(tlp, to: target, in: &fabric)
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
    guard header.isPoisoned else { return }
    ports.ports[port].bridge.space.raiseSecondary(.detectedParityError)
    report(.poisonedTLP, header, port: port, "the completion carries poisoned data", in: &fabric)
  }

  /// Reports what a port found; all cases that come here are advisory ones.
  mutating func report(
    _ violation: Violation, _ header: TLPHeader, port: Int, _ text: String, in fabric: inout Fabric
  ) {
    let link = ports.ports[port].port.link
    fabric.report(
      Finding(time: fabric.now, violation: violation, node: node, link: link, header: header, text: text))
    log(violation, header, port: port, isAdvisoryCase: true)
  }

  /// Answers what the root complex does not support, and drops what cannot be answered.
  mutating func refuse(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    let header = tlp.header
    let link = ports.ports[port].port.link
    let isAnswered = header.kind?.flowControlClass == .nonPosted
    fabric.report(
      Finding(
        time: fabric.now, violation: .unsupportedRequest, node: node, link: link, header: header,
        text: "\(header.kind?.mnemonic ?? "TLP") from \(header.requesterID): \(reason(header, port))"))
    log(.unsupportedRequest, header, port: port, isAdvisoryCase: isAnswered)
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

  private mutating func receiveMessage(_ header: TLPHeader, at port: Int) {
    guard let code = header.messageCode else { return }
    if let interrupt = code.interrupt {
      let wasHeld = wires.isHeld(interrupt.line, port: port)
      _ = wires.set(interrupt.line, interrupt.isAsserted, port: port)
      if interrupt.isAsserted, !wasHeld {
        interrupts.arrive(wire: interrupt.line, from: ports.ports[port].bridge.id)
      }
      return
    }
    guard code.routing != .toRootComplex || ports.ports[port].bridge.space.bridgeControl.contains(.serrEnable)
    else { return }
    switch code {
    case .correctableError: takeError(.correctable, from: header.requesterID, port: port)
    case .nonFatalError: takeError(.nonFatal, from: header.requesterID, port: port)
    case .fatalError: takeError(.fatal, from: header.requesterID, port: port)
    default: break
    }
  }
}
