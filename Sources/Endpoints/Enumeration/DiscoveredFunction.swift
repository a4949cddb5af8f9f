public import PCIe

/// A function that enumeration found, with what software learned and decided.
public struct DiscoveredFunction: Hashable, Sendable {
  public var address: FunctionAddress
  public var vendorID: UInt16
  public var deviceID: UInt16
  public var isBridge: Bool
  /// The function of the port above, nil on bus 0.
  public var parent: FunctionAddress?
  public var bars: [DiscoveredBar] = []
  /// What all virtual functions together take, with the address of the first one's BAR.
  public var virtualBars: [DiscoveredBar] = []
  /// Offsets of capabilities by ID, the first of each.
  public var capabilities: [UInt8: Int] = [:]
  /// Offsets of extended capabilities by ID, the first of each.
  public var extendedCapabilities: [UInt16: Int] = [:]
  /// For a bridge: the buses behind it.
  public var secondaryBus: UInt8 = 0
  public var subordinateBus: UInt8 = 0

  /// Whether a bus is behind this bridge.
  public func leads(toBus bus: UInt8) -> Bool {
    isBridge && bus >= secondaryBus && bus <= subordinateBus && secondaryBus > 0
  }

  /// The register with an index, nil when the function does not have it.
  public func bar(_ index: Int) -> DiscoveredBar? { bars.first { $0.layout.index == index } }
}

/// A base address register as software sized and placed it.
public struct DiscoveredBar: Hashable, Sendable {
  public var layout: BarLayout
  public var address: UInt64 = 0
  /// How many stand one behind the other: one, or one for each virtual function.
  public var count: UInt64 = 1

  public init(layout: BarLayout, count: UInt64 = 1) {
    self.layout = layout
    self.count = count
  }

  /// What all of them take together.
  ///
  /// - Units: bytes.
  public var totalBytes: UInt64 { layout.bytes &* count }
}
