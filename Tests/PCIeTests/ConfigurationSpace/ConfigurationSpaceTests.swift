import PCIe
import Testing

@Suite struct ConfigurationSpaceTests {
  @Test func headerReadsAsDescribed() throws {
    let space = try Spaces.endpoint()
    #expect(space.read(offset: 0) == 0x0002_0001)
    #expect(space.read(offset: HeaderRegister.revisionID) == 0xff00_0003)
    #expect(space.read(offset: HeaderRegister.headerType, size: 1) == 0)
    #expect(space.read(offset: HeaderRegister.subsystemVendorID, size: 2) == 0x1af4)
    #expect(space.read(offset: HeaderRegister.subsystemID, size: 2) == 0x1100)
    #expect(space.read(offset: HeaderRegister.interruptPin, size: 1) == 1)
    #expect(space.status.contains(.capabilitiesList))
    #expect(space.read(offset: HeaderRegister.capabilitiesPointer, size: 1) == 0x40)
  }

  @Test func readsOfOddSizesAndPlacesAreTotal() throws {
    var space = try Spaces.endpoint()
    #expect(space.read(offset: -4) == .max)
    #expect(space.read(offset: 4096) == .max)
    #expect(space.read(offset: 4093, size: 4) == .max)
    #expect(space.read(offset: 0, size: 3) == .max)
    #expect(space.read(offset: 1, size: 2) == 0x0200)
    #expect(space.read(offset: 3, size: 2) == 0x0000)
    // Across two DWs: the device ID and the command register.
    space.write(offset: HeaderRegister.command, size: 2, value: 0x0407)
    #expect(space.read(offset: 2, size: 4) == 0x0407_0002)
    #expect(space.write(offset: 4096, value: 0).offset < 0)
    #expect(space.write(offset: 3, size: 2, value: 0).offset < 0)
  }

  @Test func commandTakesItsBitsOnlyAndByByte() throws {
    var space = try Spaces.endpoint()
    space.write(offset: HeaderRegister.command, value: 0xffff_ffff, byteEnables: 0b0001)
    #expect(space.command == [.ioEnable, .memoryEnable, .busMasterEnable, .parityErrorResponse])
    space.write(offset: HeaderRegister.command, value: 0xffff_ffff, byteEnables: 0b0010)
    #expect(space.command.contains([.serrEnable, .interruptDisable]))
    #expect(space.read(offset: HeaderRegister.command, size: 2) == 0x0547)
    let change = space.write(offset: HeaderRegister.command, size: 2, value: 0)
    #expect(change.changes(HeaderRegister.command, bits: CommandBits.memoryEnable.rawValue))
    #expect(!change.changes(HeaderRegister.status))
  }

  @Test func statusBitsClearByWritingOne() throws {
    var space = try Spaces.endpoint()
    space.raise([.receivedTargetAbort, .receivedUnsupportedRequest, .interruptStatus])
    space.write(offset: HeaderRegister.status, size: 2, value: 0)
    #expect(space.status.contains([.receivedTargetAbort, .receivedUnsupportedRequest]))
    space.write(
      offset: HeaderRegister.status, size: 2, value: UInt32(StatusBits.receivedTargetAbort.rawValue))
    #expect(!space.status.contains(.receivedTargetAbort))
    #expect(space.status.contains(.receivedUnsupportedRequest))
    space.write(offset: HeaderRegister.status, size: 2, value: 0xffff)
    #expect(space.status == [.interruptStatus, .capabilitiesList])
    space.lower(.interruptStatus)
    #expect(!space.status.contains(.interruptStatus))
  }

  @Test(
    "sizing by writing all ones",
    arguments: [
      (0, 0xffff_ff80), (1, 0xffff_ffc1), (2, 0x0000_000c), (3, 0xffff_fffe), (4, 0xffff_e004),
      (5, 0xffff_ffff),
    ] as [(Int, UInt32)])
  func barSizing(index: Int, answer: UInt32) throws {
    var space = try Spaces.endpoint()
    space.write(offset: HeaderRegister.bar(index), value: .max)
    #expect(space.read(offset: HeaderRegister.bar(index)) == answer)
  }

  @Test func barsClaimTheirRangeWhenEnabled() throws {
    var space = try Spaces.endpoint()
    space.write(offset: HeaderRegister.bar(0), value: 0xe000_0080)
    space.write(offset: HeaderRegister.bar(1), value: 0xc040)
    space.write(offset: HeaderRegister.bar(2), value: 0)
    space.write(offset: HeaderRegister.bar(3), value: 0x10)
    #expect(space.claim(address: 0xe000_0080, bytes: 4, isIO: false) == nil)
    space.write(offset: HeaderRegister.command, size: 2, value: 0x3)
    let low = try #require(space.claim(address: 0xe000_00fc, bytes: 4, isIO: false))
    #expect(low.bar.index == 0 && low.offset == 0x7c)
    #expect(space.claim(address: 0xe000_00fc, bytes: 8, isIO: false) == nil)
    #expect(space.claim(address: 0xe000_007c, bytes: 4, isIO: false) == nil)
    let high = try #require(space.claim(address: 0x10_1234_5678, bytes: 64, isIO: false))
    #expect(high.bar.index == 2 && high.offset == 0x1234_5678)
    let io = try #require(space.claim(address: 0xc044, bytes: 4, isIO: true))
    #expect(io.bar.index == 1 && io.offset == 4)
    #expect(space.claim(address: 0xc044, bytes: 4, isIO: false) == nil)
  }

  @Test func bridgeWindowsDecode() throws {
    var space = try Spaces.rootPort()
    #expect(space.memoryWindow == nil)
    #expect(space.prefetchableWindow == nil)
    #expect(space.ioWindow == nil)
    space.write(offset: HeaderRegister.primaryBus, value: 0x00_05_02_00, byteEnables: 0b0111)
    #expect(space.secondaryBus == 2 && space.subordinateBus == 5)
    #expect(
      space.isBehind(bus: 2) && space.isBehind(bus: 5) && !space.isBehind(bus: 6) && !space.isBehind(bus: 1))
    space.write(offset: HeaderRegister.memoryBase, value: 0xe01f_e000)
    #expect(space.memoryWindow == AddressWindow(base: 0xe000_0000, limit: 0xe01f_ffff))
    space.write(offset: HeaderRegister.prefetchableBase, value: 0x000f_0000)
    space.write(offset: HeaderRegister.prefetchableBaseUpper, value: 0x20)
    space.write(offset: HeaderRegister.prefetchableLimitUpper, value: 0x21)
    #expect(space.prefetchableWindow == AddressWindow(base: 0x20_0000_0000, limit: 0x21_000f_ffff))
    space.write(offset: HeaderRegister.ioBase, size: 2, value: 0x2f10)
    space.write(offset: HeaderRegister.ioBaseUpper, value: 0x0001_0001)
    #expect(space.ioWindow == AddressWindow(base: 0x1_1000, limit: 0x1_2fff))
    #expect(space.read(offset: HeaderRegister.prefetchableBase, size: 2) == 1)
    #expect(!space.forwardsDownstream(memory: 0xe010_0000))
    space.write(offset: HeaderRegister.command, size: 2, value: 0x3)
    #expect(space.forwardsDownstream(memory: 0xe010_0000))
    #expect(space.forwardsDownstream(memory: 0x20_8000_0000))
    #expect(!space.forwardsDownstream(memory: 0xe020_0000))
    #expect(space.forwardsDownstream(io: 0x1_2000))
  }

  @Test func secondaryStatusAndBridgeControl() throws {
    var space = try Spaces.rootPort()
    space.raiseSecondary([.receivedTargetAbort, .detectedParityError])
    space.write(offset: HeaderRegister.secondaryStatus, size: 2, value: 0x8000)
    #expect(space.secondaryStatus == .receivedTargetAbort)
    space.write(offset: HeaderRegister.bridgeControl, size: 2, value: 0xffff)
    #expect(space.bridgeControl.contains(.secondaryBusReset))
    #expect(space.bridgeControl.rawValue == 0x5f)
    #expect(try Spaces.endpoint().bridgeControl == [])
  }

  @Test func unsupportedPowerStateIsIgnored() throws {
    var space = try Spaces.endpoint()
    let place = try #require(space.places.powerManagement)
    space.write(offset: place + 4, size: 2, value: 1)
    #expect(space.powerState == .d1)
    space.write(offset: place + 4, size: 2, value: 2)
    #expect(space.powerState == .d1)
    space.write(offset: place + 4, size: 2, value: 3)
    #expect(space.powerState == .d3hot)
  }

  @Test func messageSignalledInterrupts() throws {
    var space = try Spaces.endpoint()
    let msi = try #require(space.places.msi)
    space.write(offset: msi + 4, value: 0xfee0_0003)
    space.write(offset: msi + 8, value: 0x1)
    space.write(offset: msi + 12, value: 0xffff_4321)
    space.write(offset: msi + 2, size: 2, value: 0x0021)
    #expect(space.isMSIEnabled && space.msiVectorCount == 4)
    #expect(space.msiAddress == 0x1_fee0_0000)
    #expect(space.msiData(vector: 2) == 0x4322)
    // Five codes above the three bits that eight vectors need change nothing.
    space.write(offset: msi + 2, size: 2, value: 0x0051)
    #expect(space.msiVectorCount == 4)
    space.write(offset: msi + 16, value: .max)
    #expect(space.read(offset: msi + 16) == 0xff)
    #expect(space.isMSIMasked(vector: 7) && !space.isMSIMasked(vector: 8))
    space.setMSIPending(vector: 3, true)
    #expect(space.read(offset: msi + 20) == 8 && space.isMSIPending(vector: 3))
    let msix = try #require(space.places.msix)
    space.write(offset: msix + 2, size: 2, value: 0xffff)
    #expect(space.isMSIXEnabled && space.isMSIXFunctionMasked)
    #expect(space.read(offset: msix + 2, size: 2) == 0xc03f)
  }

  @Test func expressControl() throws {
    var space = try Spaces.endpoint()
    let express = try #require(space.places.express)
    #expect(space.maxPayloadBytes == 128 && space.maxReadRequestBytes == 512 && space.tagCount == 32)
    space.write(offset: express + 8, size: 2, value: 0x5140)
    #expect(space.maxPayloadBytes == 512 && space.maxReadRequestBytes == 4096 && space.tagCount == 256)
    // 1024 bytes are more than the function can take.
    space.write(offset: express + 8, size: 2, value: 0x5160)
    #expect(space.maxPayloadBytes == 512)
    space.write(offset: express + 0x28, size: 2, value: 0x1006)
    #expect(space.tagCount == 768 && space.completionTimeoutCode == 6)
    space.write(offset: express + 0x28, size: 2, value: 0x0010)
    #expect(space.completionTimeoutCode == nil)
    let reset = space.write(offset: express + 8, size: 2, value: 0xd140)
    #expect(space.startsFunctionLevelReset(reset))
    #expect(space.read(offset: express + 8, size: 2) & 0x8000 == 0)
    #expect(!space.startsFunctionLevelReset(space.write(offset: express + 8, size: 2, value: 0x5140)))
    space.setLink(speed: .gt8, width: 4)
    #expect(space.currentLinkSpeed == .gt8 && space.currentLinkWidth == 4)
    space.setDeviceStatus(.transactionsPending)
    space.write(offset: express + 10, size: 2, value: 0xffff)
    #expect(space.deviceStatus == .transactionsPending)
  }

  @Test func slotAndLinkOfAPort() throws {
    var space = try Spaces.rootPort()
    let express = try #require(space.places.express)
    #expect(space.read(offset: express + 0x12, size: 2) & 1 << 13 != 0)
    space.setLink(speed: .gt2Point5, width: 1, isActive: false)
    #expect(space.read(offset: express + 0x12, size: 2) & 1 << 13 == 0)
    space.setPresence(true)
    #expect(space.read(offset: express + 0x1a, size: 2) == 0x148)
    space.write(offset: express + 0x1a, size: 2, value: 0xffff)
    #expect(space.read(offset: express + 0x1a, size: 2) == 0x40)
    space.write(offset: express + 0x10, size: 2, value: 0x10)
    #expect(space.isLinkDisabled)
  }

  @Test func resetsKeepWhatTheyMust() throws {
    var space = try Spaces.endpoint()
    let express = try #require(space.places.express)
    let aer = try #require(space.places.advancedErrorReporting)
    func dirty(_ space: inout ConfigurationSpace) {
      space.write(offset: HeaderRegister.command, size: 2, value: 0x0407)
      space.write(offset: HeaderRegister.bar(0), value: 0xe000_0000)
      space.write(offset: express + 8, size: 2, value: 0x5140)
      space.replace(1 << 20, with: 1 << 20, at: aer + 4)
      space.write(offset: aer + 8, value: 1 << 14)
    }
    dirty(&space)
    space.reset(.functionLevel)
    #expect(space.command == [] && space.read(offset: HeaderRegister.bar(0)) == 0)
    #expect(space.maxPayloadBytes == 512 && space.maxReadRequestBytes == 512)
    #expect(space.read(offset: aer + 4) == 1 << 20 && space.read(offset: aer + 8) == 1 << 14)
    dirty(&space)
    space.reset(.conventional)
    #expect(space.maxPayloadBytes == 128)
    #expect(space.read(offset: aer + 4) == 1 << 20)
    space.reset(.powerOn)
    #expect(space.read(offset: aer + 4) == 0 && space.read(offset: aer + 8) == 0)
  }
}
