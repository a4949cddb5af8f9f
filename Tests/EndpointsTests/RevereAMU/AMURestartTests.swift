import LinkBroker
import PCIe
import RevereInterface
import Testing

@testable import Endpoints

/// Commands that are interrupted: by a restart, by rings that cannot take what comes of them, by traps.
@Suite struct AMURestartTests {
  /// Sends a command and lets the fabric run until the unit has asked for it.
  private func beginFetch(_ name: String, _ fields: [String: UInt64] = [:], on bench: AMUBench) {
    bench.drivers[0].send(bench.message(name, fields), in: &bench.fabric)
    bench.run { !bench.isFetchingCommand }
  }

  @Test func aCommandReadBeforeARestartIsNotDoneAfterIt() throws {
    let bench = try AMUBench()
    for _ in 0..<5 { bench.command("PF_PROBE") }
    beginFetch("PF_PROBE", on: bench)
    // The old read, of slot 5, ends behind the new doorbell, which is for slot 0.
    bench.drivers[0].write(AMULayout.control, 0, in: &bench.fabric)
    bench.drivers[0].start(control: 1, in: &bench.fabric)
    #expect(bench.command("F_PROBE") == "COMMAND_SUCCESSFUL")
    #expect(bench.errorState() == 0)
    #expect(bench.read(0x1400) == 1)
  }

  @Test func aProbeOfBeforeARestartSaysNothingOfALaterBuffer() throws {
    let bench = try AMUBench()
    bench.drivers[0].send(bench.message("F_GET_AMI_MAP", ["AMI_MAP_BASE": 0x10_0000]), in: &bench.fabric)
    bench.run { !bench.isProbing }
    bench.drivers[0].write(AMULayout.control, 0, in: &bench.fabric)
    bench.drivers[0].start(control: 1, in: &bench.fabric)
    #expect(bench.command("F_GET_AMI_MAP", ["AMI_MAP_BASE": 0x200]) == "AMI_MAP_RETRIEVED_SUCCESSFULLY")
    #expect(bench.errorState() == 0)
  }

  @Test func aCommandWhoseResponseCannotBeWrittenIsDoneOnce() throws {
    let bench = try AMUBench()
    beginFetch("PF_AMI_SW_MAP", ["PHY_AMI_SW_ID": 3, "AMI_SW_ID": 2], on: bench)
    bench.configure(bench.address, HeaderRegister.command, 2, 2)
    bench.run()
    #expect(bench.errorState() == 2)
    #expect(bench.read(0x1400) == 0)
    #expect(bench.unit.core.software[3].mapping.isMapped)
    bench.configure(bench.address, HeaderRegister.command, 2, 6)
    bench.write(AMULayout.status, 0)
    let response = try #require(bench.drivers[0].take(.responses, in: &bench.fabric))
    #expect(InterfaceField.status.value(in: response) == 0)
    #expect(bench.read(0x1400) == 1)
    #expect(bench.command("PF_PROBE") == "COMMAND_SUCCESSFUL")
  }

  // MARK: Traps

  /// Virtual functions that are trapped, each with a command under way.
  private func trapped(_ count: Int, slots: UInt64 = 6) throws -> AMUBench {
    let bench = try AMUBench(virtualFunctions: count)
    bench.write(0x88, slots)
    for number in 1...count {
      bench.command("PF_F_TRAP_CONFIGURE", ["F_OWNER": UInt64(number), "ENABLE": 1])
      bench.command("PF_F_ENABLE", ["F_OWNER": UInt64(number)])
      bench.drivers[number].send(bench.message("F_AMI_SW_ENABLE", [:]), in: &bench.fabric)
    }
    bench.run()
    return bench
  }

  private func answer(_ function: UInt64, opcode: UInt64 = 14) -> [String: UInt64] {
    ["F_TARGET": function, "RESP_OPCODE": opcode, "STATUS": 1]
  }

  @Test func deliveryOfATrappedAnswerIsToldAsItWas() throws {
    let bench = try trapped(1)
    // An error state of the virtual function's own is no sign of it.
    bench.write(0x1c00, 5, of: 1)
    #expect(bench.errorState(of: 1) == 2)
    #expect(bench.command("PF_F_TRAP_RESP", answer(1)) == "MESSAGE_DELIVERED_TO_VF")
    #expect(bench.drivers[1].has(.responses))
  }

  @Test func aTrappedAnswerThatCannotBeWrittenMayBeGivenAgain() throws {
    let bench = try trapped(1)
    bench.write(0x1c08, 5, of: 1)
    #expect(bench.errorState(of: 1) == 3)
    let base = bench.read(0x70, of: 1)
    bench.write(0x70, base + 4, of: 1)
    #expect(bench.command("PF_F_TRAP_RESP", answer(1)) == "MESSAGE_COULD_NOT_BE_DELIVERED")
    bench.write(0x70, base, of: 1)
    #expect(bench.command("PF_F_TRAP_RESP", answer(1)) == "MESSAGE_DELIVERED_TO_VF")
    #expect(bench.read(0x1400, of: 1) == 1)
  }

  @Test func anAnswerToAnotherCommandIsNotDelivered() throws {
    let bench = try trapped(1)
    #expect(bench.command("PF_F_TRAP_RESP", answer(1, opcode: 15)) == "MESSAGE_COULD_NOT_BE_DELIVERED")
    #expect(!bench.drivers[1].has(.responses))
    #expect(bench.command("PF_F_TRAP_RESP", answer(1)) == "MESSAGE_DELIVERED_TO_VF")
  }

  @Test func aTrapWaitsForRoomInTheExceptionRing() throws {
    let bench = try trapped(2, slots: 0)
    #expect(bench.read(0x1e08) == 1)
    #expect(bench.errorState() == 6)
    #expect(bench.exception()?.fields["F_SOURCE_ID"] == 1)
    bench.run()
    #expect(bench.read(0x1e08) == 2)
    bench.write(AMULayout.status, 0)
    for number in 1...2 {
      #expect(bench.command("PF_F_TRAP_RESP", answer(UInt64(number))) == "MESSAGE_DELIVERED_TO_VF")
    }
  }
}

extension AMUBench {
  var isFetchingCommand: Bool {
    if case .fetching = unit.core.management[0].stage { true } else { false }
  }

  var isProbing: Bool {
    if case .probing = unit.core.management[0].stage { true } else { false }
  }
}
