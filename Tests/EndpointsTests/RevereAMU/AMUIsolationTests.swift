import LinkBroker
import PCIe
import Testing

@testable import Endpoints

/// Contexts that go from one function to another, and functions that are disabled with traffic under way.
@Suite struct AMUIsolationTests {
  /// Two virtual functions; the first has context 0 and hardware context 0, joined by two sessions.
  private func bench(_ agent: any AcceleratorAgent = InvertAgent()) throws -> AMUBench {
    let bench = try AMUBench(virtualFunctions: 2) { $0.agents = [agent] }
    for number in 1...2 { bench.command("PF_F_ENABLE", ["F_OWNER": UInt64(number)]) }
    bench.openSoftware(0, function: 1)
    bench.openHardware(0, function: 1)
    bench.connect(0, .software(0), .hardware(0))
    bench.connect(1, .hardware(0), .software(0))
    return bench
  }

  private func requests(_ bench: AMUBench, of function: Int) -> UInt64 {
    bench.unit.virtualFunction(function)?.requester.requestCount ?? 0
  }

  @Test func anotherFunctionHasNothingOfAJobUnderWay() throws {
    let bench = try bench(CopyAgent())
    var message = [UInt8](repeating: 0, count: 64)
    message.storeLE(UInt64(0x80_0000), at: 8)
    message.storeLE(UInt64(0x100_0000), at: 16)
    message.storeLE(UInt32(200_000), at: 24)
    bench.root.setMemory([UInt8](repeating: 7, count: 200_000), at: 0x80_0000)
    bench.send([message, message], function: 1, runs: false)
    bench.run { bench.unit.core.hardware[0].phase != .reading }
    bench.command("PF_AMI_HW_UNMAP")
    bench.run()
    let before = requests(bench, of: 2)
    bench.command("PF_AMI_HW_MAP", ["F_OWNER": 2])
    bench.run()
    #expect(requests(bench, of: 2) == before)
    #expect(bench.unit.core.hardware[0].phase == .idle)
    #expect(bench.unit.core.hardware[0].pending == 0)
    #expect(!bench.unit.core.hardware[0].isEnabled)
    #expect(bench.root.core.memory.bytes[0x100_0000 + 199_999] == 0)
  }

  @Test func theSameFunctionGoesOnWithIts() throws {
    let bench = try bench(CopyAgent())
    var message = [UInt8](repeating: 0, count: 64)
    message.storeLE(UInt64(0x80_0000), at: 8)
    message.storeLE(UInt64(0x100_0000), at: 16)
    message.storeLE(UInt32(200_000), at: 24)
    bench.root.setMemory([UInt8](repeating: 7, count: 200_000), at: 0x80_0000)
    bench.send([message], function: 1, runs: false)
    bench.run { bench.unit.core.hardware[0].phase != .reading }
    bench.command("PF_AMI_HW_UNMAP")
    bench.run()
    #expect(bench.root.core.memory.bytes[0x100_0000 + 199_999] == 0)
    bench.command("PF_AMI_HW_MAP", ["F_OWNER": 1])
    bench.run()
    #expect(bench.root.core.memory.bytes[0x100_0000 + 199_999] == 7)
  }

  @Test func anotherFunctionHasNothingOfRings() throws {
    let bench = try bench()
    bench.command("F_AMI_HW_DISABLE", ["AMI_HW_ID": 0], by: 1)
    bench.send(bench.messages(20), function: 1)
    bench.command("PF_AMI_SW_UNMAP")
    bench.command("PF_AMI_SW_MAP", ["AMI_SW_ID": 4, "F_OWNER": 2])
    bench.command("F_AMI_HW_ENABLE", ["AMI_HW_ID": 0], by: 1)
    let before = requests(bench, of: 2)
    bench.run()
    #expect(requests(bench, of: 2) == before)
    #expect(!bench.unit.core.software[0].isEnabled)
    #expect(bench.unit.core.sockets[0].transmit.waiting == 20)
  }

  @Test func aDisabledFunctionStandsStill() throws {
    let bench = try AMUBench(virtualFunctions: 1)
    bench.command("PF_F_ENABLE", ["F_OWNER": 1])
    bench.openSoftware(0)
    bench.openSoftware(1)
    bench.openHardware(0, function: 1)
    bench.connect(0, .software(0), .hardware(0))
    bench.connect(1, .hardware(0), .software(1))
    bench.command("F_AMI_SW_DISABLE", ["AMI_SW_ID": 1])
    let sent = bench.messages(40)
    bench.send(sent)
    bench.command("PF_F_DISABLE", ["F_OWNER": 1])
    // Its answers are ready, and whom they are for is so too.
    bench.command("F_AMI_SW_ENABLE", ["AMI_SW_ID": 1])
    #expect(bench.receive(number: 1).isEmpty)
    bench.command("PF_F_ENABLE", ["F_OWNER": 1])
    #expect(bench.receive(number: 1) == sent.inverted)
  }

  @Test func whatADisabledFunctionReadsComesToNothing() throws {
    let bench = try bench()
    let sent = bench.messages(250)
    bench.send(sent, function: 1, runs: false)
    let disable: [String: UInt64] = ["F_OWNER": 1]
    bench.drivers[0].send(bench.message("PF_F_DISABLE", disable), in: &bench.fabric)
    bench.run { bench.unit.core.management[1].isFunctionEnabled }
    let ring = bench.unit.core.sockets[0].transmit
    let put = bench.unit.core.sockets[0].receive.write
    #expect(ring.read < 250)
    #expect(bench.unit.core.arbiter.fetches == 0)
    bench.run()
    #expect(bench.unit.core.sockets[0].transmit.read == ring.read)
    #expect(bench.unit.core.sockets[0].receive.write == put)
    _ = bench.drivers[0].take(.responses, in: &bench.fabric)
    bench.command("PF_F_ENABLE", ["F_OWNER": 1])
    bench.drivers[1].start(control: 0, in: &bench.fabric)
    #expect(bench.receive(function: 1) == sent.inverted)
  }

  @Test func aContextThatIsMappedEnabledIsCheckedThen() throws {
    let bench = try AMUBench()
    bench.openHardware(0)
    bench.connect(0, .software(0), .hardware(0))
    bench.command("PF_AMI_SW_MAP")
    bench.write(AMULayout.page(ofContext: 0) + AMULayout.transmitWrite, 3)
    bench.command("PF_AMI_SW_UNMAP")
    bench.command("PF_AMI_SW_CONFIGURE", ["ENABLE": 1])
    bench.command("PF_AMI_SW_MAP")
    #expect(bench.exception()?.name == "E_F_AMI_RING_FAULT")
    #expect(bench.unit.core.sockets[0].transmit.read == 0)
  }

  @Test func anAnswerHasTheLengthOfItsSession() throws {
    let bench = try AMUBench()
    bench.openSoftware(0, sockets: 0..<2)
    bench.openHardware(0)
    bench.connect(0, .software(0), .hardware(0), ["LOG2_MSG_LENGTH": 4])
    bench.connect(1, .hardware(0), .software(0))
    bench.connect(2, .software(0, 1), .hardware(0, 1))
    bench.connect(3, .hardware(0, 1), .software(0, 1), ["LOG2_MSG_LENGTH": 4])
    let (long, short) = (bench.messages(2, bytes: 128), bench.messages(2))
    bench.send(long)
    bench.send(short, socket: 1)
    #expect(bench.receive() == long.map { Array($0[..<64]) }.inverted)
    let zeros = [UInt8](repeating: 0, count: 64)
    #expect(bench.receive(socket: 1, bytes: 128) == short.inverted.map { $0 + zeros })
  }
}
