public import LinkBroker
public import PCIe
public import Simulation

// Whole DWs of host memory over a link on which nothing else is going on.
extension RootComplex: NodeMemory {
  public func place(of request: TLPHeader, at port: Int, now: VirtualTime) -> MemoryPlace? {
    core.place(of: request, at: port)
  }

  public func store(_ bytes: RawSpan, at place: MemoryPlace) {
    copyBytes(from: bytes, at: 0, to: &core.memory.bytes, at: place.offset, count: bytes.byteCount)
  }

  public func load(_ count: Int, at place: MemoryPlace, _ body: (RawSpan) -> Void) {
    core.memory.withBytes(at: place.offset, count: count, body)
  }
}

extension HostMemory {
  /// Lends bytes, which must be there.
  func withBytes(at offset: Int, count: Int, _ body: (RawSpan) -> Void) {
    body(bytes.rawSpan.extracting(offset..<offset + count))
  }
}

extension RootComplexCore {
  /// Where in host memory a plain request goes; nil where the port stops it, or it is for something else.
  func place(of request: TLPHeader, at port: Int) -> MemoryPlace? {
    guard ports.ports[port].bridge.controls.isEmpty, ports.ports[port].bridge.passesUpstream,
      memory.contains(request.address, count: request.lengthDW * 4),
      !(request.hasData && InterruptTarget.claims(request.address))
    else { return nil }
    return MemoryPlace(
      region: port, offset: Int(truncatingIfNeeded: request.address),
      completer: ports.ports[port].bridge.id, maxPayloadBytes: ports.ports[port].maxPayloadBytes,
      boundary: Self.readCompletionBoundary, isAlwaysCut: true)
  }

  /// The bytes of the next completion: up to a boundary within Max_Payload_Size.
  static func pieceBytes(_ address: UInt64, _ remaining: Int, limit: Int) -> Int {
    let end = (address + UInt64(limit)) & ~(readCompletionBoundary - 1)
    return min(remaining, Int(truncatingIfNeeded: end - address))
  }
}
