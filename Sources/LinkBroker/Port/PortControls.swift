public import PCIe

/// What software has a port block, decoded when it last wrote.
public struct PortControls: OptionSet, Hashable, Sendable {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// AtomicOp Egress Blocking.
  public static let blocksAtomics = PortControls(rawValue: 1 << 0)
  /// End-End TLP Prefix Blocking.
  public static let blocksPrefixes = PortControls(rawValue: 1 << 1)
  /// Poisoned TLP Egress Blocking.
  public static let blocksPoison = PortControls(rawValue: 1 << 2)
  /// ACS Source Validation.
  public static let validatesSources = PortControls(rawValue: 1 << 3)
  /// ACS P2P Request Redirect.
  public static let redirectsRequests = PortControls(rawValue: 1 << 4)

  /// What the registers of a port say.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.16, 7.7.8.3 and 7.9.15.3.
  init(_ space: ConfigurationSpace) {
    self = []
    if let place = space.places.express {
      let control = space.word(place + ExpressCapability.Register.deviceControl2)
      if control & 1 << 7 != 0 { insert(.blocksAtomics) }
      if control & 1 << 15 != 0 { insert(.blocksPrefixes) }
    }
    if let place = space.places[.downstreamPortContainment],
      space.word(place + DownstreamPortContainmentCapability.Register.control) & 1 << 5 != 0
    {
      insert(.blocksPoison)
    }
    let services = space.enabledAccessControls
    if services.contains(.sourceValidation) { insert(.validatesSources) }
    if services.contains(.requestRedirect) { insert(.redirectsRequests) }
  }
}

extension BridgeFunction {
  /// Why a TLP may not leave by this port, nil where it may.
  ///
  /// - Source: PCI Express Base 5.0, 6.15.1 (AtomicOp), 2.2.10.2 (prefix), 6.2.10 (poisoned TLP egress
  ///   blocking).
  public func egressErrors(_ tlp: FabricTLP) -> [Violation] {
    guard !controls.isEmpty else { return [] }
    var found: [Violation] = []
    let kind = tlp.header.kind
    if controls.contains(.blocksAtomics), kind == .fetchAdd || kind == .swap || kind == .compareAndSwap {
      found.append(.atomicEgressBlocked)
    }
    if controls.contains(.blocksPrefixes), tlp.header.prefixes.endToEndCount > 0 {
      found.append(.prefixBlocked)
    }
    if controls.contains(.blocksPoison), tlp.header.isPoisoned, tlp.header.hasData {
      found.append(.poisonEgressBlocked)
    }
    return found
  }

  /// Whether a request that came from below names a requester that is not below.
  ///
  /// - Source: PCI Express Base 5.0, 6.12.1.1 "ACS Downstream Ports", source validation.
  public func isFalseSource(_ header: TLPHeader) -> Bool {
    controls.contains(.validatesSources) && !header.isCompletionShaped
      && !leads(toBus: header.requesterID.bus)
  }
}
