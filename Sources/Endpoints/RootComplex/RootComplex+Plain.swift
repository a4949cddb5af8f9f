public import LinkBroker
public import PCIe
public import Simulation

// Whole DWs of host memory over a link on which nothing else is going on.
extension RootComplex: NodeMemory {
  public func window(around request: TLPHeader, at port: Int, now: VirtualTime) -> MemoryWindow? {
    core.memoryWindow(around: request, at: port)
  }

  public func store(_ bytes: RawSpan, at place: MemoryPlace) {
    copyBytes(from: bytes, at: 0, to: &core.memory.bytes, at: place.offset, count: bytes.byteCount)
  }

  public func load(from place: MemoryPlace, into bytes: inout MutableRawSpan) {
    copyBytes(from: core.memory.bytes, at: place.offset, to: &bytes)
  }
}

extension RootComplexCore {
  /// The host memory around a plain request; nil where the port stops it, or it is for something else.
  func memoryWindow(around request: TLPHeader, at port: Int) -> MemoryWindow? {
    guard ports.ports[port].bridge.controls.isEmpty, ports.ports[port].bridge.passesUpstream,
      translations.isEmpty
    else { return nil }
    let (size, address) = (UInt64(memory.bytes.count), request.address)
    // Interrupts arrive between the two pieces that there may be.
    let (start, end) =
      address < InterruptTarget.address
      ? (0, min(size, InterruptTarget.address)) : (InterruptTarget.limit + 1, size)
    guard address >= start, address < end else { return nil }
    return MemoryWindow(
      base: start, byteCount: end - start, region: port, offset: Int(truncatingIfNeeded: start),
      completer: ports.ports[port].bridge.id, maxPayloadBytes: ports.ports[port].maxPayloadBytes,
      boundary: Self.readCompletionBoundary, isAlwaysCut: true)
  }

  /// The bytes of the next completion: up to a boundary within Max_Payload_Size.
  static func pieceBytes(_ address: UInt64, _ remaining: Int, limit: Int) -> Int {
    let end = (address + UInt64(limit)) & ~(readCompletionBoundary - 1)
    return min(remaining, Int(truncatingIfNeeded: end - address))
  }
}
