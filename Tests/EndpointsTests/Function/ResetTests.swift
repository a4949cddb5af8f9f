import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

@Suite struct FunctionLevelResetTests {
  private func start(_ bench: inout ProbeBench) throws {
    let place = try #require(bench.function.space.places.express)
    let statuses = bench.configurationWrite(place + 8, 0x8000 | 0x2830).statuses
    #expect(statuses == [.successful])
  }

  @Test func registersStartAnewButForStickyAndPortBits() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.write(0x8000_0000, [1, 2, 3, 4])
    try start(&bench)
    bench.fabric.run(until: bench.fabric.now + .milliseconds(1))
    #expect(bench.function.space.command.isEmpty)
    #expect(bench.function.space.maxPayloadBytes == 256)
    #expect(bench.function.aer.uncorrectable == 1 << 20)
    #expect(bench.function.id == ProbeBench.deviceID)
    #expect(bench.device.resets == [.functionLevel])
    let bar = bench.register(HeaderRegister.bar(0))
    #expect(bar == 0)
  }

  @Test func configurationIsRetriedUntilItIsDone() throws {
    var bench = ProbeBench(try ProbeDevice())
    try start(&bench)
    let during = bench.configurationRead(0)?.header.completionStatus
    #expect(during == .requestRetry)
    bench.fabric.run(until: bench.fabric.now + .milliseconds(1))
    let after = bench.configurationRead(0)?.header.completionStatus
    #expect(after == .successful)
    #expect(bench.violations.isEmpty)
  }

  @Test func itEndsWithinTheTimeOfTheSpecification() {
    #expect(Function.functionResetTime <= .milliseconds(100))
  }

  @Test func requestsDuringItEndUnsupportedWithoutARecord() throws {
    var bench = ProbeBench(try ProbeDevice())
    try start(&bench)
    let statuses = bench.read(barAddress, bytes: 4).statuses
    bench.write(barAddress, [1, 2, 3, 4])
    #expect(statuses == [.unsupportedRequest])
    #expect(bench.violations.isEmpty)
    #expect(bench.function.space.deviceStatus.isEmpty)
  }

  @Test func noRequestIsSentAfterIt() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.host.answer = .silence
    let begun = bench.device.beginDMARead(address: 0, count: 64, in: &bench.fabric)
    let operation = try #require(begun)
    bench.fabric.run(until: bench.fabric.now + .microseconds(5))
    try start(&bench)
    #expect(bench.device.statusOfDMARead(operation) == .timeout)
    let write = bench.device.writeDMA(address: 0, data: [1], in: &bench.fabric)
    #expect(write == .notSent)
    bench.fabric.run(until: bench.fabric.now + .milliseconds(200))
    #expect(bench.violations.isEmpty)
    #expect(bench.device.endDMARead(operation).count == 64)
  }

  @Test func lateCompletionsDuringItAreDiscardedInSilence() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.host.answer = .silence
    _ = bench.device.beginDMARead(address: 0, count: 4, in: &bench.fabric)
    bench.fabric.run(until: bench.fabric.now + .microseconds(5))
    let request = try #require(bench.host.arrivals.last?.header)
    let place = try #require(bench.function.space.places.express)
    let write = TLPHeader.configurationWrite(
      to: ProbeBench.deviceID, offset: place + 8, bytes: 2, requester: ProbeBench.hostID, tag: 9)
    bench.send(write, [0x30, 0xa8, 0, 0])
    bench.fabric.run(until: bench.fabric.now + .microseconds(5))
    #expect(bench.device.resets == [.functionLevel])
    bench.exchange(
      .completionWithData(
        of: request, completer: ProbeBench.hostID, address: 0, bytes: 4, remainingBytes: 4), [1, 2, 3, 4])
    #expect(bench.violations.isEmpty)
  }

  @Test func assertedWireIsReleasedFirst() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.function.setINTx(true, in: &bench.fabric)
    bench.fabric.runUntilIdle()
    bench.host.arrivals.removeAll()
    try start(&bench)
    #expect(bench.host.arrivals.messages == [MessageCode.deassertINTB.rawValue])
  }

  @Test func bitWithoutTheCapabilityDoesNothing() throws {
    var bench = ProbeBench(try ProbeDevice { $0.device.supportsFunctionLevelReset = false })
    try start(&bench)
    #expect(bench.device.resets.isEmpty)
    #expect(bench.function.space.command.contains(.memoryEnable))
  }
}

@Suite struct PowerStateTests {
  private func set(_ state: PowerState, _ bench: inout ProbeBench) throws {
    let place = try #require(bench.function.space.places.powerManagement)
    bench.configurationWrite(place + 4, UInt32(state.rawValue), bytes: 2)
  }

  @Test func d3hotServesConfigurationOnly() throws {
    var bench = ProbeBench(try ProbeDevice())
    try set(.d3hot, &bench)
    let memory = bench.read(barAddress, bytes: 4).statuses
    let io = bench.exchange(.ioRead(address: 0x3000, bytes: 4, requester: ProbeBench.hostID, tag: 200))
      .statuses
    let id = bench.register(0)
    #expect(memory + io == [.unsupportedRequest, .unsupportedRequest])
    #expect(id == 0x1234_abcd)
    #expect(bench.fabric.findings.first?.text.contains("d3hot") == true)
  }

  @Test func d3hotSendsNothing() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.function.setINTx(true, in: &bench.fabric)
    bench.fabric.runUntilIdle()
    bench.host.arrivals.removeAll()
    try set(.d3hot, &bench)
    #expect(bench.host.arrivals.messages == [MessageCode.deassertINTB.rawValue])
    let write = bench.device.writeDMA(address: 0, data: [1], in: &bench.fabric)
    #expect(write == .notSent)
  }

  @Test func wayBackTakesTenMilliseconds() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.write(barAddress, [1, 2, 3, 4])
    try set(.d3hot, &bench)
    try set(.d0, &bench)
    let early = bench.read(barAddress, bytes: 4).statuses
    let configuration = bench.register(0)
    bench.fabric.run(until: bench.fabric.now + .milliseconds(10))
    let late = bench.read(barAddress, bytes: 4).data
    #expect(early == [.unsupportedRequest])
    #expect(bench.fabric.findings.first?.text.contains("10 ms") == true)
    #expect(configuration == 0x1234_abcd)
    // No_Soft_Reset: the state is kept.
    #expect(late == [1, 2, 3, 4])
    #expect(bench.device.resets.isEmpty)
  }

  @Test func withoutNoSoftResetTheWayBackIsAReset() throws {
    var bench = ProbeBench(
      try ProbeDevice { $0.powerManagement = PowerManagementCapability(keepsStateInD3hot: false) })
    try set(.d3hot, &bench)
    try set(.d0, &bench)
    let early = bench.configurationRead(0)?.header.completionStatus
    bench.fabric.run(until: bench.fabric.now + .milliseconds(10))
    let late = bench.configurationRead(0)?.header.completionStatus
    #expect(early == .requestRetry)
    #expect(late == .successful)
    #expect(bench.device.resets == [.functionLevel])
    #expect(bench.function.space.command.isEmpty)
  }

  @Test func stateThatTheFunctionLacksIsIgnored() throws {
    var bench = ProbeBench(try ProbeDevice())
    try set(.d1, &bench)
    #expect(bench.function.space.powerState == .d0)
    let statuses = bench.read(barAddress, bytes: 4).statuses
    #expect(statuses == [.successful])
  }
}

@Suite struct ConventionalResetTests {
  @Test(arguments: [LinkChange.hotReset, .disabled, .surpriseDown])
  func everythingButStickyBitsStartsAnew(change: LinkChange) throws {
    var bench = ProbeBench(try ProbeDevice { $0.msix = MSIXLayout(vectorCount: 2) })
    bench.write(0x8000_0000, [1, 2, 3, 4])
    bench.fabric.takeDown(link: bench.link, change)
    #expect(bench.function.id == FunctionAddress(rawValue: 0))
    #expect(bench.function.space.command.isEmpty)
    #expect(bench.function.space.maxPayloadBytes == 128)
    #expect(bench.function.aer.uncorrectable == 1 << 20)
    #expect(bench.device.resets == [.conventional])
    bench.fabric.bringUp(link: bench.link)
    bench.fabric.runUntilIdle()
    let id = bench.register(0)
    #expect(id == 0x1234_abcd)
    bench.setUp()
    let statuses = bench.read(barAddress, bytes: 4).statuses
    #expect(statuses == [.successful])
    #expect(bench.function.space.currentLinkSpeed == .gt8)
    #expect(bench.function.space.currentLinkWidth == 4)
  }

  @Test func outstandingReadsAreForgotten() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.host.answer = .silence
    let begun = bench.device.beginDMARead(address: 0, count: 4, in: &bench.fabric)
    let operation = try #require(begun)
    bench.fabric.run(until: bench.fabric.now + .microseconds(5))
    bench.fabric.takeDown(link: bench.link, .hotReset)
    #expect(bench.device.statusOfDMARead(operation) == .timeout)
    bench.fabric.runUntilIdle()
    #expect(!bench.violations.contains(.completionTimeout))
  }
}
