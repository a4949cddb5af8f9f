import PCIe

extension SwitchRouter {
  /// Finds the way of a TLP; a configuration request that reaches its last bus becomes type 0.
  func route(_ header: inout TLPHeader, from port: Int) -> Route {
    guard let kind = header.kind else { return .nowhere }
    switch kind {
    case .memoryRead, .memoryReadLocked, .memoryWrite, .fetchAdd, .swap, .compareAndSwap:
      return routeAddress(from: port) { $0.leads(toMemory: header.address) }
    case .ioRead, .ioWrite: return routeAddress(from: port) { $0.leads(toIO: header.address) }
    case .configurationRead0, .configurationWrite0:
      return port == Switch.upstreamPort && header.destinationID.function == 0 ? .function(0) : .nowhere
    case .configurationRead1, .configurationWrite1: return routeConfiguration(&header, from: port)
    case .completion, .completionWithData, .completionLocked, .completionLockedWithData:
      return routeID(header.requesterID, from: port)
    case .message, .messageWithData: return routeMessage(header, from: port)
    }
  }

  /// Down to the port whose window holds the address, otherwise up, but never back to where it came from.
  private func routeAddress(from port: Int, _ leads: (BridgeFunction) -> Bool) -> Route {
    let isFromAbove = port == Switch.upstreamPort
    if !isFromAbove, !functions[port].passesUpstream { return .nowhere }
    if isFromAbove, !leads(functions[0]) { return .nowhere }
    if functions[port].controls.contains(.redirectsRequests) {
      // Up to the root complex, which decides: PCI Express Base 5.0, 6.12.1.1.
      return functions[0].passesUpstream ? .port(Switch.upstreamPort) : .nowhere
    }
    for target in 1..<functions.count where leads(functions[target]) {
      return target == port ? .nowhere : .port(target)
    }
    if isFromAbove || leads(functions[0]) { return .nowhere }
    return functions[0].passesUpstream ? .port(Switch.upstreamPort) : .nowhere
  }

  private func routeConfiguration(_ header: inout TLPHeader, from port: Int) -> Route {
    guard port == Switch.upstreamPort else { return .nowhere }
    let target = header.destinationID
    if target.bus == functions[0].secondaryBus, functions[0].secondaryBus != 0 {
      let isPort = target.function == 0 && Int(target.device) + 1 < functions.count
      return isPort ? .function(Int(target.device) + 1) : .nowhere
    }
    guard let down = downstreamPort(leadingTo: target.bus) else { return .nowhere }
    guard functions[down].mayConfigure(target) else { return .nowhere }
    if target.bus == functions[down].secondaryBus { header.formatAndType &= ~1 }
    return .port(down)
  }

  private func downstreamPort(leadingTo bus: UInt8) -> Int? {
    (1..<functions.count).first { functions[$0].leads(toBus: bus) }
  }

  private func routeID(_ target: FunctionAddress, from port: Int) -> Route {
    if let down = downstreamPort(leadingTo: target.bus) { return down == port ? .nowhere : .port(down) }
    if target == functions[0].id || target.bus == functions[0].secondaryBus && target.bus != 0 {
      return .here
    }
    return port == Switch.upstreamPort ? .nowhere : .port(Switch.upstreamPort)
  }

  /// - Source: PCI Express Base 5.0, 2.2.8 table 2-19 "Message Routing".
  private func routeMessage(_ header: TLPHeader, from port: Int) -> Route {
    let isFromAbove = port == Switch.upstreamPort
    switch header.formatAndType & 7 {
    case 0:
      if isFromAbove { return .nowhere }
      return header.messageCode?.error.map(Route.error) ?? .port(Switch.upstreamPort)
    case 1: return routeAddress(from: port) { $0.leads(toMemory: header.address) }
    case 2: return routeID(header.destinationID, from: port)
    case 3: return isFromAbove ? .allDownstream : .nowhere
    default: return .here
    }
  }
}
