/// The alternative routing-ID interpretation capability.
///
/// - Layout: 8 bytes.
/// - Source: PCI Express Base 5.0, 7.8.7 "ARI Extended Capability".
public struct AlternativeRoutingIDCapability: ExtendedCapability, Hashable {
  public static let id = ExtendedCapabilityID.alternativeRoutingID
  public static let name = "alternative routing-ID"
  public static let version: UInt8 = 1
  /// The whole length.
  public var byteCount: Int { 8 }

  /// The next higher function number of the device, zero for none.
  public var nextFunction: UInt8

  public init(nextFunction: UInt8 = 0) { self.nextFunction = nextFunction }

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    block.word(4, UInt16(nextFunction) << 8)
  }
}

extension ConfigurationSpace {
  /// Whether software lets a port pass configuration requests for devices other than 0 on to its link.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.16 "Device Control 2 Register", ARI Forwarding Enable.
  public var isARIForwardingEnabled: Bool {
    guard let place = places.express else { return false }
    return word(place + ExpressCapability.Register.deviceControl2) & 1 << 5 != 0
  }
}
