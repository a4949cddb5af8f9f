public import PCIe

extension TLPHeader {
  /// Whether a completion is the last one of its request.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.9 "Completion Rules" for Byte Count and Lower Address.
  @inline(__always)
  public var endsItsRequest: Bool {
    guard hasData, completionStatus == .successful else { return true }
    return byteCount <= lengthDW * 4 - Int(lowerAddress & 3)
  }
}
