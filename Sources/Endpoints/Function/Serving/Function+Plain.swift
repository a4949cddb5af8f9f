import LinkBroker
import PCIe

// Requests of whole DWs for BARs that are memory, over a link on which nothing else is going on.
extension Function {
  /// Where a plain memory request goes in the BARs; nil when it is not served, or by the interrupt table.
  func place(of request: TLPHeader, in fabric: borrowing Fabric) -> MemoryPlace? {
    guard (request.hasData ? request.payloadBytes : 0) <= limits.maxPayloadBytes,
      passesRequest(request, in: fabric), let window = claim(request, in: fabric)
    else { return nil }
    return MemoryPlace(
      region: Int(window.index), offset: Int(truncatingIfNeeded: request.address &- window.base),
      maxPayloadBytes: limits.maxPayloadBytes)
  }

  /// Serves a plain read from memory that stands in one piece.
  func load(
    _ request: TLPHeader, from bytes: RawSpan, _ complete: (TLPHeader, RawSpan) -> Void
  ) {
    tally.memoryReads &+= 1
    var done = 0
    while done < bytes.byteCount {
      let address = request.address &+ UInt64(done)
      let count = pieceBytes(address, bytes.byteCount - done)
      let header = TLPHeader.completionWithData(
        of: request, completer: id, address: address, bytes: count, remainingBytes: bytes.byteCount - done)
      complete(header, bytes.extracting(done..<done + count))
      done += count
    }
  }
}
