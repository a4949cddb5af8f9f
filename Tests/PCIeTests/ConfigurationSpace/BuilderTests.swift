import PCIe
import Testing

@Suite struct BuilderTests {
  static let memory = BarLayout.Kind.memory32(prefetchable: false)
  static let wide = BarLayout.Kind.memory64(prefetchable: true)

  @Test(
    "bars that are refused",
    arguments: [
      ([BarLayout(index: 6, bytes: 128, kind: memory)], .barIndexOutOfRange(index: 6, slotCount: 6)),
      ([BarLayout(index: -1, bytes: 128, kind: memory)], .barIndexOutOfRange(index: -1, slotCount: 6)),
      ([BarLayout(index: 5, bytes: 128, kind: wide)], .barNeedsTwoSlots(index: 5, slotCount: 6)),
      ([BarLayout(index: 0, bytes: 100, kind: memory)], .barSizeNotPowerOfTwo(index: 0, bytes: 100)),
      ([BarLayout(index: 0, bytes: 0, kind: memory)], .barSizeNotPowerOfTwo(index: 0, bytes: 0)),
      (
        [BarLayout(index: 0, bytes: 8, kind: memory)],
        .barSizeOutOfRange(index: 0, bytes: 8, allowed: 16...1 << 31)
      ),
      (
        [BarLayout(index: 0, bytes: 1 << 32, kind: memory)],
        .barSizeOutOfRange(index: 0, bytes: 1 << 32, allowed: 16...1 << 31)
      ),
      ([BarLayout(index: 0, bytes: 2, kind: .io)], .barSizeOutOfRange(index: 0, bytes: 2, allowed: 4...256)),
      (
        [BarLayout(index: 0, bytes: 512, kind: .io)],
        .barSizeOutOfRange(index: 0, bytes: 512, allowed: 4...256)
      ),
      (
        [BarLayout(index: 0, bytes: 128, kind: wide), BarLayout(index: 1, bytes: 128, kind: memory)],
        .barSlotTaken(index: 1, slot: 1, by: 0)
      ),
    ] as [([BarLayout], ConfigurationSpaceError)])
  func badBars(layouts: [BarLayout], error: ConfigurationSpaceError) {
    #expect(throws: error) { try BarLayout.validate(layouts) }
    #expect(throws: error) {
      _ = try ConfigurationSpaceBuilder(
        header: HeaderLayout(vendorID: 1, deviceID: 2, classCode: 0, bars: layouts))
    }
    #expect(!"\(error)".isEmpty && !"\(error)".hasSuffix("."))
  }

  @Test func goodBarsAtTheirBounds() throws {
    try BarLayout.validate([
      BarLayout(index: 0, bytes: 16, kind: Self.memory),
      BarLayout(index: 1, bytes: 1 << 31, kind: Self.memory),
      BarLayout(index: 2, bytes: 4, kind: .io), BarLayout(index: 3, bytes: 256, kind: .io),
      BarLayout(index: 4, bytes: 1 << 63, kind: Self.wide),
    ])
  }

  @Test func aBridgeHasTwoBars() {
    #expect(throws: ConfigurationSpaceError.barIndexOutOfRange(index: 2, slotCount: 2)) {
      _ = try ConfigurationSpaceBuilder(
        header: HeaderLayout(
          bridgeVendorID: 1, deviceID: 2, bars: [BarLayout(index: 2, bytes: 128, kind: Self.memory)]))
    }
  }

  @Test func headerFieldsOutOfRange() {
    var header = HeaderLayout(vendorID: 1, deviceID: 2, classCode: 0, interruptPin: 5)
    #expect(throws: ConfigurationSpaceError.interruptPin(5)) {
      _ = try ConfigurationSpaceBuilder(header: header)
    }
    header.interruptPin = 0
    header.expansionROMBytes = 1024
    #expect(throws: ConfigurationSpaceError.expansionROMSize(bytes: 1024)) {
      _ = try ConfigurationSpaceBuilder(header: header)
    }
    header.expansionROMBytes = 0
    header.classCode = 0x0100_0000
    #expect(throws: ConfigurationSpaceError.self) { _ = try ConfigurationSpaceBuilder(header: header) }
  }

  private func builder() throws -> ConfigurationSpaceBuilder {
    try ConfigurationSpaceBuilder(header: Spaces.endpointHeader)
  }

  @Test func overlapIsRefused() throws {
    var builder = try builder()
    try builder.add(PowerManagementCapability(), at: 0x48)
    #expect(
      throws: ConfigurationSpaceError.capabilityOverlap(
        name: "MSI", offset: 0x40, bytes: 16, other: "power management")
    ) { try builder.add(MSICapability(), at: 0x40) }
    #expect(throws: ConfigurationSpaceError.capabilityTwice(name: "power management")) {
      try builder.add(PowerManagementCapability(), at: 0x80)
    }
    #expect(throws: ConfigurationSpaceError.capabilityMisaligned(name: "MSI", offset: 0x62)) {
      try builder.add(MSICapability(), at: 0x62)
    }
    for offset in [0x3c, 0xf4, 0x100, -4, Int.max - 3] {
      #expect(
        throws: ConfigurationSpaceError.capabilityOutOfRange(
          name: "MSI", offset: offset, bytes: 16, allowed: 0x40..<0x100)
      ) { try builder.add(MSICapability(), at: offset) }
    }
    // A refused capability leaves no trace.
    try builder.add(MSICapability(), at: 0x50)
    let space = try builder.build()
    #expect(space.read(offset: HeaderRegister.capabilitiesPointer, size: 1) == 0x48)
    #expect(space.read(offset: 0x48, size: 2) == 0x5001)
    #expect(space.read(offset: 0x50, size: 2) == 0x0005)
  }

  @Test func noRoomIsRefused() throws {
    var builder = try builder()
    try builder.add(PowerManagementCapability(), at: 0x78)
    try builder.add(MSICapability(), at: 0xb8)
    #expect(throws: ConfigurationSpaceError.noRoom(name: "PCI Express", bytes: 60)) {
      try builder.add(ExpressCapability(portType: .endpoint))
    }
  }

  @Test func extendedCapabilitiesNeedExpressAndTheirStart() throws {
    var without = try builder()
    try without.add(DeviceSerialNumberCapability(serialNumber: 1))
    #expect(throws: ConfigurationSpaceError.extendedWithoutExpress(name: "device serial number")) {
      _ = try without.build()
    }
    var late = try builder()
    try late.add(ExpressCapability(portType: .endpoint))
    try late.add(DeviceSerialNumberCapability(serialNumber: 1), at: 0x140)
    #expect(throws: ConfigurationSpaceError.extendedListStart(name: "device serial number", offset: 0x140)) {
      _ = try late.build()
    }
  }

  static let msixErrors: [(MSIXCapability, ConfigurationSpaceError)] = [
    (
      MSIXCapability(vectorCount: 0, tableBar: 4, tableOffset: 0, pbaBar: 4, pbaOffset: 0x1000),
      .fieldOutOfRange(name: "MSI-X", field: "vectors", value: 0, allowed: 1...2048)
    ),
    (
      MSIXCapability(vectorCount: 2049, tableBar: 4, tableOffset: 0, pbaBar: 4, pbaOffset: 0x1000),
      .fieldOutOfRange(name: "MSI-X", field: "vectors", value: 2049, allowed: 1...2048)
    ),
    (
      MSIXCapability(vectorCount: 16, tableBar: 0, tableOffset: 0, pbaBar: 4, pbaOffset: 0x1000),
      .outsideBar(name: "MSI-X", structure: "table", bar: 0, end: 256, barBytes: 128)
    ),
    (
      MSIXCapability(vectorCount: 16, tableBar: 1, tableOffset: 0, pbaBar: 4, pbaOffset: 0x1000),
      .noSuchBar(name: "MSI-X", structure: "table", bar: 1)
    ),
    (
      MSIXCapability(vectorCount: 16, tableBar: 4, tableOffset: 0, pbaBar: 3, pbaOffset: 0x1000),
      .noSuchBar(name: "MSI-X", structure: "pending bit array", bar: 3)
    ),
    (
      MSIXCapability(vectorCount: 16, tableBar: 4, tableOffset: 4, pbaBar: 4, pbaOffset: 0x1000),
      .fieldMisaligned(name: "MSI-X", field: "table offset", value: 4, alignment: 8)
    ),
    (
      MSIXCapability(vectorCount: 16, tableBar: 4, tableOffset: 0, pbaBar: 4, pbaOffset: 0xf8),
      .structuresOverlap(name: "MSI-X", bar: 4)
    ),
  ]

  @Test("MSI-X structures that are refused", arguments: msixErrors)
  func badMSIX(capability: MSIXCapability, error: ConfigurationSpaceError) throws {
    var builder = try builder()
    #expect(throws: error) { try builder.add(capability) }
    #expect(!"\(error)".isEmpty)
  }

  @Test func fieldsOfOtherCapabilitiesOutOfRange() throws {
    var builder = try builder()
    #expect(throws: ConfigurationSpaceError.fieldNotPowerOfTwo(name: "MSI", field: "vectors", value: 3)) {
      try builder.add(MSICapability(vectorCount: 3))
    }
    #expect(throws: ConfigurationSpaceError.self) {
      try builder.add(PowerManagementCapability(pmeSupport: 32))
    }
    for payload in [64, 200, 8192] {
      #expect(throws: ConfigurationSpaceError.self) {
        try builder.add(ExpressCapability(portType: .endpoint, device: .init(maxPayloadBytes: payload)))
      }
    }
    #expect(throws: ConfigurationSpaceError.self) {
      try builder.add(ExpressCapability(portType: .endpoint, link: .init(maxWidth: 3)))
    }
    #expect(throws: ConfigurationSpaceError.self) {
      try builder.add(ProcessAddressSpaceCapability(widthBits: 21))
    }
    #expect(throws: ConfigurationSpaceError.self) {
      try builder.add(AddressTranslationCapability(invalidateQueueDepth: 33))
    }
    #expect(throws: ConfigurationSpaceError.self) {
      try builder.add(
        SingleRootVirtualizationCapability(
          totalVFs: 1, vfDeviceID: 1, vfBars: [BarLayout(index: 0, bytes: 128, kind: Self.memory)]))
    }
    #expect(throws: ConfigurationSpaceError.self) {
      try builder.add(AccessControlServicesCapability(services: .egressControl, egressVectorBits: 257))
    }
  }
}
