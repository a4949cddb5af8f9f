import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

/// Models that a fault tells how to answer.
///
/// - Source: PCI Express Base 5.0, 2.3.1 "Request Handling Rules" and 6.2.3.2.4.1.
@Suite("Answers that faults ask for")
struct AnsweringTests {
  private static let down = [LinkFault.Direction(link: 0, isDownstream: true)]
  private static let up = [LinkFault.Direction(link: 0, isDownstream: false)]

  private static func answer(
    _ response: LinkFault.Response, to kind: TLPKind, on directions: [LinkFault.Direction] = down
  ) -> LinkFault {
    LinkFault(
      .respond(response), on: directions, match: .init(.tlps(.init(kind))), selection: .nth(1), seed: 5)
  }

  private static func mock() throws -> MemoryMock { try MemoryMock.with(4096) }
  private static let base = DeviceBench<MemoryMock>.address(ofBar: 0)

  @Test(
    "a memory-mock answers with the status, records it, and serves the next request",
    arguments: [
      (CompletionStatus.unsupportedRequest, Violation?.some(.unsupportedRequest)),
      (.completerAbort, .completerAbort), (.requestRetry, nil),
    ])
  func status(status: CompletionStatus, violation: Violation?) throws {
    var bench = DeviceBench(try Self.mock())
    bench.fabric.arm([Self.answer(.status(status), to: .memoryRead)])
    #expect(bench.read(Self.base, bytes: 64).statuses == [status])
    #expect(bench.violations == [violation].compactMap(\.self))
    #expect(bench.read(Self.base, bytes: 64).statuses == [.successful])
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test("a posted request that a fault refuses is dropped, and its data is not used")
  func posted() throws {
    var bench = DeviceBench(try Self.mock())
    bench.fabric.arm([Self.answer(.status(.unsupportedRequest), to: .memoryWrite)])
    #expect(bench.write(Self.base, [1, 2, 3, 4]).completions.isEmpty)
    #expect(bench.violations == [.unsupportedRequest])
    #expect(bench.readWord(Self.base) == 0)
    bench.writeWord(Self.base, 0x0403_0201)
    #expect(bench.readWord(Self.base) == 0x0403_0201)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test("pieces end at read completion boundaries and hold what a whole answer would")
  func split() throws {
    var bench = DeviceBench(try Self.mock())
    let bytes = (0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 3 &+ 1) }
    for start in stride(from: 0, to: bytes.count, by: 128) {
      bench.write(Self.base + UInt64(start), Array(bytes[start..<start + 128]))
    }
    let whole = bench.read(Self.base + 32, bytes: 512)
    bench.fabric.arm([Self.answer(.split(64...128), to: .memoryRead)])
    let pieces = bench.read(Self.base + 32, bytes: 512)
    #expect(pieces.completions.count > whole.completions.count)
    #expect(pieces.data == whole.data && pieces.data == Array(bytes[32..<544]))
    var address = Self.base + 32
    for piece in pieces.completions.dropLast() {
      let next = address + UInt64(piece.payload.count - Int(address & 3))
      #expect(next % 64 == 0)
      address = next
    }
  }

  @Test("a dma-endpoint answers a read of its registers so, and keeps them")
  func registers() throws {
    var bench = DeviceBench(try DMAEndpoint(DMAEndpointConfiguration()))
    bench.writeWord(Self.base + UInt64(DMARegister.size), 0x55)
    bench.fabric.arm([Self.answer(.status(.completerAbort), to: .memoryRead)])
    #expect(bench.read(Self.base + UInt64(DMARegister.size), bytes: 4).statuses == [.completerAbort])
    #expect(bench.readWord(Self.base + UInt64(DMARegister.size)) == 0x55)
    #expect(bench.violations == [.completerAbort])
  }

  @Test(
    "a root complex answers a device's read of host memory so",
    arguments: [CompletionStatus.unsupportedRequest, .completerAbort])
  func host(status: CompletionStatus) {
    let bench = RootComplexBench()
    bench.root.setMemory([7, 7, 7, 7], at: 0x100)
    bench.fabric.arm([Self.answer(.status(status), to: .memoryRead, on: Self.up)])
    #expect(bench.readUp(0x100, 4).map(\.header.completionStatus) == [status])
    #expect(bench.violations == [status == .completerAbort ? .completerAbort : .unsupportedRequest])
    #expect(bench.readUp(0x100, 4).map(\.payload) == [[7, 7, 7, 7]])
  }

  @Test("an endpoint that masters the bus ends its transfer with the status, and goes on")
  func transfer() throws {
    let hierarchy = Hierarchy()
    let mock = try MemoryMock.with(4096)
    let link = hierarchy.add(mock).link
    try hierarchy.enumerate()
    let up = [LinkFault.Direction(link: link, isDownstream: false)]
    hierarchy.fabric.arm([Self.answer(.status(.completerAbort), to: .memoryRead, on: up)])
    for status in [RequestStatus.completerAbort, .successful] {
      let begun = mock.beginDMARead(address: 0x1000, count: 64, timeout: nil, in: &hierarchy.fabric)
      let operation = try #require(begun)
      hierarchy.fabric.run(until: hierarchy.fabric.now + .milliseconds(1))
      #expect(mock.statusOfDMARead(operation) == status)
      _ = mock.endDMARead(operation)
    }
    #expect(hierarchy.violations == [.completerAbort])
    #expect(hierarchy.fabric.payloads.used == 0)
  }
}
