import LinkBroker
import PCIe
import Testing

@testable import Endpoints

@Suite struct MemoryAccessTests {
  struct Split: Sendable {
    var offset: Int
    var bytes: Int
    var maxPayload: Int
    /// Byte count, lower address and DWs of each completion.
    var due: [[Int]]
  }

  /// Source: PCI Express Base 5.0, 2.3.1.1, with a read completion boundary of 128 bytes.
  static let splits = [
    Split(offset: 0, bytes: 4, maxPayload: 128, due: [[4, 0, 1]]),
    Split(offset: 3, bytes: 1, maxPayload: 128, due: [[1, 3, 1]]),
    Split(offset: 1, bytes: 6, maxPayload: 128, due: [[6, 1, 2]]),
    Split(offset: 0, bytes: 128, maxPayload: 128, due: [[128, 0, 32]]),
    Split(offset: 0, bytes: 256, maxPayload: 128, due: [[256, 0, 32], [128, 0, 32]]),
    Split(offset: 0x44, bytes: 256, maxPayload: 128, due: [[256, 0x44, 15], [196, 0, 32], [68, 0, 17]]),
    Split(offset: 0x7f, bytes: 130, maxPayload: 128, due: [[130, 0x7f, 1], [129, 0, 32], [1, 0, 1]]),
    Split(offset: 0x0c, bytes: 512, maxPayload: 256, due: [[512, 0x0c, 61], [268, 0, 64], [12, 0, 3]]),
    // Three bytes into a DW, the 128 bytes need 33 DWs.
    Split(offset: 3, bytes: 128, maxPayload: 128, due: [[128, 3, 32], [3, 0, 1]]),
  ]

  @Test(arguments: splits)
  func readsAreSplit(split: Split) throws {
    var bench = ProbeBench(try ProbeDevice(), maxPayloadBytes: split.maxPayload)
    bench.device.memory = (0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }
    let answers = bench.read(barAddress + UInt64(split.offset), bytes: split.bytes)
    let seen = answers.map { [$0.header.byteCount, Int($0.header.lowerAddress), $0.header.lengthDW] }
    #expect(seen == split.due)
    #expect(answers.data == Array(bench.device.memory[split.offset..<split.offset + split.bytes]))
    #expect(bench.violations.isEmpty)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func spareBytesOfAnAnswerAreZero() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.device.memory = [UInt8](repeating: 0xff, count: 8192)
    let payload = bench.read(barAddress + 3, bytes: 6).first?.payload
    #expect(payload == [0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0])
  }

  @Test func answersEchoTheRequest() throws {
    var bench = ProbeBench(try ProbeDevice())
    var request = TLPHeader.memoryRead(
      address: barAddress, bytes: 4, requester: FunctionAddress(bus: 0, device: 5, function: 1), tag: 0x2a)
    request.trafficClass = 3
    request.attributes = [.relaxedOrdering]
    let answer = bench.exchange(request).first?.header
    #expect(answer?.trafficClass == 3)
    #expect(answer?.attributes == [.relaxedOrdering])
    #expect(answer?.tag == 0x2a)
    #expect(answer?.requesterID == FunctionAddress(bus: 0, device: 5, function: 1))
    #expect(answer?.completerID == ProbeBench.deviceID)
  }

  @Test func zeroLengthReadTouchesNothing() throws {
    var bench = ProbeBench(try ProbeDevice())
    let answers = bench.read(barAddress + 8, bytes: 0)
    #expect(answers.map(\.header.byteCount) == [1])
    #expect(answers.map(\.payload) == [[0, 0, 0, 0]])
    #expect(bench.device.reads.isEmpty)
  }

  @Test func zeroLengthWriteTouchesNothing() throws {
    var bench = ProbeBench(try ProbeDevice())
    let header = TLPHeader.memoryWrite(address: barAddress, bytes: 0, requester: ProbeBench.hostID)
    bench.exchange(header, [1, 2, 3, 4])
    #expect(bench.device.writes.isEmpty)
    #expect(bench.violations.isEmpty)
  }

  struct Enables: Sendable {
    var first: UInt8
    var last: UInt8
    var lengthDW: Int
    var runs: [Range<Int>]
  }

  static let enables = [
    Enables(first: 0b0001, last: 0, lengthDW: 1, runs: [0..<1]),
    Enables(first: 0b1010, last: 0, lengthDW: 1, runs: [1..<2, 3..<4]),
    Enables(first: 0b1111, last: 0b1111, lengthDW: 2, runs: [0..<8]),
    Enables(first: 0b1001, last: 0b0110, lengthDW: 2, runs: [0..<1, 3..<4, 5..<7]),
    Enables(first: 0b1100, last: 0b0011, lengthDW: 3, runs: [2..<10]),
    Enables(first: 0b1111, last: 0b1111, lengthDW: 64, runs: [0..<256]),
    Enables(first: 0b1000, last: 0b0001, lengthDW: 16, runs: [3..<61]),
  ]

  @Test(arguments: enables)
  func onlyEnabledBytesAreWritten(enables: Enables) throws {
    var bench = ProbeBench(try ProbeDevice())
    var header = TLPHeader.memoryWrite(
      address: barAddress + 16, bytes: enables.lengthDW * 4, requester: ProbeBench.hostID)
    header.firstByteEnable = enables.first
    header.lastByteEnable = enables.last
    bench.exchange(header, [UInt8](repeating: 0xaa, count: enables.lengthDW * 4))
    #expect(bench.device.writes.map { $0.offset - 16..<$0.offset - 16 + $0.count } == enables.runs)
    let changed = bench.device.memory.indices.filter { bench.device.memory[$0] == 0xaa }
    #expect(changed == enables.runs.flatMap { $0.map { $0 + 16 } })
    #expect(bench.violations.isEmpty)
  }

  @Test(arguments: [BarResponse.completerAbort, .unsupportedRequest])
  func refusalsOfTheModel(response: BarResponse) throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.device.response = response
    let status: CompletionStatus = response == .completerAbort ? .completerAbort : .unsupportedRequest
    let violation: Violation = response == .completerAbort ? .completerAbort : .unsupportedRequest
    let answers = bench.read(barAddress, bytes: 16)
    #expect(answers.statuses == [status])
    #expect(answers.first?.header.byteCount == 16)
    bench.write(barAddress, [1, 2, 3, 4])
    #expect(bench.violations == [violation, violation])
    #expect(
      bench.function.space.status.contains(.signaledTargetAbort) == (response == .completerAbort))
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func refusalInTheMiddleOfARead() throws {
    var bench = ProbeBench(try ProbeDevice(), maxPayloadBytes: 128)
    bench.device.response = .completerAbort
    bench.device.goodReads = 1
    let answers = bench.read(barAddress, bytes: 512)
    #expect(answers.statuses == [.successful, .completerAbort])
    #expect(answers.map(\.header.byteCount) == [512, 384])
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func memoryEnableIsObeyed() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.configurationWrite(HeaderRegister.command, 0x5, bytes: 2)
    let statuses = bench.read(barAddress, bytes: 4).statuses
    bench.write(barAddress, [1, 2, 3, 4])
    #expect(statuses == [.unsupportedRequest])
    #expect(bench.device.reads.isEmpty && bench.device.writes.isEmpty)
    #expect(bench.violations == [.unsupportedRequest, .unsupportedRequest])
    #expect(bench.fabric.findings.first?.text.contains("memory space disabled") == true)
  }

  @Test func movedBarAnswersAtItsNewPlaceOnly() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.configurationWrite(HeaderRegister.bar(0), 0xa000_0000)
    let old = bench.read(barAddress, bytes: 4).statuses
    let new = bench.read(0xa000_0000, bytes: 4).statuses
    #expect(old == [.unsupportedRequest])
    #expect(new == [.successful])
  }

  @Test func poisonedWriteChangesNothing() throws {
    var bench = ProbeBench(try ProbeDevice())
    var header = TLPHeader.memoryWrite(address: barAddress, bytes: 4, requester: ProbeBench.hostID)
    header.isPoisoned = true
    bench.exchange(header, [1, 2, 3, 4])
    #expect(bench.device.writes.isEmpty)
    #expect(bench.violations == [.poisonedTLP])
    #expect(bench.function.aer.uncorrectable == 1 << 12)
    #expect(bench.function.space.deviceStatus == .nonFatalError)
  }

  @Test func payloadAboveTheFunctionsLimitIsMalformed() throws {
    var bench = ProbeBench(try ProbeDevice())
    let place = try #require(bench.function.space.places.express)
    bench.configurationWrite(place + 8, 0x2810)
    bench.write(barAddress, [UInt8](repeating: 1, count: 132))
    #expect(bench.device.writes.isEmpty)
    #expect(bench.violations == [.malformedTLP])
    #expect(bench.function.space.deviceStatus == .fatalError)
    bench.write(barAddress, [UInt8](repeating: 1, count: 128))
    #expect(bench.device.writes.count == 1)
  }

  @Test func malformedTLPIsRecordedOnceAndReportedByTheReceiver() throws {
    var bench = ProbeBench(try ProbeDevice())
    var header = TLPHeader.memoryRead(address: barAddress, bytes: 4, requester: ProbeBench.hostID, tag: 1)
    header.lastByteEnable = 0xf
    let answers = bench.exchange(header)
    #expect(answers.isEmpty)
    #expect(bench.violations == [.malformedTLP])
    #expect(bench.function.aer.uncorrectable == 1 << 18)
  }

  @Test func lockedReadIsUnsupported() throws {
    var bench = ProbeBench(try ProbeDevice())
    var header = TLPHeader.memoryRead(address: barAddress, bytes: 4, requester: ProbeBench.hostID, tag: 1)
    header.formatAndType = 0b000_00001
    let answers = bench.exchange(header)
    #expect(answers.statuses == [.unsupportedRequest])
    #expect(answers.first?.header.kind == .completionLocked)
  }
}

@Suite struct IOAccessTests {
  private let io: UInt32 = 0x3000

  @Test func bytesOfADWAreReadAndWritten() throws {
    var bench = ProbeBench(try ProbeDevice())
    let write = TLPHeader.ioWrite(address: io + 5, bytes: 2, requester: ProbeBench.hostID, tag: 1)
    let written = bench.exchange(write, [0, 0x11, 0x22, 0])
    #expect(written.statuses == [.successful])
    #expect(bench.device.writes == [BarRange(bar: 2, offset: 5, count: 2)])
    let read = bench.exchange(.ioRead(address: io + 4, bytes: 4, requester: ProbeBench.hostID, tag: 2))
    #expect(read.first?.payload == [0, 0x11, 0x22, 0])
    #expect(read.first?.header.byteCount == 4)
    #expect(bench.violations.isEmpty)
  }

  @Test func ioEnableIsObeyed() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.configurationWrite(HeaderRegister.command, 0x6, bytes: 2)
    let read = bench.exchange(.ioRead(address: io, bytes: 4, requester: ProbeBench.hostID, tag: 2))
    let write = bench.exchange(
      .ioWrite(address: io, bytes: 4, requester: ProbeBench.hostID, tag: 3), [1, 2, 3, 4])
    #expect(read.statuses + write.statuses == [.unsupportedRequest, .unsupportedRequest])
  }

  @Test func otherSpaceAndOtherAddressAreUnsupported() throws {
    var bench = ProbeBench(try ProbeDevice())
    let outside = bench.exchange(.ioRead(address: io + 16, bytes: 4, requester: ProbeBench.hostID, tag: 2))
    let memory = bench.read(UInt64(io), bytes: 4)
    #expect(outside.statuses + memory.statuses == [.unsupportedRequest, .unsupportedRequest])
  }

  @Test func poisonedWriteAndModelRefusalEndWithAnError() throws {
    var bench = ProbeBench(try ProbeDevice())
    var poisoned = TLPHeader.ioWrite(address: io, bytes: 4, requester: ProbeBench.hostID, tag: 3)
    poisoned.isPoisoned = true
    let first = bench.exchange(poisoned, [1, 2, 3, 4])
    bench.device.response = .completerAbort
    let second = bench.exchange(
      .ioWrite(address: io, bytes: 4, requester: ProbeBench.hostID, tag: 4), [1, 2, 3, 4])
    let third = bench.exchange(.ioRead(address: io, bytes: 4, requester: ProbeBench.hostID, tag: 5))
    #expect(first.statuses + second.statuses == [.unsupportedRequest, .completerAbort])
    #expect(third.statuses == [.completerAbort])
    #expect(bench.violations == [.poisonedTLP, .completerAbort, .completerAbort])
    #expect(bench.fabric.payloads.used == 0)
  }
}

@Suite struct AtomicAccessTests {
  struct Operation: Sendable {
    var formatAndType: UInt8
    var operands: [UInt8]
    var before: [UInt8]
    var after: [UInt8]
  }

  static let operations = [
    Operation(
      formatAndType: 0b010_01100, operands: [2, 0, 0, 0], before: [0xff, 0xff, 0, 0], after: [1, 0, 1, 0]),
    Operation(
      formatAndType: 0b010_01100, operands: [1, 0, 0, 0, 0, 0, 0, 0],
      before: [UInt8](repeating: 0xff, count: 8), after: [UInt8](repeating: 0, count: 8)),
    Operation(
      formatAndType: 0b010_01101, operands: [9, 8, 7, 6], before: [1, 2, 3, 4], after: [9, 8, 7, 6]),
    Operation(
      formatAndType: 0b010_01110, operands: [1, 2, 3, 4, 9, 8, 7, 6], before: [1, 2, 3, 4],
      after: [9, 8, 7, 6]),
    Operation(
      formatAndType: 0b010_01110, operands: [0, 2, 3, 4, 9, 8, 7, 6], before: [1, 2, 3, 4],
      after: [1, 2, 3, 4]),
  ]

  private func header(_ operation: Operation) -> TLPHeader {
    var header = TLPHeader.memoryWrite(
      address: barAddress, bytes: operation.operands.count, requester: ProbeBench.hostID, tag: 4)
    header.formatAndType = operation.formatAndType
    header.firstByteEnable = 0
    header.lastByteEnable = 0
    return header
  }

  @Test(arguments: operations)
  func operates(operation: Operation) throws {
    var bench = ProbeBench(try ProbeDevice { $0.atomicBars = [0] })
    bench.device.memory.replaceSubrange(0..<operation.before.count, with: operation.before)
    let answers = bench.exchange(header(operation), operation.operands)
    #expect(answers.first?.payload == operation.before)
    #expect(answers.first?.header.byteCount == operation.before.count)
    #expect(Array(bench.device.memory[0..<operation.after.count]) == operation.after)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func unsupportedWhereNotAllowed() throws {
    var bench = ProbeBench(try ProbeDevice())
    let operation = Self.operations[2]
    let answers = bench.exchange(header(operation), operation.operands)
    #expect(answers.statuses == [.unsupportedRequest])
    #expect(bench.device.writes.isEmpty)
    #expect(bench.fabric.findings.first?.text.contains("AtomicOps") == true)
  }

  @Test func poisonedOperandsChangeNothing() throws {
    var bench = ProbeBench(try ProbeDevice { $0.atomicBars = [0] })
    var poisoned = header(Self.operations[2])
    poisoned.isPoisoned = true
    let answers = bench.exchange(poisoned, Self.operations[2].operands)
    #expect(answers.statuses == [.unsupportedRequest])
    #expect(bench.violations == [.poisonedTLP])
    #expect(bench.device.writes.isEmpty)
  }
}
