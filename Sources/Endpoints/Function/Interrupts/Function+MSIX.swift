public import LinkBroker
import PCIe

extension Function {
  /// The MSI-X vectors of the function; 0 without the capability.
  public var msixVectorCount: Int { msix?.count ?? 0 }

  /// Whether the pending bit of a vector is set.
  public func isMSIXPending(_ vector: Int) -> Bool {
    guard let msix, vector >= 0, vector < msix.count else { return false }
    return msix.isPending(vector)
  }

  /// Raises an MSI-X vector: a memory write behind everything the function has posted before.
  ///
  /// - Source: PCI Express Base 5.0, 6.1.4 "MSI and MSI-X Operation".
  public func raiseMSIX(_ vector: Int, in fabric: inout Fabric) -> InterruptOutcome {
    guard vector >= 0, vector < msixVectorCount else { return .outOfRange }
    guard space.isMSIXEnabled, mayRequest(at: fabric.now) else { return .disabled }
    if space.isMSIXFunctionMasked || msix?.isMasked(vector) ?? true {
      msix?.setPending(vector, true)
      return .pending
    }
    sendMSIX(vector, in: &fabric)
    return .sent
  }

  /// The model no longer needs the interrupt of a vector, so that none is sent when the mask is lifted.
  ///
  /// - Source: PCI Express Base 5.0, 6.1.4.5 "Per-vector Masking and Function Masking".
  public func withdrawMSIX(_ vector: Int) {
    if vector >= 0, vector < msixVectorCount { msix?.setPending(vector, false) }
  }

  /// Sends what is pending and no longer held back, the lowest vector first.
  func deliverMSIX(in vectors: Range<Int>? = nil, _ fabric: inout Fabric) {
    guard let count = msix?.count, space.isMSIXEnabled, !space.isMSIXFunctionMasked,
      mayRequest(at: fabric.now)
    else { return }
    while let vector = msix?.deliverable(in: vectors ?? 0..<count) {
      msix?.setPending(vector, false)
      sendMSIX(vector, in: &fabric)
    }
  }

  private func sendMSIX(_ vector: Int, in fabric: inout Fabric) {
    guard let msix else { return }
    tally.msix &+= 1
    sendInterrupt(
      address: msix.address(of: vector), data: msix.data(of: vector),
      vector: Int16(truncatingIfNeeded: vector),
      in: &fabric)
  }

  /// - Units: `vector` is that of MSI-X, -1 for an interrupt by MSI.
  func sendInterrupt(address: UInt64, data: UInt32, vector: Int16, in fabric: inout Fabric) {
    guard let port else { return }
    let header = TLPHeader.memoryWrite(address: address, bytes: 4, requester: id)
    let payload = fabric.payloads.take(bytes: 4)
    fabric.payloads.setWord(payload, to: data)
    var tlp = FabricTLP(header: header, payload: payload)
    tlp.interrupt = vector
    fabric.send(tlp, from: port)
  }
}
