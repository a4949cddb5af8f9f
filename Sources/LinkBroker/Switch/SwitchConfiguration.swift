import PCIe

/// What a switch announces in its configuration spaces.
public struct SwitchConfiguration: Sendable {
  public var vendorID: UInt16 = 0x0001
  public var upstreamDeviceID: UInt16 = 0x0200
  public var downstreamDeviceID: UInt16 = 0x0201
  /// The largest payload the ports can take.
  public var maxPayloadBytes = 4096

  public init() {}

  /// The function of a port: 0 is the upstream port.
  func function(port: Int, maxSpeed: LinkSpeed, maxWidth: Int) -> BridgeFunction {
    let isUpstream = port == Switch.upstreamPort
    let header = HeaderLayout(
      bridgeVendorID: vendorID, deviceID: isUpstream ? upstreamDeviceID : downstreamDeviceID)
    let express = ExpressCapability(
      portType: isUpstream ? .switchUpstreamPort : .switchDownstreamPort,
      device: .init(
        maxPayloadBytes: maxPayloadBytes, atomics: .routing, supportsARIForwarding: true,
        endToEndPrefixesMax: 4),
      link: .init(maxSpeed: maxSpeed, maxWidth: maxWidth, portNumber: UInt8(truncatingIfNeeded: port)),
      slot: isUpstream ? nil : .init(number: UInt16(truncatingIfNeeded: port)))
    do throws(ConfigurationSpaceError) {
      var builder = try ConfigurationSpaceBuilder(header: header)
      try builder.add(PowerManagementCapability())
      try builder.add(express)
      if !isUpstream { try builder.add(MSICapability()) }
      try builder.add(
        AdvancedErrorReportingCapability(
          optionalUncorrectable: isUpstream ? BridgeFunction.upstreamErrors : BridgeFunction.downstreamErrors)
      )
      if !isUpstream {
        try builder.add(AccessControlServicesCapability(services: [.sourceValidation, .requestRedirect]))
        try builder.add(
          DownstreamPortContainmentCapability(isRootPort: false, supportsPoisonedEgressBlocking: true))
      }
      return BridgeFunction(space: try builder.build())
    } catch {
      preconditionFailure("a switch port's space is laid out without overlap: \(error)")
    }
  }
}
