public import LinkBroker
public import PCIe

// Whole DWs of host memory over a link on which nothing else is going on.
extension RootComplex: NodeMemory {
  public func place(of request: TLPHeader, at port: Int, in fabric: borrowing Fabric) -> MemoryPlace? {
    core.place(of: request, at: port)
  }

  public func store(_ bytes: RawSpan, at place: MemoryPlace) {
    copyBytes(from: bytes, at: 0, to: &core.memory.bytes, at: place.offset, count: bytes.byteCount)
  }

  public func load(
    _ request: TLPHeader, at place: MemoryPlace, _ complete: (TLPHeader, RawSpan) -> Void
  ) {
    core.load(request, at: place, complete)
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
      maxPayloadBytes: ports.ports[port].maxPayloadBytes)
  }

  func load(_ request: TLPHeader, at place: MemoryPlace, _ complete: (TLPHeader, RawSpan) -> Void) {
    let completer = ports.ports[place.region].bridge.id
    let bytes = memory.bytes.rawSpan
    var (address, remaining) = (request.address, request.lengthDW * 4)
    while remaining > 0 {
      let count = Self.pieceBytes(address, remaining, limit: place.maxPayloadBytes)
      let header = TLPHeader.completionWithData(
        of: request, completer: completer, address: address, bytes: count, remainingBytes: remaining)
      let start = Int(truncatingIfNeeded: address)
      complete(header, bytes.extracting(start..<start + count))
      address += UInt64(count)
      remaining -= count
    }
  }

  /// The bytes of the next completion: up to a boundary within Max_Payload_Size.
  static func pieceBytes(_ address: UInt64, _ remaining: Int, limit: Int) -> Int {
    let end = (address + UInt64(limit)) & ~(readCompletionBoundary - 1)
    return min(remaining, Int(truncatingIfNeeded: end - address))
  }
}
