import LinkBroker
import PCIe

// Requests whose addresses are to be translated, or have been.
extension RootComplexCore {
  /// Answers a translation request, page by page.
  ///
  /// One completion brings all; its lower address is that of the page, zero.
  /// - Source: PCI Express Base 5.0, 10.2.2 and 10.2.3: two DWs for each page, in order; a page that may
  ///   not be reached has neither right. The fields of entries, invalidate requests and completions are those
  ///   of Intel's PCIe types for Simics and of the RISC-V IOMMU specification (ATS.INVAL), too.
  mutating func translate(_ tlp: FabricTLP, port: Int, in fabric: inout Fabric) -> TLPDisposition {
    let request = tlp.header
    guard request.kind == .memoryRead, request.lengthDW & 1 == 0, request.enablesEveryByte,
      request.lengthDW * 4 <= Int(Self.readCompletionBoundary)
    else { return refuse(tlp, at: port, in: &fabric) }
    let bytes = request.lengthDW * 4
    let header = TLPHeader.completionWithData(
      of: request, completer: ports.ports[port].bridge.id, address: 0, bytes: bytes, remainingBytes: bytes)
    let payload = fabric.payloads.take(bytes: bytes)
    for number in 0..<bytes / 8 {
      let entry = translation(of: request.address >> 12 + UInt64(number))
      for byte in 0..<8 {
        let value = UInt8(truncatingIfNeeded: entry.rawValue >> UInt64(56 - 8 * byte))
        fabric.payloads.setByte(payload, at: number * 8 + byte, to: value)
      }
    }
    fabric.send(FabricTLP(header: header, payload: payload), from: ports.ports[port].port)
    return .consumed
  }

  private func translation(of page: UInt64) -> TranslationEntry {
    if let entry = translations.entry(page) { return entry }
    let isThere = page < 1 << 52 && memory.contains(page << 12, count: 4096)
    return TranslationEntry(page: isThere ? page : 0, isReadable: isThere, isWritable: isThere)
  }

  /// The request with the address that it reaches; nil where the table lets it reach nothing.
  func resolved(_ tlp: FabricTLP) -> FabricTLP? {
    let header = tlp.header
    guard header.addressType == 0, !(header.hasData && InterruptTarget.claims(header.address)) else {
      return tlp
    }
    let isWrite = header.kind != .memoryRead
    guard let address = translations.address(header.address, isWrite: isWrite) else { return nil }
    var resolved = tlp
    resolved.header.address = address
    return resolved
  }
}
