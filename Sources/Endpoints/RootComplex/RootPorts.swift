public import LinkBroker
public import PCIe

/// All ports of a root complex, as the way that requests take.
public struct RootPorts: RequestPath, ~Copyable, Sendable {
  public var ports: [RootPort] = []

  /// The port whose windows or buses hold the target of a request; a request for a deeper bus becomes type 1.
  public func port(for header: inout TLPHeader) -> FabricPort? {
    if header.isMemoryReadOrWrite { return index(ofMemory: header.address).map { ports[$0].port } }
    guard let index = index(for: header) else { return nil }
    if header.kind?.isConfigurationRequest == true {
      let bridge = ports[index].bridge
      guard bridge.mayConfigure(header.destinationID) else { return nil }
      if header.destinationID.bus != bridge.secondaryBus { header.formatAndType |= 1 }
    }
    return ports[index].port
  }

  /// The place of the port that leads to the target of a TLP.
  @inline(__always)
  func index(for header: TLPHeader) -> Int? {
    guard let kind = header.kind else { return nil }
    if kind.isMemoryRequest { return index(ofMemory: header.address) }
    switch kind {
    case .ioRead, .ioWrite:
      return ports.firstIndex { $0.bridge.leads(toIO: header.address) }
    case .configurationRead0, .configurationRead1, .configurationWrite0, .configurationWrite1:
      return index(ofBus: header.destinationID.bus)
    case .completion, .completionWithData, .completionLocked, .completionLockedWithData:
      return index(ofBus: header.requesterID.bus)
    default: return nil
    }
  }

  @inline(__always)
  func index(ofMemory address: UInt64) -> Int? {
    for index in ports.indices where ports[index].bridge.leads(toMemory: address) { return index }
    return nil
  }

  func index(ofBus bus: UInt8) -> Int? { ports.firstIndex { $0.bridge.leads(toBus: bus) } }
}
