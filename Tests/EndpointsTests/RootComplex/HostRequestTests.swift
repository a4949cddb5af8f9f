import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

/// What the host's software asks for: registers, memory below, and what happens when nobody answers.
struct HostRequestTests {
  private func configurationRead(_ bench: RootComplexBench, _ bus: UInt8, _ device: UInt8) -> AccessResult {
    bench.root.configurationRead(
      of: FunctionAddress(bus: bus, device: device, function: 0), offset: 0, in: &bench.fabric)
  }

  @Test func bus0IsInside() {
    let bench = RootComplexBench(ports: 2)
    for device in UInt8(1)...2 {
      #expect(configurationRead(bench, 0, device).value == 0x0100_0001)
    }
    #expect(bench.fabric.counters(ofLink: bench.links[0], downstream: true).tlps == 0)
  }

  @Test(arguments: [(0, 3), (0, 0), (5, 0)])
  func nobodyThere(bus: UInt8, device: UInt8) {
    let bench = RootComplexBench(ports: 2)
    let result = configurationRead(bench, bus, device)
    #expect(result.status == .unsupportedRequest)
    #expect(result.value == .max)
    let status = bench.root.configurationWrite(
      to: FunctionAddress(bus: bus, device: device, function: 0), offset: 4, value: 0, in: &bench.fabric)
    #expect(status == .unsupportedRequest)
  }

  @Test func nextBusIsType0AndDeeperOnesType1() {
    let bench = RootComplexBench()
    bench.write(0, HeaderRegister.primaryBus, 1 << 8 | 9 << 16)
    bench.devices[0].answersConfiguration = false
    for bus in [UInt8(1), 2, 9] {
      _ = bench.root.beginConfigurationRead(
        of: FunctionAddress(bus: bus, device: 0, function: 0), offset: 0, size: 4, in: &bench.fabric)
    }
    bench.fabric.run(until: bench.fabric.now + .milliseconds(1))
    let kinds = bench.devices[0].arrivals.map(\.header.kind)
    #expect(kinds == [.configurationRead0, .configurationRead1, .configurationRead1])
    #expect(bench.devices[0].arrivals.map(\.header.destinationID.bus) == [1, 2, 9])
  }

  @Test func partsOfARegisterOfARootPort() {
    let bench = RootComplexBench()
    let port = RootComplexBench.portID(0)
    bench.root.configurationWrite(
      to: port, offset: HeaderRegister.subordinateBus, size: 1, value: 7, in: &bench.fabric)
    let whole = bench.root.configurationRead(
      of: port, offset: HeaderRegister.primaryBus, in: &bench.fabric)
    let half = bench.root.configurationRead(
      of: port, offset: HeaderRegister.secondaryBus + 1, size: 1, in: &bench.fabric)
    #expect(whole.value == 0x0007_0100)
    #expect(half.data == [7])
  }

  @Test(arguments: [0x8fff_ffff, 0x9020_0000, 0x1_9000_0000] as [UInt64])
  func addressOfNobody(address: UInt64) {
    let bench = RootComplexBench(ports: 2)
    #expect(bench.root.read(address: address, count: 1, in: &bench.fabric).status == .unsupportedRequest)
    #expect(bench.root.write(address: address, data: [1], in: &bench.fabric) == .unsupportedRequest)
    #expect(bench.violations == [.unsupportedRequest, .unsupportedRequest])
    #expect(bench.devices.allSatisfy { $0.arrivals.isEmpty })
  }

  @Test func ownMemoryNeedsNoTLP() {
    let bench = RootComplexBench()
    #expect(bench.root.write(address: 0xfffe, data: [1, 2], in: &bench.fabric) == .successful)
    #expect(bench.root.read(address: 0xfffe, count: 2, in: &bench.fabric).data == [1, 2])
    #expect(bench.devices[0].arrivals.isEmpty)
  }

  @Test func silenceEndsAsATimeoutAtThePort() {
    let bench = RootComplexBench()
    let result = bench.root.read(address: RootComplexBench.memory(0), count: 4, in: &bench.fabric)
    #expect(result.status == .timeout)
    #expect(bench.violations == [.completionTimeout])
    #expect(bench.space(0).shows(.completionTimeout))
    #expect(bench.root.core.requester.timeoutCount == 1)
  }

  @Test(arguments: [(CompletionStatus.unsupportedRequest, 13), (.completerAbort, 12)])
  func errorsShowInSecondaryStatus(status: CompletionStatus, bit: Int) throws {
    let bench = RootComplexBench()
    let operation = bench.root.beginRead(
      address: RootComplexBench.memory(0), count: 4, in: &bench.fabric)
    bench.fabric.run(until: bench.fabric.now + .microseconds(10))
    let request = try #require(bench.devices[0].arrivals.first).header
    bench.send(.completion(of: request, status: status, completer: RootComplexBench.deviceID(0)))
    #expect(bench.root.status(of: operation) == RequestStatus(status))
    #expect(bench.space(0).secondaryStatus.rawValue == 1 << UInt16(bit))
    #expect(bench.violations.isEmpty)
  }

  @Test func completionOfNobodyIsUnexpected() {
    let bench = RootComplexBench()
    let request = TLPHeader.memoryRead(
      address: 0, bytes: 4, requester: FunctionAddress(rawValue: 0), tag: 9)
    bench.send(.completion(of: request, status: .successful, completer: RootComplexBench.deviceID(0)))
    var foreign = request
    foreign.requesterID = FunctionAddress(bus: 7, device: 0, function: 0)
    bench.send(.completion(of: foreign, status: .successful, completer: RootComplexBench.deviceID(0)))
    #expect(bench.violations == [.unexpectedCompletion, .unexpectedCompletion])
    #expect(bench.space(0).shows(.unexpectedCompletion))
  }

  @Test func peersReachEachOtherThroughTheRootComplex() throws {
    let bench = RootComplexBench(ports: 2)
    let request = TLPHeader.memoryRead(
      address: RootComplexBench.memory(1), bytes: 4, requester: RootComplexBench.deviceID(0), tag: 2)
    bench.send(request)
    #expect(bench.devices[1].arrivals.map(\.header) == [request])
    let answer = TLPHeader.completionWithData(
      of: request, completer: RootComplexBench.deviceID(1), address: request.address, bytes: 4,
      remainingBytes: 4)
    bench.send(answer, [1, 2, 3, 4], from: 1)
    #expect(bench.devices[0].arrivals.map(\.header) == [answer])
    // Its own window leads a port's requests nowhere.
    bench.send(
      .memoryRead(
        address: RootComplexBench.memory(0), bytes: 4, requester: RootComplexBench.deviceID(0), tag: 3))
    #expect(bench.devices[0].arrivals.last?.header.completionStatus == .unsupportedRequest)
  }

  /// - Source: PCI Express Base 5.0, 2.9.1: requests for a link that is down end as unsupported requests.
  @Test func linkDown() {
    let bench = RootComplexBench(ports: 2)
    let waiting = bench.root.beginRead(
      address: RootComplexBench.memory(0), count: 1024, in: &bench.fabric)
    bench.fabric.run(until: bench.fabric.now + .microseconds(10))
    bench.fabric.takeDown(link: bench.links[0], .disabled)
    let late = bench.root.read(address: RootComplexBench.memory(0), count: 4, in: &bench.fabric)
    #expect(late.status == .unsupportedRequest)
    #expect(bench.root.status(of: waiting) == .unsupportedRequest)
    #expect(configurationRead(bench, 1, 0).status == .unsupportedRequest)
    #expect(bench.root.core.requester.timeoutCount == 0)
    #expect(configurationRead(bench, 2, 0).status == .successful)
    #expect(bench.violations.isEmpty)
  }

  @Test func surpriseDownIsReportedByThePort() {
    let bench = RootComplexBench(ports: 2)
    bench.fabric.takeDown(link: bench.links[1], .surpriseDown)
    bench.fabric.runUntilIdle()
    #expect(bench.violations == [.surpriseDown])
    #expect(bench.space(1).shows(.surpriseDown))
    #expect(!bench.space(0).shows(.surpriseDown))
  }
}
