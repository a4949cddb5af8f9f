import PCIe
import Testing

@Suite struct ReaderTests {
  @Test func walksBothListsOfAnEndpoint() throws {
    var reader = ConfigurationSpaceReader(try Spaces.endpoint())
    let found = reader.capabilities()
    #expect(found.map(\.id) == [.powerManagement, .msi, .msix, .express])
    #expect(found.map(\.offset) == [0x40, 0x48, 0x60, 0x6c])
    let extended = reader.extendedCapabilities()
    #expect(
      extended.map(\.id) == [
        .advancedErrorReporting, .deviceSerialNumber, .alternativeRoutingID, .singleRootVirtualization,
        .addressTranslation, .pageRequest, .processAddressSpace, .accessControlServices,
      ])
    #expect(extended.map(\.version) == [2, 1, 1, 1, 1, 1, 1, 1])
    #expect(extended.first?.offset == 0x100)
    #expect(reader.problems.isEmpty)
    for capability in found {
      #expect(try Spaces.endpoint().places[capability.id] == capability.offset)
    }
  }

  @Test func sizesTheBarsAndLeavesThemAsTheyWere() throws {
    var space = try Spaces.endpoint()
    space.write(offset: HeaderRegister.bar(0), value: 0xe000_0000)
    space.write(offset: HeaderRegister.command, size: 2, value: 0x0006)
    var reader = ConfigurationSpaceReader(space)
    #expect(reader.bars() == Spaces.bars)
    #expect(reader.bars() == Spaces.bars && reader.problems.isEmpty)
    var bridge = ConfigurationSpaceReader(try Spaces.rootPort())
    #expect(bridge.bars().isEmpty && bridge.problems.isEmpty)
  }

  @Test func aSpaceWithoutCapabilitiesHasNone() throws {
    let space = try ConfigurationSpaceBuilder(header: Spaces.endpointHeader).build()
    var reader = ConfigurationSpaceReader(space)
    #expect(reader.capabilities().isEmpty && reader.extendedCapabilities().isEmpty)
  }

  @Test func loopsAndBadLinksEndTheWalk() throws {
    var space = try Spaces.endpoint()
    // MSI-X points back to MSI.
    space.replace(0xff00, with: 0x4800, at: 0x60)
    var reader = ConfigurationSpaceReader(space)
    #expect(reader.capabilities().map(\.offset) == [0x40, 0x48, 0x60])
    #expect(reader.problems == [.loop(at: 0x48)])

    space.replace(0xff00, with: 0x1000, at: 0x60)
    reader = ConfigurationSpaceReader(space)
    #expect(reader.capabilities().count == 3)
    #expect(reader.problems == [.badLink(from: 0x61, to: 0x10)])

    space.replace(0xfff0_0000, with: 0x100 << 20, at: 0x100)
    reader = ConfigurationSpaceReader(space)
    #expect(reader.extendedCapabilities().count == 1)
    #expect(reader.problems == [.loop(at: 0x100)])

    space.replace(0xfff0_0000, with: 0x40 << 20, at: 0x100)
    reader = ConfigurationSpaceReader(space)
    #expect(reader.extendedCapabilities().count == 1)
    #expect(reader.problems == [.badLink(from: 0x100, to: 0x40)])
  }

  /// What hardware writes into a read-only flag can make a register unusable.
  @Test func badBarsAreReported() throws {
    var builder = try ConfigurationSpaceBuilder(
      header: HeaderLayout(
        vendorID: 1, deviceID: 2, classCode: 0,
        bars: [BarLayout(index: 5, bytes: 4096, kind: .memory32(prefetchable: false))]))
    try builder.add(PowerManagementCapability())
    var space = try builder.build()
    space.replace(0x4, with: 0x4, at: HeaderRegister.bar(5))
    var reader = ConfigurationSpaceReader(space)
    #expect(reader.bars().isEmpty && reader.problems == [.barWithoutUpperHalf(index: 5)])
    space.replace(.max, with: 0x1000, at: HeaderRegister.bar(0))
    reader = ConfigurationSpaceReader(space)
    _ = reader.bars()
    #expect(reader.problems.contains(.badBar(index: 0, readBack: 0x1000)))
  }

  /// Whatever software writes, no bit outside the masks moves, and RW1C bits only fall.
  @Test(arguments: 0..<4)
  func randomWritesNeverChangeReadOnlyBits(seed: UInt64) throws {
    for make in [Spaces.endpoint, Spaces.rootPort] {
      var space = try make()
      var random = SplitMix64(seed: seed)
      let offsets = Array(stride(from: 0, to: ConfigurationSpace.byteCount, by: 4))
      // Hardware has set every bit that software may clear.
      for offset in offsets { space.replace(space.masks(at: offset).clearable, with: .max, at: offset) }
      var reader = ConfigurationSpaceReader(space)
      let (lists, extended) = (reader.capabilities(), reader.extendedCapabilities())
      for _ in 0..<20_000 {
        let offset = offsets[random.below(offsets.count)]
        let before = space.read(offset: offset)
        let enables = UInt8(random.below(16))
        let value = UInt32(truncatingIfNeeded: random.next())
        let change = space.write(offset: offset, value: value, byteEnables: enables)
        let after = space.read(offset: offset)
        let masks = space.masks(at: offset)
        // One check for all: a failed expectation costs far more than the write.
        let isGood =
          change.before == before && change.after == after
          && change.changed & ~(masks.writable | masks.clearable) == 0
          && after & masks.clearable & ~before == 0 && change.changed & ~change.enabled == 0
        if !isGood { Issue.record("write of \(value) to \(offset), enables \(enables): \(change)") }
      }
      reader = ConfigurationSpaceReader(space)
      #expect(reader.capabilities() == lists && reader.extendedCapabilities() == extended)
      space.reset(.powerOn)
      #expect(space == (try make()))
    }
  }
}
