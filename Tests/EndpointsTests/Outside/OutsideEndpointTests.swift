import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

private let bar0: UInt64 = 0x9000_0000
private let bar2: UInt64 = 0x9020_0000

/// A function with BAR0 for the program, and a BAR2 that holds the MSI-X table behind a page of the program's.
private func device() throws -> OutsideEndpoint {
  let header = HeaderLayout(
    vendorID: 0x1234, deviceID: 0x5678, classCode: 0x12_0000,
    bars: [
      BarLayout(index: 0, bytes: 4096, kind: .memory32(prefetchable: false)),
      BarLayout(index: 2, bytes: 8192, kind: .memory32(prefetchable: false)),
    ])
  var configuration = FunctionConfiguration(header: header)
  configuration.msix = MSIXLayout(
    vectorCount: 2, placement: .inside(tableBar: 2, tableOffset: 2048, pendingBar: 2, pendingOffset: 3072))
  return try OutsideEndpoint(configuration)
}

extension DeviceBench<OutsideEndpoint> {
  /// Takes the oldest TLP that waits for the program.
  fileprivate mutating func take() -> TLPHeader? {
    guard let first = device.outbox.first else { return nil }
    device.outbox.removeFirst(in: &fabric)
    return first.header
  }
}

@Suite struct OutsideEndpointTests {
  @Test func barRequestsGoToTheProgramAndItsAnswersComeBack() throws {
    var bench = DeviceBench(try device())
    bench.write(bar0 + 0x10, [1, 2, 3, 4])
    let write = bench.take()
    #expect(write?.kind == .memoryWrite)
    #expect(write?.address == bar0 + 0x10)
    let silence = bench.read(bar0 + 0x20, bytes: 4)
    #expect(silence.isEmpty)
    let taken = bench.take()
    let request = try #require(taken)
    // The program need not know its number: the function puts it in.
    let header = TLPHeader.completionWithWord(of: request, completer: FunctionAddress(rawValue: 0xffff))
    let payload = bench.fabric.payloads.take(bytes: 4)
    bench.fabric.payloads.setWord(payload, to: 0xcafe)
    let refusal = bench.device.submit(FabricTLP(header: header, payload: payload), in: &bench.fabric)
    #expect(refusal == nil)
    bench.fabric.runUntilIdle()
    let answer = try #require(bench.host.arrivals.last)
    #expect(answer.header.completerID == bench.function.id)
    #expect(answer.payload == [0xfe, 0xca, 0, 0])
    #expect(bench.violations.isEmpty)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func configurationAndTheInterruptTableAreServedForTheProgram() throws {
    var bench = DeviceBench(try device())
    let id = bench.register(0)
    #expect(id == 0x5678_1234)
    bench.writeWord(bar2 + 2048, 0xfee0_0000)
    let address = bench.readWord(bar2 + 2048)
    #expect(address == 0xfee0_0000)
    #expect(bench.device.outbox.count == 0)
    bench.writeWord(bar2 + 8, 7)
    let own = bench.take()
    #expect(own?.address == bar2 + 8)
  }

  @Test func requestAcrossTheEdgeOfTheInterruptTableIsAborted() throws {
    var bench = DeviceBench(try device())
    let statuses = bench.read(bar2 + 2044, bytes: 8).statuses
    #expect(statuses == [.completerAbort])
    #expect(bench.device.outbox.count == 0)
  }

  @Test func whatIsNotForTheProgramDoesNotReachIt() throws {
    var bench = DeviceBench(try device())
    let statuses = bench.read(0xa000_0000, bytes: 4).statuses
    #expect(statuses == [.unsupportedRequest])
    var poisoned = TLPHeader.memoryWrite(address: bar0, bytes: 4, requester: FunctionAddress(rawValue: 0))
    poisoned.isPoisoned = true
    bench.exchange(poisoned, [1, 2, 3, 4])
    var foreign = TLPHeader.memoryRead(
      address: 0, bytes: 4, requester: FunctionAddress(bus: 9, device: 0, function: 0), tag: 3)
    foreign = .completionWithWord(of: foreign, completer: FunctionAddress(rawValue: 0))
    bench.exchange(foreign, [0, 0, 0, 0])
    #expect(bench.violations == [.unsupportedRequest, .poisonedTLP, .unexpectedCompletion])
    #expect(bench.device.outbox.count == 0)
  }

  @Test func requestsOfTheProgramCarryTheFunctionsIDAndNeedBusMastering() throws {
    var bench = DeviceBench(try device())
    let request = TLPHeader.memoryRead(
      address: 0x1000, bytes: 64, requester: FunctionAddress(rawValue: 0xffff), tag: 9)
    bench.host.memory[0x1000] = 0x5a
    let sent = bench.device.submit(FabricTLP(header: request), in: &bench.fabric)
    #expect(sent == nil)
    bench.fabric.runUntilIdle()
    #expect(bench.host.arrivals.last?.header.requesterID == bench.function.id)
    let first = try #require(bench.device.outbox.first)
    #expect(bench.fabric.payloads.byte(first.payload, at: 0) == 0x5a)
    let completion = bench.take()
    #expect(completion?.tag == 9)
    bench.configurationWrite(HeaderRegister.command, 0x0002)
    let refused = bench.device.submit(FabricTLP(header: request), in: &bench.fabric)
    #expect(refused == .mayNotRequest)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func programThatDoesNotReadHoldsBackTheSender() throws {
    var bench = DeviceBench(try device())
    for index in 0..<200 {
      bench.send(
        .memoryWrite(address: bar0 + UInt64(index * 4), bytes: 4, requester: FunctionAddress(rawValue: 0)),
        [0, 0, 0, 0])
    }
    bench.fabric.runUntilIdle()
    let kept = bench.device.outbox.count
    #expect(kept > 0 && kept < 200)
    var taken = 0
    while bench.take() != nil {
      taken += 1
      bench.fabric.runUntilIdle()
    }
    #expect(taken == 200)
    #expect(bench.violations.isEmpty)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func settingsComeBehindTheWritesThatCameBefore() throws {
    var bench = DeviceBench(try device())
    _ = bench.device.outbox.takeNews()
    bench.write(bar0, [1, 2, 3, 4])
    bench.configurationWrite(4, 0)
    bench.configurationWrite(4, 6)
    #expect(bench.device.outbox.hasNews)
    #expect(bench.device.outbox.firstNews == nil)
    #expect(bench.take() != nil)
    guard case .configurationWritten(let off)? = bench.device.outbox.firstNews else {
      Issue.record("no news behind the write")
      return
    }
    #expect(off.barAddresses[0] == nil)
    bench.device.outbox.removeFirstNews()
    guard case .configurationWritten(let on)? = bench.device.outbox.firstNews else {
      Issue.record("no second news")
      return
    }
    #expect(on.barAddresses[0] == bar0)
  }

  @Test func resetForgetsWhatWaitsAndIsTold() throws {
    var bench = DeviceBench(try device())
    _ = bench.device.outbox.takeNews()
    bench.write(bar0, [1, 2, 3, 4])
    let place = try #require(bench.function.space.places.express)
    bench.configurationWrite(place + 8, 0x8000)
    let news = bench.device.outbox.takeNews()
    #expect(news == [.functionLevelReset, .configurationWritten(bench.device.settings(in: bench.fabric))])
    #expect(bench.device.outbox.count == 0)
    #expect(bench.fabric.payloads.used == 0)
  }

  private static let request = TLPHeader.memoryRead(
    address: 0x1000, bytes: 4, requester: FunctionAddress(rawValue: 0), tag: 9)

  /// A device that has sent a read that nobody answers.
  private func waiting() throws -> DeviceBench<OutsideEndpoint> {
    var bench = DeviceBench(try device())
    bench.host.answer = .silence
    _ = bench.device.outbox.takeNews()
    _ = bench.device.submit(FabricTLP(header: Self.request), in: &bench.fabric)
    return bench
  }

  private func answer(_ bench: inout DeviceBench<OutsideEndpoint>) {
    var request = Self.request
    request.requesterID = bench.function.id
    bench.exchange(.completionWithWord(of: request, completer: FunctionAddress(rawValue: 0)), [1, 2, 3, 4])
  }

  @Test func aRequestWithoutACompletionIsRecordedAndALateOneIsForNobody() throws {
    var bench = try waiting()
    bench.fabric.run(until: bench.fabric.now + .milliseconds(49))
    #expect(bench.violations == [])
    bench.fabric.runUntilIdle()
    #expect(bench.violations == [.completionTimeout])
    #expect(bench.function.space.recordedErrors.contains(.completionTimeout))
    answer(&bench)
    #expect(bench.violations == [.completionTimeout, .unexpectedCompletion])
    #expect(bench.device.outbox.count == 0)
    // The tag is free again.
    let sent = bench.device.submit(FabricTLP(header: Self.request), in: &bench.fabric)
    #expect(sent == nil)
    answer(&bench)
    #expect(bench.take()?.tag == 9)
    bench.fabric.runUntilIdle()
    #expect(bench.violations == [.completionTimeout, .unexpectedCompletion])
  }

  @Test func aSecondCompletionIsForNobody() throws {
    var bench = try waiting()
    answer(&bench)
    answer(&bench)
    #expect(bench.device.outbox.count == 1)
    #expect(bench.violations == [.unexpectedCompletion])
  }

  @Test func aResetForgetsWhatTheProgramWaitsFor() throws {
    var bench = try waiting()
    let place = try #require(bench.function.space.places.express)
    bench.configurationWrite(place + 8, 0x8000)
    answer(&bench)
    #expect(bench.device.outbox.count == 0)
    #expect(bench.violations == [.unexpectedCompletion])
  }

  @Test func theProgramLearnsHowManyMSIVectorsItMayUse() throws {
    var configuration = FunctionConfiguration(
      header: HeaderLayout(
        vendorID: 0x1234, deviceID: 0x5678, classCode: 0x12_0000,
        bars: [BarLayout(index: 0, bytes: 4096, kind: .memory32(prefetchable: false))]))
    configuration.msi = MSICapability(vectorCount: 8)
    var bench = DeviceBench(try OutsideEndpoint(configuration))
    let place = try #require(bench.function.space.places.msi)
    #expect(bench.device.settings(in: bench.fabric).msiVectors == 0)
    // Multiple Message Enable 2 is four vectors; bit 0 is MSI Enable.
    bench.configurationWrite(place + 2, 2 << 4, bytes: 2)
    #expect(bench.device.settings(in: bench.fabric).msiVectors == 0)
    bench.configurationWrite(place + 2, 2 << 4 | 1, bytes: 2)
    #expect(bench.device.settings(in: bench.fabric).msiVectors == 4)
  }
}
