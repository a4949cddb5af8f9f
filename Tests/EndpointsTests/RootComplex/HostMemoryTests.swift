import LinkBroker
import PCIe
import Testing

@testable import Endpoints

/// What a root complex does with requests from below for host memory.
struct HostMemoryTests {
  static func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 >> 8) }
  }

  private static func bench(maxPayloadBytes: Int = 256) -> RootComplexBench {
    let bench = RootComplexBench(maxPayloadBytes: maxPayloadBytes)
    bench.root.core.memory.bytes = pattern(64 << 10)
    return bench
  }

  /// Every piece but the last ends at a multiple of 64 bytes and is as long as Max_Payload_Size lets it be.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1.1 "Data Return for Read Requests".
  @Test(arguments: [
    (0x1000, 4, 128, [4]), (0x1000, 128, 128, [128]), (0x1000, 512, 128, [128, 128, 128, 128]),
    (0x1004, 512, 128, [124, 128, 128, 128, 4]), (0x103f, 300, 128, [65, 128, 107]),
    (0x1020, 512, 256, [224, 256, 32]), (0x1041, 127, 128, [127]), (0x1001, 1, 128, [1]),
    (0xfff, 1, 256, [1]), (0x107d, 200, 256, [195, 5]), (0, 4096, 4096, [4096]),
  ])
  func readsAreCutAtTheBoundary(address: Int, count: Int, maxPayload: Int, pieces: [Int]) {
    let bench = Self.bench(maxPayloadBytes: maxPayload)
    let answers = bench.readUp(UInt64(address), count)
    var place = address
    var seen: [UInt8] = []
    for (answer, bytes) in zip(answers, pieces) {
      let header = answer.header
      #expect(header.completionStatus == .successful)
      #expect(header.byteCount == address + count - place)
      #expect(Int(header.lowerAddress) == place & 0x7f)
      #expect(answer.payload.count <= maxPayload)
      #expect((header.tag, header.requesterID) == (1, RootComplexBench.deviceID(0)))
      #expect(header.completerID == RootComplexBench.portID(0))
      seen += answer.payload[place & 3..<place & 3 + bytes]
      place += bytes
    }
    #expect(answers.count == pieces.count)
    #expect(seen == Array(Self.pattern(64 << 10)[address..<address + count]))
    #expect(bench.violations.isEmpty)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func readOfNoBytesHasOneWordInAnswer() {
    let bench = Self.bench()
    let answers = bench.readUp(0x1234, 0)
    #expect(answers.count == 1)
    #expect(answers.first?.header.byteCount == 1)
    #expect(answers.first?.payload.count == 4)
  }

  @Test(arguments: [(0x1000, 4), (0x1001, 1), (0x1003, 2), (0x1ffd, 3), (0x1002, 200), (0x1001, 7)])
  func writesChangeWhatTheByteEnablesSelect(address: Int, count: Int) {
    let bench = Self.bench()
    let data = [UInt8](repeating: 0x5a, count: count)
    var expected = bench.root.core.memory.bytes
    expected.replaceSubrange(address..<address + count, with: data)
    bench.writeUp(UInt64(address), data)
    #expect(bench.root.core.memory.bytes == expected)
    #expect(bench.violations.isEmpty)
  }

  /// One DW may have any pattern of byte enables, two at an aligned quadword as well.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.5 "First/Last DW Byte Enables Rules".
  @Test(arguments: [
    (0b0101, 0, 4, [0, 2]), (0b1001, 0, 4, [0, 3]), (0, 0, 4, []), (0b1010, 0b0101, 8, [1, 3, 4, 6]),
  ])
  func writesWithGaps(first: UInt8, last: UInt8, bytes: Int, changed: [Int]) {
    let bench = Self.bench()
    var header = TLPHeader.memoryWrite(
      address: 0x1000, bytes: bytes, requester: RootComplexBench.deviceID(0))
    header.firstByteEnable = first
    header.lastByteEnable = last
    var expected = bench.root.core.memory.bytes
    for place in changed { expected[0x1000 + place] = 0xa5 }
    bench.send(header, [UInt8](repeating: 0xa5, count: bytes))
    #expect(bench.root.core.memory.bytes == expected)
    #expect(bench.violations.isEmpty)
  }

  @Test(arguments: [(0x10000, 4), (0x8000_0000, 4), (0xffff_ffff_ffff_fffc, 4)])
  func memoryEndsWhereItEnds(address: UInt64, count: Int) {
    let bench = Self.bench()
    let answers = bench.readUp(address, count)
    #expect(answers.map(\.header.completionStatus) == [.unsupportedRequest])
    #expect(bench.violations == [.unsupportedRequest])
    let before = bench.root.core.memory.bytes
    bench.writeUp(address, [UInt8](repeating: 1, count: count))
    #expect(bench.root.core.memory.bytes == before)
    #expect(bench.violations.count == 2)
    #expect(bench.space(0).shows(.unsupportedRequest))
  }

  /// A request that only begins inside is served not even in part.
  @Test func requestAcrossTheEndOfMemory() {
    let bench = RootComplexBench(memoryBytes: 1000)
    #expect(bench.readUp(996, 8).map(\.header.completionStatus) == [.unsupportedRequest])
    bench.writeUp(996, [UInt8](repeating: 1, count: 8))
    #expect(bench.root.core.memory.bytes.allSatisfy { $0 == 0 })
    #expect(bench.violations == [.unsupportedRequest, .unsupportedRequest])
    #expect(bench.readUp(996, 4).map(\.header.completionStatus) == [.successful])
  }

  @Test func withoutBusMasterEnableOfThePort() {
    let bench = Self.bench()
    bench.write(0, HeaderRegister.command, 3)
    #expect(bench.readUp(0x1000, 4).map(\.header.completionStatus) == [.unsupportedRequest])
    let before = bench.root.core.memory.bytes
    bench.writeUp(0x1000, [1, 2, 3, 4])
    bench.writeUp(InterruptTarget.address, [0, 0, 0, 0])
    #expect(bench.root.core.memory.bytes == before)
    #expect(bench.root.core.interrupts.strayCount == 0)
    #expect(bench.violations == [.unsupportedRequest, .unsupportedRequest, .unsupportedRequest])
    #expect(bench.fabric.findings[0].text.contains("bus master enable of the root port is off"))
  }

  @Test func poisonedDataIsNotWritten() {
    let bench = Self.bench()
    let before = bench.root.core.memory.bytes
    var header = TLPHeader.memoryWrite(address: 0x1000, bytes: 4, requester: RootComplexBench.deviceID(0))
    header.isPoisoned = true
    bench.send(header, [1, 2, 3, 4])
    #expect(bench.root.core.memory.bytes == before)
    #expect(bench.violations == [.poisonedTLP])
    #expect(bench.space(0).secondaryStatus.contains(.detectedParityError))
  }

  @Test func poisonedDataIsPassedOnToAPeer() {
    let bench = RootComplexBench(ports: 2)
    var header = TLPHeader.memoryWrite(
      address: RootComplexBench.memory(1), bytes: 4, requester: RootComplexBench.deviceID(0))
    header.isPoisoned = true
    bench.send(header, [1, 2, 3, 4])
    #expect(bench.devices[1].arrivals.map(\.header) == [header])
    // The port that it came in at is an intermediate receiver: 6.2.3.2.4.2.
    #expect(bench.violations == [.poisonedTLP])
    #expect(bench.space(0).recordedErrors.violations == [.poisonedTLP, .advisoryNonFatal])
    #expect(bench.space(1).recordedErrors.isEmpty)
  }

  @Test(arguments: [
    TLPHeader.ioRead(address: 0, bytes: 4, requester: RootComplexBench.deviceID(0), tag: 1),
    .memoryReadLocked(address: 0, bytes: 4, requester: RootComplexBench.deviceID(0), tag: 1),
    .configurationRead(
      of: RootComplexBench.portID(0), offset: 0, bytes: 4, requester: RootComplexBench.deviceID(0), tag: 1),
  ])
  func whatARootComplexDoesNotTake(header: TLPHeader) {
    let bench = Self.bench()
    bench.send(header)
    #expect(bench.devices[0].arrivals.map(\.header.completionStatus) == [.unsupportedRequest])
    #expect(bench.violations == [.unsupportedRequest])
  }
}
