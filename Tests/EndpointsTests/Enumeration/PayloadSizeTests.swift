import LinkBroker
import PCIe
import Testing

@testable import Endpoints

/// Enumeration gives all functions below a root port one payload size, and traffic between root ports obeys both.
struct PayloadSizeTests {
  private func payloadCode(_ hierarchy: Hierarchy, _ bus: UInt8) throws -> UInt32 {
    let function = try #require(hierarchy.function(bus))
    let place = try #require(function.capabilities[CapabilityID.express.rawValue])
    return hierarchy.register(bus, 0, place + ExpressCapability.Register.deviceControl, size: 2) >> 5 & 7
  }

  @Test(arguments: [(4096, 4096, 5), (4096, 256, 1), (512, 4096, 2), (128, 128, 0), (1024, 512, 2)])
  func smallestOfLinkAndFunction(link: Int, function: Int, code: UInt32) throws {
    let hierarchy = Hierarchy()
    hierarchy.add(try MemoryMock.with(8192, maxPayloadBytes: function), maxPayloadBytes: link)
    try hierarchy.enumerate()
    #expect(try payloadCode(hierarchy, 1) == code)
    #expect(hierarchy.root.core.ports.ports[0].maxPayloadBytes == 128 << Int(code))
    let data = (0..<4096).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let address = try #require(hierarchy.function(1)?.bar(0)).address
    #expect(hierarchy.root.write(address: address, data: data, in: &hierarchy.fabric) == .successful)
    #expect(hierarchy.root.read(address: address, count: 4096, in: &hierarchy.fabric).data == data)
    #expect(hierarchy.violations.isEmpty)
  }

  /// - Source: PCI Express Base 5.0, 1.3.1: a root complex may split what it routes from peer to peer.
  @Test(arguments: [(0, 4096), (3, 4096), (0x7d, 1000), (0xffd, 5), (2, 129)])
  func rootComplexSplitsBetweenItsPorts(offset: Int, count: Int) throws {
    let hierarchy = Hierarchy()
    let wide = try MemoryMock.with(8192)
    let narrow = try MemoryMock.with(8192)
    hierarchy.add(wide, maxPayloadBytes: 1024)
    hierarchy.add(narrow, maxPayloadBytes: 128)
    try hierarchy.enumerate()
    let data = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) }
    let pairs = [(wide, hierarchy.function(2)), (narrow, hierarchy.function(1))]
    for (requester, target) in pairs {
      let address = try #require(target?.bar(0)).address + UInt64(offset)
      #expect(requester.writeDMA(address: address, data: data, in: &hierarchy.fabric) == .successful)
      hierarchy.fabric.runUntilIdle()
      let operation = try #require(
        requester.beginDMARead(address: address, count: count, timeout: nil, in: &hierarchy.fabric))
      while requester.statusOfDMARead(operation) == nil, hierarchy.fabric.step() {}
      #expect(requester.statusOfDMARead(operation) == .successful)
      #expect(requester.endDMARead(operation) == data)
      #expect(hierarchy.root.read(address: address, count: count, in: &hierarchy.fabric).data == data)
    }
    #expect(hierarchy.fabric.findings.map(\.text) == [])
  }
}
