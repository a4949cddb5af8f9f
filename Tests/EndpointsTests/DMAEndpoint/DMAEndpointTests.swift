import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

private typealias DMABench = DeviceBench<DMAEndpoint>

@Suite struct DMAEndpointTests {
  private func bench(_ change: (inout DMAEndpointConfiguration) -> Void = { _ in }) throws -> DMABench {
    var configuration = DMAEndpointConfiguration()
    configuration.msixVectorCount = 8
    configuration.msiVectorCount = 4
    configuration.seed = 7
    configuration.bars.append(
      MemoryBar(BarLayout(index: 2, bytes: 1024, kind: .memory64(prefetchable: true))))
    change(&configuration)
    var bench = DMABench(try DMAEndpoint(configuration))
    if let place = bench.function.space.places.msi {
      bench.configurationWrite(place + 4, 0xfee0_0000)
      bench.configurationWrite(place + 12, 0x40, bytes: 2)
    }
    return bench
  }

  private func set(_ register: Int, _ value: UInt32, _ bench: inout DMABench) {
    bench.writeWord(barAddress + UInt64(register), value)
  }

  /// Performs a command; gives STATUS as it was before it is read over the link.
  private func command(
    _ command: DMACommand, source: UInt64 = 0, target: UInt64 = 0, size: Int = 0, checksum: UInt32 = 0,
    _ bench: inout DMABench
  ) -> DMAStatus {
    set(DMARegister.sourceLow, UInt32(truncatingIfNeeded: source), &bench)
    set(DMARegister.sourceHigh, UInt32(truncatingIfNeeded: source >> 32), &bench)
    set(DMARegister.targetLow, UInt32(truncatingIfNeeded: target), &bench)
    set(DMARegister.targetHigh, UInt32(truncatingIfNeeded: target >> 32), &bench)
    set(DMARegister.size, UInt32(size), &bench)
    set(DMARegister.checksum, checksum, &bench)
    bench.host.arrivals.removeAll()
    set(DMARegister.command, command.rawValue, &bench)
    return bench.device.status
  }

  private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    // Bit by bit, as the definition says.
    bytes.reduce(.max) { value, byte in
      (0..<8).reduce(value ^ UInt32(byte)) { bits, _ in bits >> 1 ^ (bits & 1 == 1 ? 0xedb8_8320 : 0) }
    }
  }

  @Test func checksumIsThatOfLinux() {
    // zlib's crc32("123456789") is 0xcbf43926; without the final inversion:
    var sum = Checksum()
    sum.update(Array("123456789".utf8), count: 9)
    #expect(sum.value == 0xcbf4_3926 ^ 0xffff_ffff)
    for count in [0, 1, 7, 8, 9, 64, 1023] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 5) }
      var sum = Checksum()
      sum.update(bytes, count: count)
      #expect(sum.value == checksum(bytes[...]))
    }
  }

  static let sizes = [0, 1, 1024, 1025, 16384, 16385, 102_400, 102_401]

  @Test(arguments: sizes)
  func readComparesTheChecksum(size: Int) throws {
    var bench = try bench()
    for index in 0..<size {
      bench.host.memory[0x1003 + index] = UInt8(truncatingIfNeeded: index &* 7 ^ index >> 8)
    }
    let due = checksum(bench.host.memory[0x1003..<0x1003 + size])
    let good = command(.read, source: 0x1003, size: size, checksum: due, &bench)
    #expect(good == [.readDone, .interruptRaised])
    let bad = command(.read, source: 0x1003, size: size, checksum: due ^ 1, &bench)
    #expect(bad == [.readFailed, .interruptRaised])
    #expect(bench.violations.isEmpty)
  }

  @Test(arguments: sizes)
  func writeStoresTheChecksumOfWhatItWrote(size: Int) throws {
    var bench = try bench()
    let status = command(.write, target: 0x2001, size: size, &bench)
    #expect(status == [.writeDone, .interruptRaised])
    let sum = bench.readWord(barAddress + UInt64(DMARegister.checksum))
    #expect(sum == checksum(bench.host.memory[0x2001..<0x2001 + size]))
    #expect(bench.host.memory[0x2001 + size] == 0)
    if size > 64 { #expect(Set(bench.host.memory[0x2001..<0x2001 + size]).count > 16) }
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func sameSeedDrawsTheSameBytes() throws {
    func bytes(seed: UInt64) throws -> [UInt8] {
      var bench = try bench { $0.seed = seed }
      _ = command(.write, target: 0, size: 64, &bench)
      return Array(bench.host.memory[0..<64])
    }
    let (first, again, other) = (try bytes(seed: 1), try bytes(seed: 1), try bytes(seed: 2))
    #expect(first == again)
    #expect(first != other)
  }

  @Test(arguments: sizes)
  func copyMovesBytes(size: Int) throws {
    var bench = try bench()
    for index in 0..<size {
      bench.host.memory[0x1001 + index] = UInt8(truncatingIfNeeded: index &* 11 ^ index >> 7)
    }
    let status = command(.copy, source: 0x1001, target: 0x8_0002, size: size, &bench)
    #expect(status == [.copyDone, .interruptRaised])
    let source = bench.host.memory[0x1001..<0x1001 + size]
    #expect(Array(bench.host.memory[0x8_0002..<0x8_0002 + size]) == Array(source))
  }

  struct Failure: Sendable {
    var command: DMACommand
    var answer: ScriptedHost.Answer
    var status: DMAStatus
  }

  static let failures = [
    Failure(command: .read, answer: .status(.unsupportedRequest), status: [.readFailed, .sourceInvalid]),
    Failure(command: .read, answer: .status(.completerAbort), status: [.readFailed, .sourceInvalid]),
    Failure(command: .read, answer: .silence, status: [.readFailed]),
    Failure(command: .read, answer: .poisoned, status: [.readFailed]),
    Failure(command: .copy, answer: .status(.unsupportedRequest), status: [.copyFailed, .sourceInvalid]),
    Failure(command: .copy, answer: .silence, status: [.copyFailed]),
  ]

  @Test(arguments: failures)
  func failedReadsSetTheirBits(failure: Failure) throws {
    var bench = try bench()
    bench.host.answer = failure.answer
    let status = command(failure.command, source: 0x1000, target: 0x2000, size: 64, &bench)
    #expect(status == failure.status.union(.interruptRaised))
    #expect(bench.host.memory[0x2000..<0x2040].allSatisfy { $0 == 0 })
    // It works again afterwards.
    bench.host.answer = .serve
    let next = command(.copy, source: 0x1000, target: 0x2000, size: 64, &bench)
    #expect(next == [.copyDone, .interruptRaised])
  }

  @Test func addressesPastTheEndAreInvalid() throws {
    var bench = try bench()
    let read = command(.read, source: .max - 2, size: 8, &bench)
    let write = command(.write, target: .max - 2, size: 8, &bench)
    #expect(read == [.readFailed, .sourceInvalid, .interruptRaised])
    #expect(write == [.writeFailed, .targetInvalid, .interruptRaised])
  }

  @Test(arguments: [DMACommand.read, .write, .copy])
  func withoutBusMasterEnableTransfersFail(kind: DMACommand) throws {
    var bench = try bench()
    bench.configurationWrite(HeaderRegister.command, 0x2, bytes: 2)
    let status = command(kind, target: 0x1000, size: 64, &bench)
    let failed: DMAStatus = kind == .read ? .readFailed : kind == .write ? .writeFailed : .copyFailed
    #expect(status == [failed, .interruptRaised])
    #expect(bench.host.arrivals.writes.isEmpty)
  }

  @Test func interruptFollowsDataAndStatus() throws {
    var bench = try bench()
    let place = try #require(bench.function.space.places.msi)
    bench.configurationWrite(place + 2, 0x21, bytes: 2)
    set(DMARegister.interruptKind, 1, &bench)
    set(DMARegister.interruptNumber, 3, &bench)
    _ = command(.write, target: 0x1000, size: 600, &bench)
    let writes = bench.host.arrivals.writes
    #expect(writes.map(\.header.address) == [0x1000, 0x1100, 0x1200, 0xfee0_0000])
    #expect(writes.last?.payload == [0x42, 0, 0, 0])
  }

  @Test func intxIsLoweredByStatusReadByStatusWriteAndByCommand() throws {
    var bench = try bench()
    let (assert, deassert) = (MessageCode.assertINTA.rawValue, MessageCode.deassertINTA.rawValue)
    var status = command(.raiseINTx, &bench)
    #expect(status == .interruptRaised)
    #expect(bench.host.arrivals.messages == [assert])

    let seen = bench.readWord(barAddress + UInt64(DMARegister.status))
    #expect(seen == DMAStatus.interruptRaised.rawValue)
    #expect(bench.host.arrivals.messages == [assert, deassert])

    status = command(.raiseINTx, &bench)
    set(DMARegister.status, 0, &bench)
    #expect(bench.host.arrivals.messages == [assert, deassert])

    status = command(.raiseINTx, &bench)
    set(DMARegister.command, DMACommand.read.rawValue, &bench)
    #expect(bench.host.arrivals.messages == [assert, deassert, assert])
  }

  @Test func msixIsRaisedByNumberFromOne() throws {
    var bench = try bench()
    // Registers in BAR0, memory in BAR2 and BAR3: the table takes BAR1.
    let table: UInt64 = 0x9010_0000
    bench.writeWord(table + 7 * 16, 0xfee0_0700)
    bench.writeWord(table + 7 * 16 + 8, 0x77)
    bench.writeWord(table + 7 * 16 + 12, 0)
    let place = try #require(bench.function.space.places.msix)
    bench.configurationWrite(place + 2, 0x8000, bytes: 2)
    set(DMARegister.interruptKind, 2, &bench)
    set(DMARegister.interruptNumber, 8, &bench)
    let status = command(.raiseMSIX, &bench)
    #expect(status == .interruptRaised)
    #expect(bench.host.arrivals.writes.map(\.payload) == [[0x77, 0, 0, 0]])
    set(DMARegister.interruptNumber, 9, &bench)
    let tooHigh = command(.raiseMSIX, &bench)
    #expect(tooHigh == [])
    #expect(bench.host.arrivals.isEmpty)
  }

  @Test func interruptsThatAreNotEnabledAreNotRaised() throws {
    var bench = try bench()
    set(DMARegister.interruptNumber, 1, &bench)
    let statuses = [command(.raiseMSI, &bench), command(.raiseMSIX, &bench)]
    #expect(statuses == [[], []])
  }

  @Test func unknownInterruptKindDropsTheCommand() throws {
    var bench = try bench()
    set(DMARegister.interruptKind, 3, &bench)
    let status = command(.write, target: 0x1000, size: 64, &bench)
    #expect(status == [])
    #expect(bench.host.arrivals.isEmpty)
    let left = bench.readWord(barAddress + UInt64(DMARegister.command))
    #expect(left == 0)
  }

  @Test func secondCommandWaitsForTheFirst() throws {
    var bench = try bench()
    set(DMARegister.size, 65536, &bench)
    set(DMARegister.targetLow, 0x1_0000, &bench)
    let address = barAddress + UInt64(DMARegister.command)
    let header = TLPHeader.memoryWrite(address: address, bytes: 4, requester: DMABench.hostID)
    bench.host.arrivals.removeAll()
    bench.send(header, [UInt8(DMACommand.write.rawValue), 0, 0, 0])
    bench.send(header, [UInt8(DMACommand.raiseINTx.rawValue), 0, 0, 0])
    bench.fabric.runUntilIdle()
    #expect(bench.host.arrivals.writes.count == 256)
    #expect(bench.device.status == .interruptRaised)
  }

  @Test func registersAreMemoryAndOtherBarsToo() throws {
    var bench = try bench()
    set(DMARegister.magic, 0xa0a0_a0a0, &bench)
    let magic = bench.readWord(barAddress)
    #expect(magic == 0xa0a0_a0a0)
    bench.write(0x9020_0000 + 1020, [1, 2, 3, 4])
    let memory = bench.readWord(0x9020_0000 + 1020)
    #expect(memory == 0x0403_0201)
    #expect(bench.violations.isEmpty)
  }

  @Test func resetInTheMiddleOfATransferEndsIt() throws {
    var bench = try bench()
    let place = try #require(bench.function.space.places.express)
    bench.host.answer = .silence
    set(DMARegister.size, 4096, &bench)
    let header = TLPHeader.memoryWrite(
      address: barAddress + UInt64(DMARegister.command), bytes: 4, requester: DMABench.hostID)
    bench.send(header, [UInt8(DMACommand.read.rawValue), 0, 0, 0])
    bench.fabric.run(until: bench.fabric.now + .microseconds(20))
    #expect(bench.device.transfer != nil)
    bench.configurationWrite(place + 8, 0x8000 | 0x2830)
    #expect(bench.device.transfer == nil)
    bench.host.arrivals.removeAll()
    bench.fabric.run(until: bench.fabric.now + .milliseconds(200))
    #expect(bench.host.arrivals.isEmpty)
    bench.setUp()
    bench.host.answer = .serve
    let status = command(.copy, source: 0, target: 0x1000, size: 16, &bench)
    #expect(status == [.copyDone, .interruptRaised])
  }

  @Test func registerBarMustHoldTheRegisters() {
    func error(_ bars: [MemoryBar]) -> EndpointError? {
      var configuration = DMAEndpointConfiguration()
      configuration.bars = bars
      do {
        _ = try DMAEndpoint(configuration)
        return nil
      } catch { return error }
    }
    let memory = BarLayout.Kind.memory32(prefetchable: false)
    #expect(error([]) == .registerBar(bytesMin: 64))
    #expect(error([MemoryBar(BarLayout(index: 1, bytes: 64, kind: memory))]) == .registerBar(bytesMin: 64))
    #expect(error([MemoryBar(BarLayout(index: 0, bytes: 32, kind: memory))]) == .registerBar(bytesMin: 64))
    #expect(error([MemoryBar(BarLayout(index: 0, bytes: 64, kind: .io))]) == .registerBar(bytesMin: 64))
    #expect(error([MemoryBar(BarLayout(index: 0, bytes: 64, kind: memory))]) == nil)
  }
}
