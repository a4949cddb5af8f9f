/// The access control services capability.
///
/// - Layout: 8 bytes, and the egress control vector when there is one.
/// - Source: PCI Express Base 5.0, 7.7.8 "Access Control Services Extended Capability".
public struct AccessControlServicesCapability: ExtendedCapability, Hashable {
  /// The services, as they stand in the capability and in the control register.
  public struct Services: OptionSet, Hashable, Sendable {
    public var rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let sourceValidation = Services(rawValue: 1 << 0)
    public static let translationBlocking = Services(rawValue: 1 << 1)
    public static let requestRedirect = Services(rawValue: 1 << 2)
    public static let completionRedirect = Services(rawValue: 1 << 3)
    public static let upstreamForwarding = Services(rawValue: 1 << 4)
    public static let egressControl = Services(rawValue: 1 << 5)
    public static let directTranslated = Services(rawValue: 1 << 6)
  }

  public static let id = ExtendedCapabilityID.accessControlServices
  public static let name = "access control services"
  public static let version: UInt8 = 1

  public var services: Services
  /// The bits of the egress control vector, 1 to 256; used with egress control only.
  public var egressVectorBits: Int

  public init(services: Services, egressVectorBits: Int = 8) {
    self.services = services
    self.egressVectorBits = egressVectorBits
  }

  private var vectorDWs: Int { services.contains(.egressControl) ? (egressVectorBits + 31) / 32 : 0 }
  /// The whole length.
  public var byteCount: Int { 8 + vectorDWs * 4 }

  /// Checks the fields.
  public func validate(in header: HeaderLayout) throws(ConfigurationSpaceError) {
    try require(Int(services.rawValue), in: 0...0x7f, Self.name, "services")
    if services.contains(.egressControl) {
      try require(egressVectorBits, in: 1...256, Self.name, "egress vector bits")
    }
  }

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    // A vector of 256 bits is written as size zero.
    let size = services.contains(.egressControl) ? UInt16(egressVectorBits & 0xff) : 0
    block.word(4, services.rawValue | size << 8)
    block.word(6, writable: services.rawValue)
    for index in 0..<vectorDWs {
      let bits = min(32, egressVectorBits - index * 32)
      block.doubleWord(8 + index * 4, writable: UInt32(truncatingIfNeeded: UInt64(1) << UInt64(bits) - 1))
    }
  }
}

extension ConfigurationSpace {
  /// The access control services that software has switched on.
  public var enabledAccessControls: AccessControlServicesCapability.Services {
    guard let place = places[.accessControlServices] else { return [] }
    return AccessControlServicesCapability.Services(rawValue: word(place + 6))
  }
}
