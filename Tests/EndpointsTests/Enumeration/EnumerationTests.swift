import LinkBroker
import PCIe
import Testing

@testable import Endpoints

/// What enumeration finds, how it numbers, places and enables it.
struct EnumerationTests {
  /// A switch with so many endpoints below a root complex.
  private static func tree(_ endpoints: [MemoryMock]) throws -> Hierarchy {
    let hierarchy = Hierarchy()
    let (node, _) = hierarchy.add(Switch(downstreamPorts: endpoints.count))
    for (port, endpoint) in endpoints.enumerated() {
      hierarchy.add(endpoint, below: node, port: port + 1)
    }
    try hierarchy.enumerate()
    return hierarchy
  }

  @Test func busesAreNumberedDepthFirst() throws {
    let hierarchy = Hierarchy()
    let (outer, _) = hierarchy.add(Switch(downstreamPorts: 3))
    hierarchy.add(try MemoryMock(), below: outer, port: 1)
    let (inner, _) = hierarchy.add(Switch(downstreamPorts: 2), below: outer, port: 2)
    hierarchy.add(try MemoryMock(), below: inner, port: 1)
    hierarchy.add(try MemoryMock(), below: inner, port: 2)
    hierarchy.add(try MemoryMock(), below: outer, port: 3)
    hierarchy.add(try MemoryMock())
    try hierarchy.enumerate()
    #expect(
      hierarchy.functions.map(\.address.description) == [
        "00:01.0", "01:00.0", "02:00.0", "03:00.0", "02:01.0", "04:00.0", "05:00.0", "06:00.0", "05:01.0",
        "07:00.0", "02:02.0", "08:00.0", "00:02.0", "09:00.0",
      ])
    let buses = hierarchy.functions.filter(\.isBridge).map {
      [Int($0.address.bus), Int($0.secondaryBus), Int($0.subordinateBus)]
    }
    #expect(
      buses == [
        [0, 1, 8], [1, 2, 8], [2, 3, 3], [2, 4, 7], [4, 5, 7], [5, 6, 6], [5, 7, 7], [2, 8, 8], [0, 9, 9],
      ])
    for function in hierarchy.functions where function.isBridge {
      let seen = hierarchy.register(
        function.address.bus, function.address.device, HeaderRegister.primaryBus)
      let due = UInt32(function.address.bus) | UInt32(function.secondaryBus) << 8
      #expect(seen == due | UInt32(function.subordinateBus) << 16)
    }
    #expect(hierarchy.violations.isEmpty)
  }

  @Test func largestBarComesFirstAndEveryBarIsAligned() throws {
    let hierarchy = try Self.tree([MemoryMock.with(128, 1 << 20, 4096), MemoryMock.with(8192)])
    let first = try #require(hierarchy.function(3))
    #expect(first.bars.map(\.address) == [0x8010_1000, 0x8000_0000, 0x8010_0000])
    // The next port's window begins at the next MiB.
    #expect(hierarchy.function(4)?.bars.map(\.address) == [0x8020_0000])
    for function in hierarchy.functions {
      for bar in function.bars { #expect(bar.address % bar.layout.bytes == 0) }
    }
  }

  @Test func barsNeverOverlap() throws {
    let hierarchy = try Self.tree(
      (0..<8).map { _ in try MemoryMock.with(128, 1 << 20, 2048, 65536, msix: 64) })
    let ranges = hierarchy.functions.flatMap(\.bars).map {
      $0.address..<$0.address + $0.layout.bytes
    }.sorted { $0.lowerBound < $1.lowerBound }
    #expect(ranges.count == 8 * 5)
    for (low, high) in zip(ranges, ranges.dropFirst()) { #expect(low.upperBound <= high.lowerBound) }
  }

  @Test(arguments: PlacesOfBars.kinds)
  func everyKindOfBarHasItsSpace(kind: PlacesOfBars) throws {
    var configuration = MemoryMockConfiguration()
    configuration.bars = [MemoryBar(BarLayout(index: 0, bytes: kind.bytes, kind: kind.layout))]
    let hierarchy = try Self.tree([MemoryMock(configuration)])
    #expect(hierarchy.function(3)?.bars.map(\.address) == [kind.address])
    let low = hierarchy.register(3, 0, HeaderRegister.bar0)
    #expect(low & 15 == kind.typeBits)
    #expect(UInt64(low & ~(low & 1 == 1 ? 3 : 15)) == kind.address & 0xffff_ffff)
  }

  @Test func windowsEncloseWhatIsBelow() throws {
    var wide = MemoryMockConfiguration()
    wide.bars = [
      MemoryBar(BarLayout(index: 0, bytes: 4096, kind: .memory64(prefetchable: true))),
      MemoryBar(BarLayout(index: 2, bytes: 16, kind: .io)),
    ]
    let hierarchy = try Self.tree([MemoryMock.with(4096), MemoryMock(wide)])
    func space(_ bus: UInt8, _ device: UInt8) -> [UInt32] {
      [
        HeaderRegister.memoryBase, HeaderRegister.prefetchableBase, HeaderRegister.prefetchableBaseUpper,
        HeaderRegister.prefetchableLimitUpper,
      ].map { hierarchy.register(bus, device, $0) }
    }
    #expect(space(2, 0) == [0x8000_8000, 0x0001_fff1, 0, 0])
    // Without 32-bit memory below, its window is closed.
    #expect(space(2, 1) == [0x0000_fff0, 0x0001_0001, 0x40, 0x40])
    #expect(space(1, 0) == [0x8000_8000, 0x0001_0001, 0x40, 0x40])
    #expect(hierarchy.register(2, 0, HeaderRegister.ioBase, size: 2) == 0x01f1)
    #expect(hierarchy.register(2, 1, HeaderRegister.ioBase, size: 2) == 0x1111)
  }

  /// Writes that wait need memory, and a table of 2048 vectors takes 4096 of them.
  @Test func aLargeTableIsWrittenWholeALotAtATime() throws {
    let mock = try MemoryMock.with(4096, msix: 2048)
    let hierarchy = try Self.tree([mock])
    #expect(hierarchy.fabric.payloads.slots <= 256)
    for vector in [0, 63, 64, 1000, 2047] {
      #expect(mock.raiseMSIX(vector: vector, in: &hierarchy.fabric) == .sent)
      hierarchy.fabric.runUntilIdle()
      #expect(hierarchy.root.claimInterrupt(.msix, vector: vector, from: mock.function.id))
    }
  }

  @Test func everythingIsEnabledAndWithoutErrors() throws {
    let hierarchy = try Self.tree([MemoryMock.with(4096, msix: 3), MemoryMock.with(4096)])
    for function in hierarchy.functions {
      let (bus, device) = (function.address.bus, function.address.device)
      #expect(hierarchy.register(bus, device, HeaderRegister.command, size: 2) & 7 == 7)
      #expect(hierarchy.register(bus, device, HeaderRegister.status, size: 2) & 0xf900 == 0)
      if function.isBridge {
        // Looking for absent functions has set Received Master Abort in there.
        #expect(hierarchy.register(bus, device, HeaderRegister.secondaryStatus, size: 2) & 0xf900 == 0)
      }
      let place = try #require(function.capabilities[CapabilityID.express.rawValue])
      let status = hierarchy.register(bus, device, place + ExpressCapability.Register.deviceStatus, size: 2)
      #expect(status & 0xf == 0)
    }
    let endpoint = try #require(hierarchy.function(3))
    let place = try #require(endpoint.capabilities[CapabilityID.msix.rawValue])
    #expect(hierarchy.register(3, 0, place + 2, size: 2) == 0x8002)
    #expect(hierarchy.violations.isEmpty)
  }

  @Test func vectorsArriveWithTheirSource() throws {
    let endpoints = try (0..<3).map { _ in try MemoryMock.with(4096, msix: 5) }
    let hierarchy = try Self.tree(endpoints)
    for (index, endpoint) in endpoints.enumerated() {
      #expect(endpoint.raiseMSIX(vector: 4, in: &hierarchy.fabric) == .sent)
      hierarchy.fabric.runUntilIdle()
      let source = FunctionAddress(bus: UInt8(3 + index), device: 0, function: 0)
      let isClaimed = hierarchy.root.core.interrupts.claim(.msix, vector: 4, from: source)
      #expect(isClaimed)
    }
    #expect(hierarchy.root.core.interrupts.msixCount == 3)
  }

  @Test func linkThatIsDownHidesWhatIsBelow() throws {
    let hierarchy = Hierarchy()
    let (_, link) = hierarchy.add(try MemoryMock())
    hierarchy.add(try MemoryMock())
    hierarchy.fabric.takeDown(link: link, .disabled)
    hierarchy.fabric.runUntilIdle()
    try hierarchy.enumerate()
    #expect(hierarchy.functions.map(\.address.description) == ["00:01.0", "00:02.0", "02:00.0"])
  }
}

/// A kind of BAR and where its first one goes.
struct PlacesOfBars: Sendable {
  var layout: BarLayout.Kind
  var bytes: UInt64
  var address: UInt64
  var typeBits: UInt32

  static let kinds = [
    PlacesOfBars(layout: .memory32(prefetchable: false), bytes: 4096, address: 0x8000_0000, typeBits: 0),
    PlacesOfBars(layout: .memory32(prefetchable: true), bytes: 4096, address: 0x8000_0000, typeBits: 8),
    PlacesOfBars(layout: .memory64(prefetchable: false), bytes: 4096, address: 0x8000_0000, typeBits: 4),
    PlacesOfBars(layout: .memory64(prefetchable: true), bytes: 4096, address: 1 << 38, typeBits: 12),
    PlacesOfBars(layout: .io, bytes: 16, address: 0x1000, typeBits: 1),
  ]
}
