import LinkBroker
import PCIe
import Testing

@testable import Endpoints

@Suite struct MessageTests {
  @Test(arguments: [
    MessageCode.unlock, .powerManagementActiveStateNak, .vendorDefinedType1, .attentionIndicatorOff,
    .powerIndicatorBlink, .attentionButtonPressed,
  ])
  func acceptedInSilence(code: MessageCode) throws {
    var bench = ProbeBench(try ProbeDevice())
    let answers = bench.exchange(.message(code, requester: ProbeBench.hostID))
    #expect(answers.isEmpty)
    #expect(bench.violations.isEmpty)
  }

  @Test(arguments: [
    MessageCode.vendorDefinedType0, .precisionTimeResponse, .optimizedBufferFlushFill, .correctableError,
    .powerManagementEvent, .latencyToleranceReporting,
  ])
  func unknownToAnEndpointIsUnsupported(code: MessageCode) throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.exchange(.message(code, requester: ProbeBench.hostID))
    #expect(bench.violations == [.unsupportedRequest])
    // A message is posted, so the case is no advisory one.
    #expect(bench.function.space.deviceStatus == [.nonFatalError, .unsupportedRequest])
  }

  @Test func undefinedCodeIsUnsupported() throws {
    var bench = ProbeBench(try ProbeDevice())
    var header = TLPHeader.message(.unlock, routing: .local, requester: ProbeBench.hostID)
    header.messageCodeByte = 0x66
    bench.exchange(header)
    #expect(bench.violations == [.unsupportedRequest])
    #expect(bench.fabric.findings.first?.text.contains("0x66") == true)
  }

  @Test func interruptMessageFromAboveIsMalformed() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.exchange(.message(.assertINTA, requester: ProbeBench.hostID))
    #expect(bench.violations == [.malformedTLP])
  }

  @Test func turnOffIsAcknowledged() throws {
    var bench = ProbeBench(try ProbeDevice())
    let answers = bench.exchange(.message(.powerManagementTurnOff, requester: ProbeBench.hostID))
    #expect(answers.messages == [MessageCode.powerManagementTurnOffAck.rawValue])
    #expect(answers.first?.header.messageRouting == .gatheredToRootComplex)
  }

  @Test func slotPowerIsCaptured() throws {
    var bench = ProbeBench(try ProbeDevice())
    let place = try #require(bench.function.space.places.express)
    let message = TLPHeader.message(.setSlotPowerLimit, requester: ProbeBench.hostID, lengthDW: 1)
    bench.exchange(message, [75, 1, 0, 0])
    let captured = bench.register(place + 4)
    let capabilities = try #require(captured)
    #expect(capabilities >> 18 & 0xff == 75)
    #expect(capabilities >> 26 & 3 == 1)
    var poisoned = message
    poisoned.isPoisoned = true
    bench.exchange(poisoned, [10, 0, 0, 0])
    let after = bench.register(place + 4)
    #expect(after == capabilities)
    #expect(bench.violations == [.poisonedTLP])
  }
}
