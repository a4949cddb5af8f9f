import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

/// The models below the real root complex, set up by enumeration.
@Suite struct EnumeratedEndpointTests {
  @Test(arguments: [128, 512, 4096])
  func memoryMockMovesDataBothWaysAndInterrupts(maxPayload: Int) throws {
    var configuration = MemoryMockConfiguration()
    configuration.msixVectorCount = 4
    let mock = try MemoryMock(configuration)
    var fabric = Fabric()
    let host = RootComplex(node: 0, memoryBytes: 1 << 16)
    let (upper, lower) = (fabric.add(host), fabric.add(mock))
    _ = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt16, width: 8, maxPayloadBytes: maxPayload))
    let functions = try Enumerator.run(host, in: &fabric)
    let function = try #require(functions.first { $0.vendorID == 1 && $0.deviceID == 2 })
    #expect(mock.function.id == function.address)
    #expect(mock.function.space.maxPayloadBytes == maxPayload)

    let bar = try #require(function.bar(1)).address
    let data = (0..<1500).map { UInt8(truncatingIfNeeded: $0 &* 3) }
    let written = host.write(address: bar + 3, data: data, in: &fabric)
    let read = host.read(address: bar + 3, count: 1500, in: &fabric)
    #expect(written == .successful)
    #expect(read == AccessResult(status: .successful, data: data))

    let sent = mock.writeDMA(address: 0x1001, data: data, in: &fabric)
    let outcome = mock.raiseMSIX(vector: 2, in: &fabric)
    fabric.runUntilIdle()
    #expect(sent == .successful)
    #expect(outcome == .sent)
    #expect(Array(host.core.memory.bytes[0x1001..<0x1001 + 1500]) == data)
    let claimed = host.claimInterrupt(.msix, vector: 2, from: function.address)
    #expect(claimed)

    let begun = mock.beginDMARead(address: 0x1001, count: 1500, in: &fabric)
    let operation = try #require(begun)
    fabric.runUntilIdle()
    #expect(mock.statusOfDMARead(operation) == .successful)
    #expect(mock.endDMARead(operation) == data)
    #expect(fabric.findings.isEmpty)
    #expect(fabric.payloads.used == 0)
  }

  @Test func dmaEndpointCopiesHostMemory() throws {
    var configuration = DMAEndpointConfiguration()
    configuration.msiVectorCount = 2
    let endpoint = try DMAEndpoint(configuration)
    var fabric = Fabric()
    let host = RootComplex(node: 0, memoryBytes: 1 << 20)
    let (upper, lower) = (fabric.add(host), fabric.add(endpoint))
    _ = fabric.connect(upstream: (upper, 0), downstream: (lower, 0), LinkConfiguration())
    let functions = try Enumerator.run(host, in: &fabric)
    let function = try #require(functions.first { $0.vendorID == 0x16c3 })
    let bar = try #require(function.bar(0)).address
    host.setMemory((0..<70_001).map { UInt8(truncatingIfNeeded: $0 &* 5) }, at: 0x100)
    let registers: [(Int, UInt32)] = [
      (DMARegister.sourceLow, 0x100), (DMARegister.targetLow, 0x4_0003), (DMARegister.size, 70_001),
      (DMARegister.interruptKind, 1), (DMARegister.interruptNumber, 2),
      (DMARegister.command, DMACommand.copy.rawValue),
    ]
    for (register, value) in registers {
      let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      _ = host.write(address: bar + UInt64(register), data: bytes, in: &fabric)
    }
    fabric.runUntilIdle()
    let memory = host.core.memory.bytes
    #expect(Array(memory[0x4_0003..<0x4_0003 + 70_001]) == Array(memory[0x100..<0x100 + 70_001]))
    #expect(endpoint.status == [.copyDone, .interruptRaised])
    let claimed = host.claimInterrupt(.msi, vector: 1, from: function.address)
    #expect(claimed)
    #expect(fabric.findings.isEmpty)
  }
}
