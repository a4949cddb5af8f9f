/// The PCI Express capability, version 2.
///
/// - Layout: 60 bytes.
/// - Source: PCI Express Base 5.0, 7.5.3 "PCI Express Capability Structure".
public struct ExpressCapability: Capability, Hashable {
  public static let id = CapabilityID.express
  public static let name = "PCI Express"
  /// The whole length.
  public var byteCount: Int { 60 }

  /// Which kind of function or port this is.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.2 "PCI Express Capabilities Register".
  public enum PortType: UInt8, CaseIterable, Hashable, Sendable {
    case endpoint = 0
    case legacyEndpoint = 1
    case rootPort = 4
    case switchUpstreamPort = 5
    case switchDownstreamPort = 6
    case rootComplexIntegratedEndpoint = 9

    /// Whether the port's link leads away from the root.
    public var isDownstream: Bool { self == .rootPort || self == .switchDownstreamPort }
    /// Whether the link registers mean anything.
    public var hasLink: Bool { self != .rootComplexIntegratedEndpoint }
  }

  public var portType: PortType
  public var device: DeviceFeatures
  public var link: LinkFeatures
  /// Present on a downstream port with a slot.
  public var slot: SlotFeatures?
  /// Of a virtual function, which has a control of its own for function level resets only.
  ///
  /// - Source: PCI Express Base 5.0, 9.3.5 "PCI Express Capability Changes".
  public var isVirtualFunction = false

  public init(
    portType: PortType, device: DeviceFeatures = DeviceFeatures(), link: LinkFeatures = LinkFeatures(),
    slot: SlotFeatures? = nil
  ) {
    self.portType = portType
    self.device = device
    self.link = link
    self.slot = slot
  }

  /// Offsets from the start of the capability.
  public enum Register {
    public static let capabilities = 0x02
    public static let deviceCapabilities = 0x04
    public static let deviceControl = 0x08
    public static let deviceStatus = 0x0a
    public static let linkCapabilities = 0x0c
    public static let linkControl = 0x10
    public static let linkStatus = 0x12
    public static let slotCapabilities = 0x14
    public static let slotControl = 0x18
    public static let slotStatus = 0x1a
    public static let rootControl = 0x1c
    public static let rootCapabilities = 0x1e
    public static let rootStatus = 0x20
    public static let deviceCapabilities2 = 0x24
    public static let deviceControl2 = 0x28
    public static let linkCapabilities2 = 0x2c
    public static let linkControl2 = 0x30
    public static let linkStatus2 = 0x32
  }

  /// Checks the fields.
  public func validate(in header: HeaderLayout) throws(ConfigurationSpaceError) {
    guard device.maxPayloadBytes.nonzeroBitCount == 1 else {
      throw .fieldNotPowerOfTwo(name: Self.name, field: "max payload", value: device.maxPayloadBytes)
    }
    try require(device.maxPayloadBytes, in: 128...4096, Self.name, "max payload")
    try require(Int(device.completionTimeoutRanges), in: 0...15, Self.name, "completion timeout ranges")
    try require(device.endToEndPrefixesMax, in: 0...4, Self.name, "end-to-end prefixes")
    guard [1, 2, 4, 8, 12, 16, 32].contains(link.maxWidth) else {
      throw .fieldOutOfRange(name: Self.name, field: "link width", value: link.maxWidth, allowed: 1...32)
    }
    try require(Int(slot?.number ?? 0), in: 0...0x1fff, Self.name, "slot number")
  }

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    let version: UInt16 = 2
    block.word(Register.capabilities, version | UInt16(portType.rawValue) << 4 | (slot == nil ? 0 : 1 << 8))
    if isVirtualFunction {
      // All but the reset is reserved in the control registers; those of the physical function hold.
      var own = RegisterBlock(byteCount: byteCount)
      device.install(in: &own, portType: portType)
      if portType.hasLink { link.install(in: &own, portType: portType) }
      block.take(
        own,
        reserved: [
          Register.deviceControl, Register.deviceControl2, Register.linkControl, Register.linkControl2,
        ])
      return
    }
    device.install(in: &block, portType: portType)
    if portType.hasLink { link.install(in: &block, portType: portType) }
    slot?.install(in: &block)
    if portType == .rootPort {
      // The enables of system errors and PME, and software visibility of request retry.
      block.word(Register.rootControl, writable: 0x1f)
      block.word(Register.rootCapabilities, 1)
      block.doubleWord(Register.rootStatus, clearable: 1 << 16)
    }
  }
}
