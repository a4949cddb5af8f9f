import LinkBroker
import PCIe
import Simulation

// Requests of whole DWs for BARs that are memory, over a link on which nothing else is going on.
extension Function {
  /// The BAR that holds a plain memory request; nil when it is not served, or by the interrupt table.
  func memoryWindow(around request: TLPHeader, now: VirtualTime) -> MemoryWindow? {
    guard let window = window(of: request, now: now) else { return nil }
    // Beside an interrupt table only this request is known to be for memory.
    let isShared = window.holdsInterruptTable
    return MemoryWindow(
      base: isShared ? request.address : window.base,
      byteCount: isShared ? UInt64(request.lengthDW * 4) : window.bytes,
      region: Int(window.index),
      offset: isShared ? Int(truncatingIfNeeded: request.address &- window.base) : 0,
      completer: id, maxPayloadBytes: limits.maxPayloadBytes, maxWriteBytes: limits.maxPayloadBytes,
      boundary: 128)
  }
}
