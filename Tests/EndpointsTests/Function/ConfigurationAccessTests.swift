import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

@Suite struct ConfigurationAccessTests {
  @Test func registersAreReadAndWritten() throws {
    var bench = ProbeBench(try ProbeDevice())
    let id = bench.register(0)
    #expect(id == 0x1234_abcd)
    bench.configurationWrite(HeaderRegister.interruptLine, 0x5a, bytes: 1)
    let line = bench.register(HeaderRegister.interruptLine)
    #expect(line == 0x025a)
    #expect(bench.violations.isEmpty)
  }

  @Test func onlyEnabledBytesChange() throws {
    var bench = ProbeBench(try ProbeDevice())
    var header = TLPHeader.configurationWrite(
      to: ProbeBench.deviceID, offset: HeaderRegister.bar(0), bytes: 4, requester: ProbeBench.hostID, tag: 9)
    header.firstByteEnable = 0b1000
    let statuses = bench.exchange(header, [0xff, 0xff, 0xff, 0x7f]).statuses
    #expect(statuses == [.successful])
    let bar = bench.register(HeaderRegister.bar(0))
    #expect(bar == 0x7f00_0000)
  }

  @Test func completionsOfOneWord() throws {
    var bench = ProbeBench(try ProbeDevice())
    let completion = bench.configurationRead(0x3c)?.header
    #expect(completion?.byteCount == 4)
    #expect(completion?.lowerAddress == 0)
    #expect(completion?.lengthDW == 1)
  }

  @Test func busAndDeviceNumberAreCapturedFromWritesOnly() throws {
    var bench = ProbeBench(try ProbeDevice(), isSetUp: false)
    func target(_ bus: UInt8, _ device: UInt8) -> FunctionAddress {
      FunctionAddress(bus: bus, device: device, function: 0)
    }
    let early = bench.exchange(
      .configurationRead(of: target(7, 3), offset: 0, bytes: 4, requester: ProbeBench.hostID, tag: 1))
    #expect(early.completions.first?.header.completerID == target(0, 0))
    for (bus, device): (UInt8, UInt8) in [(7, 3), (9, 0)] {
      let write = TLPHeader.configurationWrite(
        to: target(bus, device), offset: 0x3c, bytes: 1, requester: ProbeBench.hostID, tag: 2)
      let completion = bench.exchange(write, [0, 0, 0, 0]).completions.first
      #expect(completion?.header.completerID == target(bus, device))
      #expect(bench.function.id == target(bus, device))
    }
  }

  @Test(arguments: [1, 7] as [UInt8])
  func otherFunctionsAreUnsupported(number: UInt8) throws {
    var bench = ProbeBench(try ProbeDevice())
    let status = bench.configurationRead(0, function: number)?.header.completionStatus
    #expect(status == .unsupportedRequest)
    #expect(bench.violations == [.unsupportedRequest])
    #expect(bench.function.id == ProbeBench.deviceID)
  }

  @Test func type1IsUnsupported() throws {
    var bench = ProbeBench(try ProbeDevice())
    var header = TLPHeader.configurationRead(
      of: ProbeBench.deviceID, offset: 0, bytes: 4, requester: ProbeBench.hostID, tag: 1)
    header.formatAndType = 0b000_00101
    let statuses = bench.exchange(header).statuses
    #expect(statuses == [.unsupportedRequest])
    #expect(bench.fabric.findings.first?.text.contains("type 1") == true)
  }

  @Test func linkRegistersShowTheLink() throws {
    var bench = ProbeBench(try ProbeDevice())
    let place = try #require(bench.function.space.places.express)
    let capabilities = bench.register(place + 0x0c)
    let status = bench.register(place + 0x10)
    let speeds = bench.register(place + 0x2c)
    #expect(capabilities.map { $0 & 0x3ff } == 0x43)
    #expect(status.map { $0 >> 16 & 0x3ff } == 0x43)
    #expect(speeds.map { $0 & 0xfe } == 0b1110)
  }

  @Test func poisonedWriteChangesNothing() throws {
    var bench = ProbeBench(try ProbeDevice())
    var header = TLPHeader.configurationWrite(
      to: ProbeBench.deviceID, offset: HeaderRegister.bar(0), bytes: 4, requester: ProbeBench.hostID, tag: 3)
    header.isPoisoned = true
    let statuses = bench.exchange(header, [0, 0, 0, 0x70]).statuses
    #expect(statuses == [.unsupportedRequest])
    let bar = bench.register(HeaderRegister.bar(0))
    #expect(bar == 0x9000_0000)
    #expect(bench.violations == [.poisonedTLP])
    #expect(bench.function.space.status.contains(.detectedParityError))
  }

  @Test func transactionsPendingShowsOwnRequests() throws {
    var bench = ProbeBench(try ProbeDevice())
    let place = try #require(bench.function.space.places.express)
    bench.host.answer = .silence
    _ = bench.device.beginDMARead(address: 0, count: 4, in: &bench.fabric)
    bench.send(
      .configurationRead(
        of: ProbeBench.deviceID, offset: place + 8, bytes: 4, requester: ProbeBench.hostID, tag: 77))
    bench.fabric.run(until: bench.fabric.now + .microseconds(10))
    let during = bench.host.arrivals.completions.last?.payload[2]
    #expect(during.map { $0 & 0x20 } == 0x20)
    bench.fabric.runUntilIdle()
    let after = bench.register(place + 8)
    #expect(after.map { $0 >> 16 & 0x20 } == 0)
  }
}
