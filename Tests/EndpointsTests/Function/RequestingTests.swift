import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

@Suite struct RequestingTests {
  private func read(
    _ bench: inout ProbeBench, address: UInt64 = 0x100, count: Int = 64
  ) throws -> (RequestStatus?, [UInt8]) {
    let begun = bench.device.beginDMARead(address: address, count: count, in: &bench.fabric)
    let operation = try #require(begun)
    bench.fabric.runUntilIdle()
    let status = bench.device.statusOfDMARead(operation)
    return (status, bench.device.endDMARead(operation))
  }

  @Test func bytesAreReadAndWritten() throws {
    var bench = ProbeBench(try ProbeDevice())
    let sent = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 13) }
    let written = bench.device.writeDMA(address: 0xffd, data: sent, in: &bench.fabric)
    bench.fabric.runUntilIdle()
    let (status, seen) = try read(&bench, address: 0xffd, count: 4096)
    #expect(written == .successful)
    #expect(status == .successful)
    #expect(seen == sent)
    #expect(bench.device.ended.count == 1)
    #expect(bench.violations.isEmpty)
  }

  @Test func requestsCarryTheCapturedID() throws {
    var bench = ProbeBench(try ProbeDevice())
    _ = try read(&bench)
    #expect(bench.host.arrivals.first?.header.requesterID == ProbeBench.deviceID)
  }

  @Test func sizesFollowDeviceControl() throws {
    var bench = ProbeBench(try ProbeDevice())
    let place = try #require(bench.function.space.places.express)
    bench.configurationWrite(place + 8, 0x0810)
    bench.host.arrivals.removeAll()
    _ = try read(&bench, address: 0, count: 512)
    _ = bench.device.writeDMA(address: 0, data: [UInt8](repeating: 1, count: 256), in: &bench.fabric)
    bench.fabric.runUntilIdle()
    #expect(bench.host.arrivals.map(\.header.lengthDW) == [32, 32, 32, 32, 32, 32])
  }

  @Test func tagsFollowExtendedTagEnable() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.host.answer = .silence
    let place = try #require(bench.function.space.places.express)
    #expect(bench.function.requester.outstandingCount == 0)
    bench.configurationWrite(place + 8, 0x0110)
    for _ in 0..<40 { _ = bench.device.beginDMARead(address: 0, count: 4, in: &bench.fabric) }
    #expect(bench.function.requester.outstandingCount == 40)
    bench.fabric.runUntilIdle()
    bench.configurationWrite(place + 8, 0x0010)
    for _ in 0..<40 { _ = bench.device.beginDMARead(address: 0, count: 4, in: &bench.fabric) }
    #expect(bench.function.requester.outstandingCount == 32)
  }

  @Test func nothingIsSentWithoutBusMasterEnable() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.configurationWrite(HeaderRegister.command, 0x2, bytes: 2)
    bench.host.arrivals.removeAll()
    let (status, _) = try read(&bench)
    let written = bench.device.writeDMA(address: 0, data: [1], in: &bench.fabric)
    bench.fabric.runUntilIdle()
    #expect(status == .notSent)
    #expect(written == .notSent)
    #expect(bench.host.arrivals.isEmpty)
  }

  @Test func refusalsLeaveTheirTraceInStatus() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.host.answer = .status(.unsupportedRequest)
    let (first, _) = try read(&bench)
    #expect(first == .unsupportedRequest)
    #expect(bench.function.space.status.contains(.receivedUnsupportedRequest))
    bench.host.answer = .status(.completerAbort)
    let (second, _) = try read(&bench)
    #expect(second == .completerAbort)
    #expect(bench.function.space.status.contains(.receivedTargetAbort))
    // The completer reports these, not the requester.
    #expect(bench.violations.isEmpty)
  }

  @Test func poisonedDataIsNotUsed() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.writeAER(ProbeBench.AER.correctableMask, 0)
    bench.configurationWrite(HeaderRegister.command, 0x47, bytes: 2)
    bench.host.memory.replaceSubrange(0x100..<0x140, with: [UInt8](repeating: 0xbb, count: 64))
    bench.host.answer = .poisoned
    let (status, data) = try read(&bench)
    #expect(status == .poisoned)
    #expect(data == [UInt8](repeating: 0, count: 64))
    #expect(bench.violations == [.poisonedTLP])
    #expect(bench.function.aer.uncorrectable == 1 << 12)
    #expect(bench.function.aer.correctable == 1 << 13)
    #expect(bench.function.space.status.isSuperset(of: [.detectedParityError, .dataParityError]))
  }

  @Test func dataParityErrorNeedsParityErrorResponse() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.host.answer = .poisoned
    _ = try read(&bench)
    #expect(bench.function.space.status.contains(.detectedParityError))
    #expect(!bench.function.space.status.contains(.dataParityError))
  }

  @Test func silenceEndsInACompletionTimeout() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.enableMessages(0b0010)
    bench.host.answer = .silence
    let start = bench.fabric.now
    let (status, _) = try read(&bench)
    #expect(status == .timeout)
    #expect(bench.fabric.now - start >= .milliseconds(50))
    #expect(bench.violations == [.completionTimeout])
    #expect(bench.function.aer.uncorrectable == 1 << 14)
    #expect(bench.function.aer.first == 14)
    #expect(bench.host.arrivals.messages == [MessageCode.nonFatalError.rawValue])
    #expect(bench.device.ended.count == 1)
  }

  @Test func completionTimeoutFollowsDeviceControl2() throws {
    var bench = ProbeBench(try ProbeDevice())
    let place = try #require(bench.function.space.places.express)
    let due: [(code: UInt32, time: VirtualDuration)] = [
      (0, .milliseconds(50)), (1, .microseconds(100)), (2, .milliseconds(10)), (6, .milliseconds(210)),
      (0xe, .seconds(64)), (0x10, VirtualDuration(picoseconds: .max)),
    ]
    for (code, time) in due {
      bench.configurationWrite(place + 0x28, code, bytes: 2)
      #expect(bench.function.requester.limits.completionTimeout == time)
    }
  }

  @Test func aProgramIsWaitedForLongerThanHardware() throws {
    let device = try ProbeDevice()
    device.function.setLeastCompletionTimeout(.seconds(5))
    var bench = ProbeBench(device)
    let place = try #require(bench.function.space.places.express)
    #expect(bench.function.requester.limits.completionTimeout == .seconds(5))
    bench.configurationWrite(place + 0x28, 1, bytes: 2)
    #expect(bench.function.requester.limits.completionTimeout == .seconds(5))
    bench.configurationWrite(place + 0x28, 0xe, bytes: 2)
    #expect(bench.function.requester.limits.completionTimeout == .seconds(64))
  }

  @Test(arguments: [ScriptedHost.Answer.wrongTag, .wrongRequester])
  func strayCompletionsAreUnexpected(answer: ScriptedHost.Answer) throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.host.answer = answer
    let (status, _) = try read(&bench)
    #expect(status == .timeout)
    #expect(bench.violations.contains(.unexpectedCompletion))
    #expect(bench.violations.contains(.completionTimeout))
  }

  @Test func retryOfAMemoryReadIsMalformed() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.host.answer = .status(.requestRetry)
    let (status, _) = try read(&bench)
    #expect(status == .requestRetry)
    #expect(bench.violations == [.malformedTLP])
    #expect(bench.function.aer.uncorrectable == 1 << 18)
  }
}
