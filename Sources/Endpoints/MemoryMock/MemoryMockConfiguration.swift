import PCIe

/// What a memory mock shows and holds; the default is that of the well-known mock device.
///
/// - Source: Warp Pipe's memory-mock: ids 0001:0002, BAR0 of 128 bytes that count up, BAR1 of 2 KiB.
public struct MemoryMockConfiguration: Hashable, Sendable {
  public var vendorID: UInt16 = 0x0001
  public var deviceID: UInt16 = 0x0002
  /// Base class, sub-class and programming interface from bit 23 down; "other memory controller" by default.
  public var classCode: UInt32 = 0x05_8000
  public var revisionID: UInt8 = 0
  public var subsystemVendorID: UInt16 = 0
  public var subsystemID: UInt16 = 0
  public var bars: [MemoryBar]
  /// 0 for no MSI-X; the table takes the first BAR that is free.
  public var msixVectorCount = 0
  /// 0 for no MSI.
  public var msiVectorCount = 0
  /// The largest payload that the function can take.
  public var maxPayloadBytes = 4096
  /// The BARs in which AtomicOps work.
  public var atomicBars: [Int] = []

  /// The defaults.
  public init() {
    bars = [
      .counting(BarLayout(index: 0, bytes: 128, kind: .memory32(prefetchable: false))),
      MemoryBar(BarLayout(index: 1, bytes: 2048, kind: .memory32(prefetchable: false))),
    ]
  }
}

extension MemoryMockConfiguration {
  var function: FunctionConfiguration {
    var header = HeaderLayout(
      vendorID: vendorID, deviceID: deviceID, classCode: classCode, revisionID: revisionID,
      subsystemVendorID: subsystemVendorID, subsystemID: subsystemID, bars: bars.map(\.layout))
    header.interruptPin = 1
    var function = FunctionConfiguration(header: header)
    function.device.maxPayloadBytes = maxPayloadBytes
    if msixVectorCount > 0 { function.msix = MSIXLayout(vectorCount: msixVectorCount) }
    if msiVectorCount > 0 {
      function.msi = MSICapability(vectorCount: msiVectorCount, hasPerVectorMasking: true)
    }
    function.atomicBars = atomicBars
    return function
  }
}
