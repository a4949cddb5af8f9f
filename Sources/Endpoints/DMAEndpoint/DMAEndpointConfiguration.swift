import PCIe

/// What a DMA endpoint shows; by default ids that the Linux driver binds to, and the register BAR alone.
public struct DMAEndpointConfiguration: Hashable, Sendable {
  public var vendorID: UInt16 = 0x16c3
  public var deviceID: UInt16 = 0xedda
  /// Base class, sub-class and programming interface from bit 23 down; "unassigned class" by default.
  public var classCode: UInt32 = 0xff_0000
  public var revisionID: UInt8 = 0
  public var subsystemVendorID: UInt16 = 0
  public var subsystemID: UInt16 = 0
  /// BAR0 holds the registers, with memory behind them; the others are memory.
  public var bars = [MemoryBar(BarLayout(index: 0, bytes: 4096, kind: .memory32(prefetchable: false)))]
  /// 0 for no MSI-X; the table takes the first BAR that is free.
  public var msixVectorCount = 0
  /// 0 for no MSI.
  public var msiVectorCount = 0
  /// Decides the bytes that WRITE draws.
  public var seed: UInt64 = 0

  /// The defaults.
  public init() {}
}

extension DMAEndpointConfiguration {
  var function: FunctionConfiguration {
    var header = HeaderLayout(
      vendorID: vendorID, deviceID: deviceID, classCode: classCode, revisionID: revisionID,
      subsystemVendorID: subsystemVendorID, subsystemID: subsystemID, bars: bars.map(\.layout))
    header.interruptPin = 1
    var function = FunctionConfiguration(header: header)
    function.device.maxPayloadBytes = 4096
    if msixVectorCount > 0 { function.msix = MSIXLayout(vectorCount: msixVectorCount) }
    if msiVectorCount > 0 {
      function.msi = MSICapability(vectorCount: msiVectorCount, hasPerVectorMasking: true)
    }
    return function
  }

  /// - Throws: when BAR0 cannot hold the registers.
  func checkRegisterBar() throws(EndpointError) {
    let bar = bars.first { $0.layout.index == 0 }
    guard let bar, !bar.layout.isIO, bar.isWritable, bar.layout.bytes >= UInt64(DMARegister.byteCount) else {
      throw .registerBar(bytesMin: 64)
    }
  }
}
