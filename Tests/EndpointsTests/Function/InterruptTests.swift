import LinkBroker
import PCIe
import Testing

@testable import Endpoints

@Suite struct MSIXTests {
  private static let table: UInt64 = 0x9010_0000
  private static let vectors = 70
  private static let pendingBits = table + UInt64(vectors * 16)

  private func bench(isEnabled: Bool = true) throws -> ProbeBench {
    var bench = ProbeBench(try ProbeDevice { $0.msix = MSIXLayout(vectorCount: Self.vectors) })
    for vector in 0..<Self.vectors {
      let entry = Self.table + UInt64(vector * 16)
      bench.writeWord(entry, 0xfee0_0000 + UInt32(vector) * 4)
      bench.writeWord(entry + 8, 0x4000 + UInt32(vector))
      bench.writeWord(entry + 12, 0)
    }
    if isEnabled { try control(0x8000, &bench) }
    bench.host.arrivals.removeAll()
    return bench
  }

  private func control(_ value: UInt32, _ bench: inout ProbeBench) throws {
    let place = try #require(bench.function.space.places.msix)
    bench.configurationWrite(place + 2, value, bytes: 2)
  }

  private func raise(_ vector: Int, _ bench: inout ProbeBench) -> InterruptOutcome {
    let outcome = bench.device.raiseMSIX(vector: vector, in: &bench.fabric)
    bench.fabric.runUntilIdle()
    return outcome
  }

  private func messages(_ bench: borrowing ProbeBench) -> [[UInt32]] {
    bench.host.arrivals.writes.map { [UInt32($0.header.address), $0.payload.loadLE(at: 0)] }
  }

  @Test(arguments: [0, 1, 63, 64, 69])
  func messageCarriesAddressAndDataOfItsEntry(vector: Int) throws {
    var bench = try bench()
    let outcome = raise(vector, &bench)
    #expect(outcome == .sent)
    #expect(messages(bench) == [[0xfee0_0000 + UInt32(vector) * 4, 0x4000 + UInt32(vector)]])
    #expect(bench.function.counters.msix == 1)
  }

  @Test func upperAddressMakesAFourDWHeader() throws {
    var bench = try bench()
    bench.writeWord(Self.table + 4, 0x12)
    _ = raise(0, &bench)
    #expect(bench.host.arrivals.writes.first?.header.address == 0x12_fee0_0000)
    #expect(bench.host.arrivals.writes.first?.header.hasFourDWs == true)
  }

  @Test(arguments: [-1, 70, Int.max])
  func vectorOutsideTheTable(vector: Int) throws {
    var bench = try bench()
    let outcome = raise(vector, &bench)
    #expect(outcome == .outOfRange)
    #expect(messages(bench).isEmpty)
  }

  @Test func nothingIsSentWithoutEnableOrBusMaster() throws {
    var bench = try bench(isEnabled: false)
    let disabled = raise(0, &bench)
    try control(0x8000, &bench)
    bench.configurationWrite(HeaderRegister.command, 0x2, bytes: 2)
    let noBusMaster = raise(0, &bench)
    #expect([disabled, noBusMaster] == [.disabled, .disabled])
    #expect(messages(bench).isEmpty)
    #expect(!bench.function.isMSIXPending(0))
  }

  @Test func maskedVectorPendsAndIsSentOnceOnUnmask() throws {
    var bench = try bench()
    bench.writeWord(Self.table + 5 * 16 + 12, 1)
    let outcomes = [raise(5, &bench), raise(5, &bench), raise(6, &bench)]
    #expect(outcomes == [.pending, .pending, .sent])
    let pending = bench.readWord(Self.pendingBits)
    #expect(pending == 1 << 5)
    bench.host.arrivals.removeAll()
    bench.writeWord(Self.table + 5 * 16 + 12, 0)
    #expect(messages(bench) == [[0xfee0_0014, 0x4005]])
    let after = bench.readWord(Self.pendingBits)
    #expect(after == 0)
  }

  @Test func newAddressAndDataCountWhenAVectorWasPending() throws {
    var bench = try bench()
    let entry = Self.table + 5 * 16
    bench.writeWord(entry + 12, 1)
    _ = raise(5, &bench)
    bench.writeWord(entry, 0xfee0_1000)
    bench.writeWord(entry + 8, 0x77)
    #expect(bench.function.isMSIXPending(5))
    bench.host.arrivals.removeAll()
    bench.writeWord(entry + 12, 0)
    #expect(messages(bench) == [[0xfee0_1000, 0x77]])
  }

  @Test func functionMaskHoldsAllVectorsBack() throws {
    var bench = try bench()
    try control(0xc000, &bench)
    bench.writeWord(Self.table + 2 * 16 + 12, 1)
    let outcomes = [raise(66, &bench), raise(0, &bench), raise(2, &bench)]
    #expect(outcomes == [.pending, .pending, .pending])
    bench.host.arrivals.removeAll()
    try control(0x8000, &bench)
    // The lowest vector first; the one with its own mask stays.
    #expect(messages(bench).map { $0[1] } == [0x4000, 0x4042])
    #expect(bench.function.isMSIXPending(2))
  }

  @Test func withdrawnInterruptIsNotSent() throws {
    var bench = try bench()
    bench.writeWord(Self.table + 12, 1)
    _ = raise(0, &bench)
    bench.function.withdrawMSIX(0)
    bench.host.arrivals.removeAll()
    bench.writeWord(Self.table + 12, 0)
    #expect(messages(bench).isEmpty)
  }

  @Test func tableIsReadBackAndReservedBitsAreZero() throws {
    var bench = try bench()
    bench.writeWord(Self.table + 16 + 12, 0xffff_ffff)
    let entry = bench.read(Self.table + 16, bytes: 16).data
    #expect(entry == [4, 0, 0xe0, 0xfe, 0, 0, 0, 0, 1, 0x40, 0, 0, 1, 0, 0, 0])
  }

  @Test func entriesComeUpMasked() throws {
    var bench = ProbeBench(try ProbeDevice { $0.msix = MSIXLayout(vectorCount: 2) })
    let control = bench.readWord(Self.table + 16 + 12)
    #expect(control == 1)
  }

  @Test func pendingBitsAndTheRestOfTheBarAreReadOnly() throws {
    var bench = try bench()
    bench.writeWord(Self.pendingBits, .max)
    bench.writeWord(Self.table + 0xffc, .max)
    let pending = bench.readWord(Self.pendingBits)
    let rest = bench.readWord(Self.table + 0xffc)
    #expect(pending == 0 && rest == 0)
    #expect(bench.device.writes.isEmpty && bench.device.reads.isEmpty)
  }

  @Test func interruptStaysBehindEarlierWrites() throws {
    var bench = try bench()
    _ = bench.device.writeDMA(address: 0x1000, data: [UInt8](repeating: 7, count: 1024), in: &bench.fabric)
    _ = raise(0, &bench)
    let addresses = bench.host.arrivals.writes.map(\.header.address)
    #expect(addresses == [0x1000, 0x1100, 0x1200, 0x1300, 0xfee0_0000])
  }

  @Test func tableInsideABarOfTheModel() throws {
    var bench = ProbeBench(
      try ProbeDevice {
        $0.msix = MSIXLayout(
          vectorCount: 2,
          placement: .inside(tableBar: 0, tableOffset: 0x100, pendingBar: 0, pendingOffset: 0x180))
      })
    // One write over the table and its surroundings: the model gets what is its own.
    bench.write(barAddress + 0xf8, [UInt8](repeating: 0xaa, count: 48))
    #expect(
      bench.device.writes == [
        BarRange(bar: 0, offset: 0xf8, count: 8), BarRange(bar: 0, offset: 0x120, count: 8),
      ])
    let data = bench.read(barAddress + 0xf8, bytes: 48).data
    let entry: [UInt8] = [UInt8](repeating: 0xaa, count: 12) + [0, 0, 0, 0]
    #expect(data == [UInt8](repeating: 0xaa, count: 8) + entry + entry + [UInt8](repeating: 0xaa, count: 8))
  }

  @Test func resetMasksAndForgets() throws {
    var bench = try bench()
    try control(0xc000, &bench)
    _ = raise(0, &bench)
    bench.fabric.takeDown(link: bench.link, .hotReset)
    #expect(!bench.function.isMSIXPending(0))
    #expect(bench.function.msix?.isMasked(0) == true)
    #expect(!bench.function.space.isMSIXEnabled)
  }
}

@Suite struct MSITests {
  private func bench(granted: UInt32 = 2, isEnabled: Bool = true) throws -> ProbeBench {
    var bench = ProbeBench(
      try ProbeDevice { $0.msi = MSICapability(vectorCount: 8, hasPerVectorMasking: true) })
    let place = try #require(bench.function.space.places.msi)
    bench.configurationWrite(place + 4, 0xfee0_0100)
    bench.configurationWrite(place + 8, 0x1)
    bench.configurationWrite(place + 12, 0x40f0, bytes: 2)
    bench.configurationWrite(place + 2, granted << 4 | (isEnabled ? 1 : 0), bytes: 2)
    bench.host.arrivals.removeAll()
    return bench
  }

  private func raise(_ vector: Int, _ bench: inout ProbeBench) -> InterruptOutcome {
    let outcome = bench.function.raiseMSI(vector, in: &bench.fabric)
    bench.fabric.runUntilIdle()
    return outcome
  }

  @Test func vectorStandsInTheLowBitsOfTheData() throws {
    var bench = try bench()
    let outcome = raise(3, &bench)
    #expect(outcome == .sent)
    let write = try #require(bench.host.arrivals.writes.first)
    #expect(write.header.address == 0x1_fee0_0100)
    #expect(write.payload == [0xf3, 0x40, 0, 0])
  }

  @Test func vectorsThatWereNotGranted() throws {
    var bench = try bench(granted: 1)
    let outcomes = [raise(2, &bench), raise(-1, &bench)]
    #expect(outcomes == [.outOfRange, .outOfRange])
    #expect(bench.host.arrivals.isEmpty)
  }

  @Test func nothingIsSentWithoutEnableOrBusMaster() throws {
    var bench = try bench(isEnabled: false)
    let disabled = raise(0, &bench)
    let place = try #require(bench.function.space.places.msi)
    bench.configurationWrite(place + 2, 0x21, bytes: 2)
    bench.configurationWrite(HeaderRegister.command, 0x2, bytes: 2)
    let noBusMaster = raise(0, &bench)
    #expect([disabled, noBusMaster] == [.disabled, .disabled])
    #expect(bench.host.arrivals.writes.isEmpty)
  }

  @Test func maskedVectorPendsAndIsSentOnUnmask() throws {
    var bench = try bench()
    let mask = try #require(bench.function.space.msiMaskOffset)
    bench.configurationWrite(mask, 0b0110)
    let outcomes = [raise(1, &bench), raise(2, &bench), raise(0, &bench)]
    #expect(outcomes == [.pending, .pending, .sent])
    let pending = bench.register(mask + 4)
    #expect(pending == 0b0110)
    bench.host.arrivals.removeAll()
    bench.configurationWrite(mask, 0b0010)
    #expect(bench.host.arrivals.writes.map { $0.payload[0] } == [0xf2])
    let after = bench.register(mask + 4)
    #expect(after == 0b0010)
  }

  @Test func raiseTakesTheKindThatIsEnabled() throws {
    var bench = ProbeBench(
      try ProbeDevice {
        $0.msi = MSICapability(vectorCount: 1)
        $0.msix = MSIXLayout(vectorCount: 1)
      })
    let place = try #require(bench.function.space.places.msi)
    bench.configurationWrite(place + 2, 1, bytes: 2)
    let outcome = bench.function.raise(vector: 0, in: &bench.fabric)
    #expect(outcome == .sent)
    #expect(bench.function.counters.msi == 1)
  }
}

@Suite struct INTxTests {
  private func set(_ level: Bool, _ bench: inout ProbeBench) -> [UInt8] {
    bench.host.arrivals.removeAll()
    bench.function.setINTx(level, in: &bench.fabric)
    bench.fabric.runUntilIdle()
    return bench.host.arrivals.messages
  }

  private let assert = MessageCode.assertINTB.rawValue
  private let deassert = MessageCode.deassertINTB.rawValue

  @Test func levelIsToldOnceEachTime() throws {
    var bench = ProbeBench(try ProbeDevice())
    let seen = [set(true, &bench), set(true, &bench), set(false, &bench), set(false, &bench)]
    #expect(seen == [[assert], [], [deassert], []])
    #expect(bench.host.arrivals.isEmpty)
  }

  @Test func interruptStatusShowsTheLevel() throws {
    var bench = ProbeBench(try ProbeDevice())
    _ = set(true, &bench)
    #expect(bench.function.space.status.contains(.interruptStatus))
    _ = set(false, &bench)
    #expect(!bench.function.space.status.contains(.interruptStatus))
  }

  @Test func interruptDisableSilencesTheWireOnly() throws {
    var bench = ProbeBench(try ProbeDevice())
    _ = set(true, &bench)
    bench.host.arrivals.removeAll()
    bench.configurationWrite(HeaderRegister.command, 0x407, bytes: 2)
    #expect(bench.host.arrivals.messages == [deassert])
    #expect(bench.function.space.status.contains(.interruptStatus))
    bench.host.arrivals.removeAll()
    bench.configurationWrite(HeaderRegister.command, 0x007, bytes: 2)
    #expect(bench.host.arrivals.messages == [assert])
  }

  @Test func enabledMessageInterruptsSilenceTheWire() throws {
    var bench = ProbeBench(try ProbeDevice { $0.msix = MSIXLayout(vectorCount: 1) })
    let place = try #require(bench.function.space.places.msix)
    bench.configurationWrite(place + 2, 0x8000, bytes: 2)
    let messages = set(true, &bench)
    #expect(messages.isEmpty)
    let outcome = bench.function.setINTx(true, in: &bench.fabric)
    #expect(outcome == .disabled)
  }

  @Test func functionWithoutAPinHasNoWire() throws {
    var bench = ProbeBench(try ProbeDevice { $0.header.interruptPin = 0 })
    let outcome = bench.function.setINTx(true, in: &bench.fabric)
    #expect(outcome == .outOfRange)
  }

  @Test func busMasterEnableDoesNotMatter() throws {
    var bench = ProbeBench(try ProbeDevice())
    bench.configurationWrite(HeaderRegister.command, 0x2, bytes: 2)
    let messages = set(true, &bench)
    #expect(messages == [assert])
  }
}
