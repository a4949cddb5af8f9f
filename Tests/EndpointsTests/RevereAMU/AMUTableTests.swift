import LinkBroker
import PCIe
import RevereInterface
import Testing

@testable import Endpoints

/// A unit of type B, whose rings tables in host memory describe.
@Suite struct AMUTableTests {
  private static let table = 0x70_0000

  private func bench(virtualFunctions: Int = 0, starts: Bool = true) throws -> AMUBench {
    try AMUBench(virtualFunctions: virtualFunctions, starts: starts) { $0.socketType = .tables }
  }

  /// Writes the table of a context with rings at the places where the bench has them.
  private func describe(
    _ bench: AMUBench, _ context: Int = 0, sockets: Range<Int> = 0..<1, log2Size: Int = 8
  ) {
    for socket in sockets {
      for type in 0..<2 {
        let ring = RingDescription(base: bench.ringBase(context, socket, type), log2Size: log2Size)
        bench.root.setMemory(ring.bytes, at: Self.table + context * 4096 + (type * 64 + socket) * 32)
      }
    }
  }

  private func page(_ context: Int = 0) -> UInt64 { UInt64(Self.table + context * 4096) >> 12 }

  @Test func ringsStandWhereTablesSay() throws {
    let bench = try bench()
    #expect(bench.read(AMULayout.identification) >> 12 & 31 == 2)
    #expect(bench.command("PF_PROBE") == "COMMAND_SUCCESSFUL")
    // What the command says of rings gives way to the table.
    describe(bench, sockets: 0..<64)
    bench.openSoftware(
      0, log2Size: 2, fields: ["TYPEB_TBL_BASE": page()], ringFields: ["RING_BASE": 0x4000_0000])
    bench.openHardware(0)
    bench.connect(0, .software(0, 63), .hardware(0))
    bench.connect(1, .hardware(0), .software(0, 63))
    for round in 0..<3 {
      let sent = bench.messages(200, seed: UInt64(round))
      bench.send(sent, socket: 63)
      #expect(bench.receive(socket: 63) == sent.inverted)
    }
    #expect(bench.violations.isEmpty)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func theRegistersOfRingsGiveWayToTheAddressOfTheTable() throws {
    let bench = try bench(starts: false)
    bench.write(AMULayout.socketBase, .max)
    #expect(bench.read(AMULayout.socketBase) == UInt64.max - 31)
    for offset in stride(from: 0x68, to: 0xa0, by: 8) {
      bench.write(offset, .max)
      #expect(bench.read(offset) == 0)
    }
  }

  @Test func aSocketWithoutAValidEntryHasNoRing() throws {
    let bench = try bench()
    describe(bench)
    bench.openSoftware(0, sockets: 0..<2, fields: ["TYPEB_TBL_BASE": page()])
    bench.write(AMULayout.page(ofContext: 0) + AMULayout.transmitWrite + 8, 1)
    #expect(bench.exception()?.name == "E_F_AMI_RING_FAULT")
  }

  /// Management tables that no unit can use: outside memory, of a ring too large, of one that is not aligned.
  @Test(arguments: [(UInt64(0x4000_0000), nil), (0x9000, 17), (0x9000, -1)] as [(UInt64, Int?)])
  func aManagementTableThatIsNoneIsErrorState8(base: UInt64, log2Size: Int?) throws {
    let bench = try bench()
    let good = bench.read(AMULayout.socketBase)
    bench.write(AMULayout.errorInterrupt, 1 << 63 | 5)
    bench.write(AMULayout.socketBase, base)
    if let log2Size {
      let ring = RingDescription(base: log2Size < 0 ? 0x9004 : 0x9000, log2Size: max(0, log2Size))
      bench.root.setMemory(ring.bytes, at: 0x9000 + 32)
    }
    #expect(bench.command("PF_PROBE") == nil)
    #expect(bench.errorState() == 8)
    #expect(bench.interrupts(5) == 1)
    // The command waits until the table is there.
    bench.write(AMULayout.socketBase, good)
    bench.write(AMULayout.status, 0)
    #expect(bench.errorState() == 0)
    #expect(bench.drivers[0].take(.responses, in: &bench.fabric) != nil)
  }

  @Test func anExceptionBeforeTheFirstCommandHasNoRing() throws {
    let bench = try bench(virtualFunctions: 1)
    let express = try #require(bench.unit.virtualFunction(1)?.space.places.express)
    bench.configure(bench.virtualID(1), express + 8, 2, 0x8000)
    bench.run()
    #expect(bench.errorState() == 8)
  }

  @Test(arguments: [false, true]) func aContextTableThatIsNoneIsErrorState9(isThere: Bool) throws {
    let bench = try bench()
    describe(bench, 1)
    describe(bench, 2)
    for context in 1...2 { bench.openSoftware(context, fields: ["TYPEB_TBL_BASE": page(context)]) }
    bench.connect(4, .software(1), .software(2))
    bench.write(AMULayout.errorInterrupt, 1 << 63 | 5)
    if isThere { bench.root.setMemory([17, 0, 0, 0, 0, 0, 0, 0x80], at: Self.table + 100 * 32 + 8) }
    bench.openSoftware(0, fields: ["TYPEB_TBL_BASE": isThere ? page() : 0x40_0000])
    bench.run()
    #expect(bench.errorState() == 9)
    #expect(bench.interrupts(5) == 1)
    // The context does not work; the others do.
    bench.write(AMULayout.status, 0)
    bench.openHardware(1)
    bench.connect(0, .software(0), .hardware(1))
    bench.connect(1, .hardware(1), .software(0))
    let sent = bench.messages(9)
    bench.send(sent, number: 1)
    #expect(bench.receive(number: 2) == sent)
    bench.send(sent)
    #expect(bench.receive().isEmpty)
    // With a table it goes on.
    bench.root.setMemory([UInt8](repeating: 0, count: 4096), at: Self.table)
    describe(bench)
    bench.command("F_AMI_SW_CONFIGURE", ["AMI_SW_ID": 0, "TYPEB_TBL_BASE": page()])
    bench.command("F_AMI_SW_ENABLE", ["AMI_SW_ID": 0])
    #expect(bench.receive() == sent.inverted)
    #expect(bench.errorState() == 0)
  }

  @Test func aTableThatComesAfterAResetEnablesNothing() throws {
    let bench = try bench()
    describe(bench)
    bench.openSoftware(0, fields: ["TYPEB_TBL_BASE": page()])
    bench.run()
    #expect(bench.unit.core.software[0].isEnabled)
    bench.command("F_AMI_SW_DISABLE", ["AMI_SW_ID": 0])
    bench.drivers[0].send(bench.message("F_AMI_SW_ENABLE", ["AMI_SW_ID": 0]), in: &bench.fabric)
    bench.run { !bench.unit.core.software[0].isDescribing }
    bench.unit.core.resetSoftware(0)
    bench.run()
    #expect(!bench.unit.core.software[0].isEnabled)
    #expect(!bench.unit.core.sockets[0].transmit.isConfigured)
    #expect(bench.errorState() == 0)
  }

  @Test func aVirtualFunctionsTableIsItsOwnAffair() throws {
    let bench = try bench(virtualFunctions: 2)
    for function in 1...2 {
      #expect(bench.command("PF_F_ENABLE", ["F_OWNER": UInt64(function)]) == "FUNCTION_ENABLED")
    }
    bench.write(AMULayout.socketBase, 0x4000_0000, of: 2)
    #expect(bench.command("F_PROBE", by: 2) == nil)
    #expect(bench.errorState(of: 2) == 8)
    #expect(bench.command("F_PROBE", by: 1) == "COMMAND_SUCCESSFUL")
    #expect(bench.command("PF_PROBE") == "COMMAND_SUCCESSFUL")
  }
}
