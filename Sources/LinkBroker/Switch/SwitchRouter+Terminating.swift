import PCIe

// TLPs that end in the switch.
extension SwitchRouter {
  /// Answers a request that leads nowhere, and drops what cannot be answered.
  mutating func refuse(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    let header = tlp.header
    guard !header.isCompletionShaped else {
      report(
        .unexpectedCompletion, header, port: port, "no requester here has that ID", isAdvisoryCase: true,
        in: &fabric)
      return .consumed
    }
    let isAnswered = header.kind?.flowControlClass == .nonPosted
    report(
      .unsupportedRequest, header, port: port, "no port leads to its target", isAdvisoryCase: isAnswered,
      in: &fabric)
    if isAnswered, let back = ports[port] {
      let completion = TLPHeader.completion(
        of: header, status: .unsupportedRequest, completer: functions[port].id)
      fabric.send(FabricTLP(header: completion), from: back)
    }
    return .consumed
  }

  /// Takes a TLP that is for the switch itself.
  mutating func terminate(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    guard tlp.header.kind?.isMessage == true else { return refuse(tlp, at: port, in: &fabric) }
    let code = tlp.header.messageCode
    if port != Switch.upstreamPort, let interrupt = code?.interrupt {
      setWire(interrupt.line, interrupt.isAsserted, port: port, in: &fabric)
    } else if code == .powerManagementTurnOffAck {
      takeTurnOffAnswer(of: port, in: &fabric)
    }
    return .consumed
  }

  /// Passes PME_Turn_Off on to all links that can carry it; its answer waits for all of theirs.
  ///
  /// - Source: PCI Express Base 5.0, 5.3.3.2.1 "PME Synchronization".
  mutating func broadcast(_ tlp: FabricTLP, in fabric: inout Fabric) {
    let header = tlp.header
    for (number, port) in ports.enumerated().dropFirst() {
      guard let port, fabric.state(ofLink: port.link) == .up else { continue }
      if header.messageCode == .powerManagementTurnOff { turnOffAwaited.insert(number) }
      let payload = fabric.payloads.duplicate(tlp.payload)
      fabric.send(FabricTLP(header: header, payload: payload), from: port)
    }
    if header.messageCode == .powerManagementTurnOff, turnOffAwaited.isEmpty {
      sendUp(.powerManagementTurnOffAck, in: &fabric)
    }
  }

  /// A port has answered, or never will.
  private mutating func takeTurnOffAnswer(of port: Int, in fabric: inout Fabric) {
    guard turnOffAwaited.remove(port) != nil, turnOffAwaited.isEmpty else { return }
    sendUp(.powerManagementTurnOffAck, in: &fabric)
  }

  private mutating func setWire(_ wire: Int, _ isAsserted: Bool, port: Int, in fabric: inout Fabric) {
    let device = UInt8(truncatingIfNeeded: port - 1)
    let above = InterruptWires.swizzle(wire, device: device)
    // Not in one expression: the call below would still see the wires as they were.
    let changed = wires.set(above, isAsserted, port: port)
    tellWires(changed, in: &fabric)
  }

  private func tellWires(_ changed: UInt8, in fabric: inout Fabric) {
    for wire in 0..<4 where changed & 1 << UInt8(wire) != 0 {
      let isAsserted = wires.asserted & 1 << UInt8(wire) != 0
      let code = isAsserted ? MessageCode.assertInterrupt(line: wire) : .deassertInterrupt(line: wire)
      if let code { sendUp(code, in: &fabric) }
    }
  }

  private func sendUp(_ code: MessageCode, from port: Int = Switch.upstreamPort, in fabric: inout Fabric) {
    guard let up = ports[Switch.upstreamPort] else { return }
    fabric.send(FabricTLP(header: .message(code, requester: functions[port].id)), from: up)
  }
}

// Errors and link state.
extension SwitchRouter {
  mutating func report(
    _ violation: Violation, _ header: TLPHeader, port: Int, _ reason: String, isAdvisoryCase: Bool,
    in fabric: inout Fabric
  ) {
    if let here = ports[port] {
      fabric.report(
        Finding(
          time: fabric.now, violation: violation, node: here.node, link: here.link, header: header,
          text: "\(header.kind?.mnemonic ?? "TLP") at port \(functions[port].id): \(reason)"))
    }
    log(violation, header, port: port, isAdvisoryCase: isAdvisoryCase, in: &fabric)
  }

  /// Records an error in a port's registers and tells the root complex where that is enabled.
  mutating func log(
    _ violation: Violation, _ header: TLPHeader?, port: Int, isAdvisoryCase: Bool, in fabric: inout Fabric
  ) {
    let link = port == Switch.upstreamPort ? nil : ports[port]?.link
    let messages = functions[port].detect(
      violation, header: header, isAdvisoryCase: isAdvisoryCase, link: link, in: &fabric)
    for message in messages { signal(message, from: port, in: &fabric) }
    interrupt(from: port, in: &fabric)
  }

  /// Sends an error message of a port; that of a downstream port passes the bridge of the upstream port.
  mutating func signal(_ message: ErrorMessage, from port: Int, in fabric: inout Fabric) {
    if port != Switch.upstreamPort {
      let fate = functions[0].take(message, from: functions[port].id, link: nil, in: &fabric)
      guard fate == .passes else { return }
    }
    sendUp(message.code, from: port, in: &fabric)
  }

  /// Sends the interrupts of a port that have become due, as memory writes.
  mutating func interrupt(from port: Int, in fabric: inout Fabric) {
    let due = functions[port].takeInterrupts()
    let function = functions[port]
    guard function.space.isMSIEnabled, function.passesUpstream, functions[0].passesUpstream,
      let up = ports[Switch.upstreamPort]
    else { return }
    for vector in due.vectors {
      let payload = fabric.payloads.take(bytes: 4)
      fabric.payloads.setWord(payload, to: UInt32(function.space.msiData(vector: vector)))
      let header = TLPHeader.memoryWrite(
        address: function.space.msiAddress, bytes: 4, requester: function.id)
      fabric.send(FabricTLP(header: header, payload: payload), from: up)
    }
  }

  mutating func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    guard port != Switch.upstreamPort else {
      guard change != .up else { return }
      for index in functions.indices {
        functions[index].space.reset(.conventional)
        functions[index].decode()
      }
      wires = InterruptWires(ports: ports.count)
      turnOffAwaited = []
      for link in linksBelow {
        fabric.order(.hotReset, link: link)
        fabric.order(.up, link: link)
      }
      return renumber()
    }
    guard let link = ports[port]?.link else { return }
    for message in functions[port].show(change, of: link, in: &fabric) {
      signal(message, from: port, in: &fabric)
    }
    interrupt(from: port, in: &fabric)
    guard change != .up else { return }
    if change == .surpriseDown, let owner = ports[port]?.node {
      fabric.report(
        Finding(
          time: fabric.now, violation: .surpriseDown, node: owner, link: link,
          text: "the link went down by surprise"))
    }
    let released = wires.release(port: port)
    tellWires(released, in: &fabric)
    takeTurnOffAnswer(of: port, in: &fabric)
  }
}
