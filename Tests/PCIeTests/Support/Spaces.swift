import PCIe

/// Spaces that several tests use.
enum Spaces {
  static let bars = [
    BarLayout(index: 0, bytes: 128, kind: .memory32(prefetchable: false)),
    BarLayout(index: 1, bytes: 64, kind: .io),
    BarLayout(index: 2, bytes: 1 << 33, kind: .memory64(prefetchable: true)),
    BarLayout(index: 4, bytes: 0x2000, kind: .memory64(prefetchable: false)),
  ]

  static let endpointHeader = HeaderLayout(
    vendorID: 0x0001, deviceID: 0x0002, classCode: 0xff_0000, revisionID: 3, subsystemVendorID: 0x1af4,
    subsystemID: 0x1100, bars: bars, interruptPin: 1)

  /// An endpoint with every capability that an endpoint can have.
  static func endpoint() throws -> ConfigurationSpace {
    var builder = try ConfigurationSpaceBuilder(header: endpointHeader)
    try builder.add(
      PowerManagementCapability(supportsD1: true, keepsStateInD3hot: true, pmeSupport: 0b11001))
    try builder.add(MSICapability(vectorCount: 8, is64Bit: true, hasPerVectorMasking: true))
    try builder.add(
      MSIXCapability(vectorCount: 64, tableBar: 4, tableOffset: 0, pbaBar: 4, pbaOffset: 0x1000))
    try builder.add(
      ExpressCapability(
        portType: .endpoint,
        device: .init(
          maxPayloadBytes: 512, supportsTenBitTagRequester: true,
          atomics: [.completer32, .completer64, .compareAndSwap128], endToEndPrefixesMax: 2),
        link: .init(maxSpeed: .gt32, maxWidth: 16)))
    try builder.add(AdvancedErrorReportingCapability())
    try builder.add(DeviceSerialNumberCapability(serialNumber: 0x0102_0304_0506_0708))
    try builder.add(AlternativeRoutingIDCapability(nextFunction: 1))
    try builder.add(
      SingleRootVirtualizationCapability(
        totalVFs: 8, firstVFOffset: 16, vfStride: 2, vfDeviceID: 0x1234,
        vfBars: [BarLayout(index: 0, bytes: 0x4000, kind: .memory64(prefetchable: true))]))
    try builder.add(AddressTranslationCapability(invalidateQueueDepth: 16))
    try builder.add(PageRequestCapability(outstandingCapacity: 64))
    try builder.add(
      ProcessAddressSpaceCapability(widthBits: 16, supportsExecute: true, supportsPrivileged: true))
    try builder.add(AccessControlServicesCapability(services: [.requestRedirect, .completionRedirect]))
    return try builder.build()
  }

  /// A root port with every capability that a port can have.
  static func rootPort() throws -> ConfigurationSpace {
    var builder = try ConfigurationSpaceBuilder(
      header: HeaderLayout(bridgeVendorID: 0x1b36, deviceID: 0x000c, interruptPin: 1))
    try builder.add(
      ExpressCapability(
        portType: .rootPort, device: .init(supportsARIForwarding: true),
        link: .init(maxSpeed: .gt16, maxWidth: 8, portNumber: 7),
        slot: .init(number: 5, isHotPlugCapable: true, allowsSurpriseRemoval: true)))
    try builder.add(PowerManagementCapability())
    try builder.add(MSICapability(vectorCount: 1, is64Bit: false))
    try builder.add(AdvancedErrorReportingCapability(isRoot: true, optionalUncorrectable: 1 << 5 | 1 << 22))
    try builder.add(
      AccessControlServicesCapability(
        services: [
          .sourceValidation, .translationBlocking, .requestRedirect, .completionRedirect, .upstreamForwarding,
        ]))
    try builder.add(DownstreamPortContainmentCapability(isRootPort: true))
    return try builder.build()
  }
}
