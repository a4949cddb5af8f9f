import PCIe
import RevereInterface

/// What a Revere-AMU shows and how large it is.
public struct RevereAMUConfiguration: Sendable {
  public var identity = Identity()
  /// Of each function; 2048 are what the registers can name, and MSI-X can have.
  public var msixVectorCount = RevereInterface.vectorsMax
  /// 0 to 255; those past the seventh are there with ARI Capable Hierarchy only.
  public var virtualFunctions = 0
  /// The physical software contexts, which also is what a function has numbers for.
  public var softwareContexts = 16
  /// Of each accelerator.
  public var hardwareContexts = 4
  public var sessions = 64
  public var socketType = AMISocketType.registers
  /// TX and RX sockets of a context.
  public var sockets = 64
  /// One for each AHA, in the order of their IDs.
  public var agents: [any AcceleratorAgent] = [InvertAgent()]

  /// The defaults.
  public init() {}

  /// The identification registers of all functions.
  public struct Identity: Hashable, Sendable {
    public var vendorID = RevereInterface.vendorID
    public var deviceID = RevereInterface.deviceID
    /// Base class, sub-class and programming interface from bit 23 down; "processing accelerator" by default.
    public var classCode: UInt32 = 0x12_0000
    public var revisionID: UInt8 = 0
    public var subsystemVendorID: UInt16 = 0
    public var subsystemID: UInt16 = 0

    /// Those of the public interface.
    public init() {}
  }
}

/// The sizes that the model's registers and commands tell, and the limits that it keeps.
struct AMUSizes: Sendable {
  var softwareContexts: Int
  var hardwareContexts: Int
  var sessions: Int
  var sockets: Int
  var virtualFunctions: Int
  var socketType: AMISocketType

  /// Eight doublewords, and 4 KiB.
  static let messageLog2 = 3...9
  /// The largest ring has 65536 slots.
  static let ringLog2Max = 16
  /// The largest LOG2_HW_CRED_SIZE, and what a reset sets: 4 KiB.
  static let creditsLog2Max = 13
  static let creditsLog2 = 9
  static let processAddressSpaceBits = 20
  /// The bytes that one DMA read of a ring brings at most; a longer message is read by itself.
  static let fetchBytesMax = 4096
  /// The DMA reads of rings that are under way at most: what is not read yet the arbiter can still order.
  static let fetchesMax = 8
}

extension RevereAMUConfiguration {
  /// - Throws: what is out of range.
  func sizes() throws(EndpointError) -> AMUSizes {
    func check(_ name: String, _ value: Int, _ allowed: ClosedRange<Int>) throws(EndpointError) {
      guard allowed.contains(value) else { throw .resource(name, value, allowed: allowed) }
    }
    try check("software contexts", softwareContexts, 1...65_535)
    try check("hardware contexts", hardwareContexts, 1...65_535)
    try check("sessions", sessions, 1...1 << 20)
    try check("sockets", sockets, 1...64)
    try check("accelerators", agents.count, 1...64)
    try check("virtual functions", virtualFunctions, 0...255)
    guard 1...2048 ~= msixVectorCount else { throw .vectorCount(msixVectorCount, allowed: 1...2048) }
    return AMUSizes(
      softwareContexts: softwareContexts, hardwareContexts: hardwareContexts, sessions: sessions,
      sockets: sockets, virtualFunctions: virtualFunctions, socketType: socketType)
  }

  private var header: HeaderLayout {
    // Registers without side effects of reading, so that large ones may stand above 4 GiB.
    HeaderLayout(
      vendorID: identity.vendorID, deviceID: identity.deviceID, classCode: identity.classCode,
      revisionID: identity.revisionID, subsystemVendorID: identity.subsystemVendorID,
      subsystemID: identity.subsystemID,
      bars: [
        BarLayout(
          index: 0, bytes: RevereInterface.registerBytes(contexts: softwareContexts),
          kind: .memory64(prefetchable: true))
      ])
  }

  private func function(_ header: HeaderLayout) -> FunctionConfiguration {
    var function = FunctionConfiguration(header: header)
    function.device.maxPayloadBytes = 4096
    function.device.endToEndPrefixesMax = 1
    function.msix = MSIXLayout(vectorCount: msixVectorCount)
    function.addressTranslation = AddressTranslationCapability()
    return function
  }

  /// A virtual function: its BARs and its MSI-X table stand where those of the physical one do.
  func virtualFunction() -> FunctionConfiguration {
    var header = header
    header.isVirtualFunction = true
    var configuration = function(header)
    configuration.processingHints = ProcessingHintsCapability()
    return configuration
  }

  /// The physical function, which announces BARs of virtual ones.
  func physicalFunction(virtualBars: [BarLayout]) -> FunctionConfiguration {
    var configuration = function(header)
    configuration.processAddressSpace = ProcessAddressSpaceCapability(
      widthBits: AMUSizes.processAddressSpaceBits)
    configuration.processingHints = ProcessingHintsCapability()
    if virtualFunctions > 0 {
      configuration.virtualization = SingleRootVirtualizationCapability(
        totalVFs: UInt16(virtualFunctions), vfDeviceID: identity.deviceID, vfBars: virtualBars)
    }
    return configuration
  }
}
