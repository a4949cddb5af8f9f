public import LinkBroker
public import PCIe

// Where the model's own software stands.
extension RootComplex: HostProcessor {
  public func proceed(in fabric: inout Fabric) -> Bool { fabric.step() }

  public var map: HostMap {
    var map = HostMap(
      devices: 1...UInt8(max(1, core.ports.ports.count)), memory: 0x8000_0000..<0xfec0_0000)
    map.memoryBytes = core.memory.byteCount
    return map
  }

  public func linkPayloadBytes(below top: FunctionAddress, in fabric: borrowing Fabric) -> Int {
    guard let port = core.ports.ports.first(where: { $0.bridge.id == top }) else { return 4096 }
    var bytes = 4096
    var links = [port.port.link]
    while let link = links.popLast() {
      bytes = min(bytes, fabric.configuration(ofLink: link).maxPayloadBytes)
      for other in 0..<fabric.linkCount
      where fabric.ends(ofLink: other).upstream.node == fabric.ends(ofLink: link).downstream.node {
        links.append(other)
      }
    }
    return bytes
  }

  public func keepPayload(_ bytes: Int, below top: FunctionAddress) {
    for port in core.ports.ports.indices where core.ports.ports[port].bridge.id == top {
      core.ports.ports[port].maxPayloadBytes = bytes
    }
  }

  public func messages(
    for function: FunctionAddress, _ kind: InterruptTarget.Kind, vectors: Int
  ) -> [InterruptMessage] {
    let first = core.interrupts.allocate(function: function, kind: kind, vectors: vectors)
    return (0..<vectors).map {
      InterruptMessage(address: InterruptTarget.address, data: UInt32(first + $0))
    }
  }

  public func watchMasks(of function: FunctionAddress, table: UInt64, vectors: Int, control: Int) {
    core.masks.watch(function, base: table, vectors: vectors, control: control)
  }
}
