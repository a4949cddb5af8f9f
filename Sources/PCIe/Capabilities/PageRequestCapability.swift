/// The page request interface capability.
///
/// - Layout: 16 bytes.
/// - Source: PCI Express Base 5.0, 10.5.2 "Page Request Extended Capability Structure".
public struct PageRequestCapability: ExtendedCapability, Hashable {
  public static let id = ExtendedCapabilityID.pageRequest
  public static let name = "page request interface"
  public static let version: UInt8 = 1
  /// The whole length.
  public var byteCount: Int { 16 }

  public var outstandingCapacity: UInt32
  /// Answers for a request with a PASID carry the PASID too.
  public var responseNeedsPASID: Bool

  public init(outstandingCapacity: UInt32 = 32, responseNeedsPASID: Bool = false) {
    self.outstandingCapacity = outstandingCapacity
    self.responseNeedsPASID = responseNeedsPASID
  }

  /// Bits of the status register at offset 6.
  public enum Status {
    public static let responseFailure: UInt16 = 1 << 0
    public static let unexpectedGroupIndex: UInt16 = 1 << 1
    public static let stopped: UInt16 = 1 << 8
  }

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    // The reset bit reads as zero, so only the enable is kept.
    block.word(4, writable: 1)
    block.word(
      6, Status.stopped | (responseNeedsPASID ? 1 << 15 : 0),
      clearable: Status.responseFailure | Status.unexpectedGroupIndex)
    block.doubleWord(8, outstandingCapacity)
    block.doubleWord(12, writable: .max)
  }
}
