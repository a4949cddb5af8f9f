import PCIe
import Testing

@testable import Endpoints

/// How a requester cuts transfers into requests.
struct RequestSplittingTests {
  /// Max_Read_Request_Size counts whole DWs, so that a read which starts inside one asks for less.
  @Test(arguments: [
    (0x1000, 4, [4]), (0x1000, 512, [512]), (0x1000, 513, [512, 1]), (0x1000, 1536, [512, 512, 512]),
    (0x1003, 512, [509, 3]), (0x1fff, 2, [1, 1]), (0x1ffd, 3, [3]), (0x1e01, 1024, [511, 512, 1]),
    (0xffff_fffe, 4, [2, 2]),
  ])
  func reads(address: UInt64, count: Int, pieces: [Int]) {
    let bench = RequesterBench()
    bench.requester.limits.maxReadRequestBytes = 512
    _ = bench.read(address, count)
    #expect(bench.requests.map(\.requestedBytes) == pieces)
    #expect(bench.requests.first?.firstByteAddress == address)
    #expect(bench.requests.allSatisfy { $0.kind == .memoryRead && $0.lengthDW <= 128 })
    for request in bench.requests {
      #expect(request.address >> 12 == (request.address + UInt64(request.lengthDW * 4 - 1)) >> 12)
      #expect(request.hasFourDWs == (request.address >> 32 != 0))
    }
    #expect(Set(bench.requests.map(\.tag)).count == pieces.count)
  }

  @Test(arguments: [
    (0x1000, 128, [128]), (0x1000, 300, [128, 128, 44]), (0x1001, 128, [127, 1]), (0x1fff, 2, [1, 1]),
    (0x1002, 1, [1]),
  ])
  func writes(address: UInt64, count: Int, pieces: [Int]) {
    let bench = RequesterBench()
    bench.requester.limits.maxPayloadBytes = 128
    let data = (0..<count).map { UInt8(truncatingIfNeeded: $0 + 1) }
    #expect(bench.write(address, data) == .successful)
    #expect(bench.requests.map(\.requestedBytes) == pieces)
    var sent: [UInt8] = []
    for arrival in bench.far.arrivals {
      let lead = arrival.header.leadBytes
      sent += arrival.payload[lead..<lead + arrival.header.requestedBytes]
      // What no byte enable selects is sent as zero, not as what was there before.
      #expect(arrival.payload[..<lead].allSatisfy { $0 == 0 })
    }
    #expect(sent == data)
    #expect(bench.requester.outstandingCount == 0)
  }

  /// - Source: PCI Express Base 5.0, 2.2.5.1: a read of no bytes flushes the writes before it.
  @Test func zeroLengthRead() throws {
    let bench = RequesterBench()
    let operation = bench.read(0x1234, 0)
    let request = try #require(bench.requests.first)
    #expect(bench.requests.count == 1)
    #expect((request.lengthDW, request.firstByteEnable, request.lastByteEnable) == (1, 0, 0))
    #expect(bench.status(operation) == nil)
    bench.answer(request)
    #expect(bench.status(operation) == .successful)
    #expect(bench.data(operation).isEmpty)
    #expect(bench.requester.outstandingCount == 0)
  }

  @Test func configurationAccessesAreNeverCut() throws {
    let bench = RequesterBench()
    let target = FunctionAddress(bus: 1, device: 0, function: 0)
    let operation = bench.requester.beginConfigurationRead(
      of: target, offset: 0x3e, count: 2, over: bench.port, in: &bench.fabric)
    bench.settle()
    let request = try #require(bench.requests.first)
    #expect((request.registerOffset, request.firstByteEnable) == (0x3c, 0b1100))
    bench.far.send(
      .completionWithWord(of: request, completer: target), [1, 2, 3, 4], in: &bench.fabric)
    bench.settle()
    #expect(bench.data(operation) == [3, 4])
  }

  @Test func ioAccessesUseTheirByteEnables() throws {
    let bench = RequesterBench()
    let operation = bench.requester.beginIOWrite(
      address: 0x1001, data: [7, 8], over: bench.port, in: &bench.fabric)
    bench.settle()
    let request = try #require(bench.far.arrivals.first)
    #expect((request.header.kind, request.header.firstByteEnable) == (.ioWrite, 0b0110))
    #expect(request.payload == [0, 7, 8, 0])
    bench.refuse(request.header, .successful)
    #expect(bench.status(operation) == .successful)
  }

  @Test func withoutTheRightToRequestNothingIsSent() {
    let bench = RequesterBench()
    bench.requester.limits.mayRequest = false
    #expect(bench.status(bench.read(0, 4)) == .notSent)
    #expect(bench.write(0, [1]) == .notSent)
    #expect(bench.requests.isEmpty)
    #expect(bench.requester.requestCount == 0)
  }
}
