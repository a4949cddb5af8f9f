import LinkBroker
import PCIe

extension Function {
  /// Serves an AtomicOp in a BAR that allows it: the completion brings what stood there before.
  ///
  /// - Source: PCI Express Base 5.0, 6.15 "Atomic Operations (AtomicOps)", 2.3.1 and 2.7.2.2.
  func serveAtomic(_ tlp: FabricTLP, for model: some Endpoint, in fabric: inout Fabric) {
    let request = tlp.header
    let bytes = request.completionBytes
    guard let port, let window = claim(request, now: fabric.now) else {
      return refuseUnclaimed(request, in: &fabric)
    }
    guard window.allowsAtomics, !window.holdsInterruptTable else {
      return refuse(request, .atomics(bar: Int(window.index)), in: &fabric)
    }
    if request.isPoisoned { return refusePoisoned(request, in: &fabric) }
    let range = BarRange(
      bar: Int(window.index), offset: Int(truncatingIfNeeded: request.address &- window.base), count: bytes)
    let before = fabric.payloads.take(bytes: bytes)
    var response = model.readBar(range, into: before, at: 0, in: &fabric)
    if response == .done {
      let after = fabric.payloads.take(bytes: bytes)
      operate(tlp, before: before, after: after, bytes: bytes, in: &fabric)
      response = model.writeBar(range, from: after, at: 0, in: &fabric)
      fabric.payloads.release(after)
    }
    guard response == .done else {
      fabric.payloads.release(before)
      return refuse(request, response, in: &fabric)
    }
    var header = TLPHeader.completionWithData(
      of: request, completer: id, address: 0, bytes: bytes, remainingBytes: bytes)
    // Lower Address is of memory reads only: PCI Express Base 5.0, 2.2.9.
    header.lowerAddress = 0
    fabric.send(FabricTLP(header: header, payload: before), from: port)
  }

  private func operate(
    _ tlp: FabricTLP, before: PayloadReference, after: PayloadReference, bytes: Int, in fabric: inout Fabric
  ) {
    var carry = false
    let isMatch = (0..<bytes).allSatisfy {
      fabric.payloads.byte(before, at: $0) == fabric.payloads.byte(tlp.payload, at: $0)
    }
    for index in 0..<bytes {
      let old = fabric.payloads.byte(before, at: index)
      let operand = fabric.payloads.byte(tlp.payload, at: index)
      let new: UInt8
      switch tlp.header.kind {
      case .fetchAdd:
        let (sum, first) = old.addingReportingOverflow(operand)
        let (total, second) = sum.addingReportingOverflow(carry ? 1 : 0)
        carry = first || second
        new = total
      case .compareAndSwap:
        // The compare value comes first, the swap value behind it.
        new = isMatch ? fabric.payloads.byte(tlp.payload, at: bytes + index) : old
      default: new = operand
      }
      fabric.payloads.setByte(after, at: index, to: new)
    }
  }
}
