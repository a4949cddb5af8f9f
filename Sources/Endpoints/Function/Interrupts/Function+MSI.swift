public import LinkBroker
import PCIe

extension Function {
  /// Raises an MSI vector: a memory write behind everything the function has posted before.
  ///
  /// - Source: PCI Express Base 5.0, 6.1.4 "MSI and MSI-X Operation" and 7.7.1.
  public func raiseMSI(_ vector: Int, in fabric: inout Fabric) -> InterruptOutcome {
    guard vector >= 0, vector < space.msiVectorCount else { return .outOfRange }
    guard space.isMSIEnabled, mayRequest(at: fabric.now) else { return .disabled }
    if space.isMSIMasked(vector: vector) {
      space.setMSIPending(vector: vector, true)
      return .pending
    }
    sendMSI(vector, in: &fabric)
    return .sent
  }

  /// Sends what is pending and no longer held back, the lowest vector first.
  func deliverMSI(_ fabric: inout Fabric) {
    guard space.msiMaskOffset != nil, space.isMSIEnabled, mayRequest(at: fabric.now) else { return }
    for vector in 0..<space.msiVectorCount
    where space.isMSIPending(vector: vector) && !space.isMSIMasked(vector: vector) {
      space.setMSIPending(vector: vector, false)
      sendMSI(vector, in: &fabric)
    }
  }

  private func sendMSI(_ vector: Int, in fabric: inout Fabric) {
    tally.msi &+= 1
    sendInterrupt(
      address: space.msiAddress, data: UInt32(space.msiData(vector: vector)), vector: -1, in: &fabric)
  }
}
