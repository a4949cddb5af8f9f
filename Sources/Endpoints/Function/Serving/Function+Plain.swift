import LinkBroker
import PCIe
import Simulation

// Requests of whole DWs for BARs that are memory, over a link on which nothing else is going on.
extension Function {
  /// Where a plain memory request goes in the BARs; nil when it is not served, or by the interrupt table.
  func place(of request: TLPHeader, now: VirtualTime) -> MemoryPlace? {
    guard (request.hasData ? request.payloadBytes : 0) <= limits.maxPayloadBytes,
      let window = window(of: request, now: now)
    else { return nil }
    return MemoryPlace(
      region: Int(window.index), offset: Int(truncatingIfNeeded: request.address &- window.base),
      completer: id, maxPayloadBytes: limits.maxPayloadBytes, boundary: 128)
  }
}
