import LinkBroker
import PCIe
import RevereInterface
import Simulation
import Testing

@testable import Endpoints

/// The management page: registers, rings, error states, interrupts, counters and traces.
@Suite struct AMUManagementTests {
  @Test func theUnitTellsWhatItIs() throws {
    let bench = try AMUBench { $0.softwareContexts = 20 }
    #expect(bench.read(AMULayout.identification) == 0x3986_0fff)
    #expect(bench.read(AMULayout.architecture) == 0x30)
    let probe = bench.response("PF_PROBE")
    #expect(bench.value("MAX_AMI_SW", of: "PF_PROBE", probe) == 20)
    #expect(bench.value("MAX_ASN", of: "PF_PROBE", probe) == 64)
    #expect(bench.value("NUM_AHA", of: "PF_PROBE", probe) == 1)
    let function = bench.response("F_PROBE")
    #expect(bench.value("AMI_PER_F_M1", of: "F_PROBE", function) == 19)
    #expect(bench.value("PASID_WIDTH", of: "F_PROBE", function) == 20)
    #expect(bench.value("PASID_SUPPORTED", of: "F_PROBE", function) == 1)
    let agent = bench.response("PF_PROBE_AHA")
    #expect(bench.value("AHA_IIDR", of: "PF_PROBE_AHA", agent) == InvertAgent().identification)
    #expect(bench.register(0) == 0xff81_13b5)
  }

  /// What software may change in each register of the management page.
  static let masks: [(Int, UInt64)] = [
    (AMULayout.identification, 0), (AMULayout.architecture, 0), (AMULayout.implementation, 0),
    (AMULayout.control, 0x6_0003), (AMULayout.status, 0), (AMULayout.receiveVector, 0x7fff_ffff),
    (AMULayout.transmitVector, 0x7ff), (0x38, 0), (AMULayout.receiveInterrupt, 1),
    (AMULayout.transmitInterrupt, 1), (AMULayout.traceMode, 1),
    (AMULayout.errorInterrupt, 0x8000_0000_7fff_ffff), (0x60, .max), (0x70, .max), (0x80, .max),
    (0x90, .max), (0xa0, 0), (0x1000, 0), (0x1008, .max), (0x1400, 0), (0x1800, 0), (0x1808, .max),
    (0x1e00, 0), (0x1e08, 0), (0x1e10, 0), (0x1e18, 0), (0x3000, 0), (0xfff8, 0),
  ]

  @Test(arguments: masks) func registersKeepTheirAccessRules(offset: Int, mask: UInt64) throws {
    let bench = try AMUBench(starts: false)
    let before = bench.read(offset)
    bench.write(offset, .max)
    #expect(bench.read(offset) == before & ~mask | mask, "0x\(String(offset, radix: 16))")
    bench.write(offset, 0)
    #expect(bench.read(offset) == before & ~mask)
  }

  @Test func controlOfASocketHasItsFields() throws {
    let bench = try AMUBench(starts: false)
    for socket in 0..<4 {
      #expect(bench.read(AMULayout.socketControl + socket * 16) == 3 << 5)
      bench.write(AMULayout.socketControl + socket * 16, .max)
      // A size over the maximum becomes the maximum; the message length cannot be written.
      #expect(bench.read(AMULayout.socketControl + socket * 16) == 15 << 9 | 3 << 5 | 16)
    }
  }

  @Test(arguments: [1, 2, 4]) func registersAreWrittenByHalvesButIndexesAreNot(bytes: Int) throws {
    let bench = try AMUBench()
    let base = bench.drivers[0].registers
    for start in stride(from: 0, to: 8, by: bytes) {
      let piece = (0..<bytes).map { UInt8(0x10 + start + $0) }
      _ = bench.root.write(address: base + 0x60 + UInt64(start), data: piece, in: &bench.fabric)
      _ = bench.root.write(address: base + 0x1600 + UInt64(start), data: piece, in: &bench.fabric)
    }
    #expect(bench.read(0x60) == 0x1716_1514_1312_1110)
    #expect(bench.read(0x1600) == 0)
    #expect(bench.errorState() == 0)
    let part = bench.root.finish(
      bench.root.beginRead(address: base + 0x63, count: bytes, in: &bench.fabric), in: &bench.fabric)
    #expect(part.data == (0..<bytes).map { UInt8(0x13 + $0) })
  }

  @Test func singleSlotsAreEnough() throws {
    let bench = try AMUBench(starts: false)
    for socket in 0..<4 { bench.write(0x60 + socket * 16, UInt64(0x1000 * (socket + 1))) }
    bench.write(AMULayout.control, 1)
    let probe = try #require(RevereInterface.command("PF_PROBE"))
    for round in 1...5 {
      bench.root.setMemory(probe.message([:]), at: 0x1000)
      bench.root.setMemory([UInt8](repeating: 0, count: 64), at: 0x2000)
      bench.write(0x1600, UInt64(round))
      #expect(bench.root.core.memory.bytes[0x2000] == 1)
      #expect(bench.read(0x1400) == UInt64(round))
      #expect(bench.read(0x1e00) == UInt64(round))
      bench.write(0x1c00, UInt64(round))
    }
    #expect(bench.errorState() == 0)
  }

  @Test func nothingHappensBeforeTheUnitIsEnabled() throws {
    let bench = try AMUBench(starts: false)
    bench.drivers[0].start(control: 0, in: &bench.fabric)
    #expect(bench.command("PF_PROBE") == nil)
    bench.write(AMULayout.control, 1)
    #expect(bench.drivers[0].take(.responses, in: &bench.fabric) != nil)
  }

  // MARK: Error states

  @Test func aFullResponseRingRests() throws {
    let bench = try AMUBench()
    bench.write(AMULayout.errorInterrupt, 1 << 63 | 5)
    let probe = try #require(RevereInterface.command("PF_PROBE"))
    for index in 0..<64 {
      bench.root.setMemory(probe.message([:]), at: index * 64)
    }
    bench.write(0x1600, 64)
    #expect(bench.errorState() == 0)
    bench.write(0x1600, 70)
    #expect(bench.errorState() == 5)
    #expect(bench.read(0x1e00) == 64)
    #expect(bench.interrupts(5) == 1)
    bench.write(0x1c00, 10)
    bench.write(AMULayout.status, 0)
    #expect(bench.read(0x1e00) == 70)
    #expect(bench.errorState() == 0)
  }

  @Test func exceptionsThatFindNoRoomAreLost() throws {
    let bench = try AMUBench(virtualFunctions: 1)
    bench.write(0x88, 0)
    let express = try #require(bench.unit.virtualFunction(1)?.space.places.express)
    for _ in 0..<2 {
      bench.configure(bench.virtualID(1), express + 8, 2, 0x8000)
      bench.fabric.run(until: bench.fabric.now + .milliseconds(2))
    }
    #expect(bench.errorState() == 6)
    #expect(bench.read(0x1e08) == 1)
  }

  /// Commands that no slot may hold.
  static let invalid: [[UInt8]] = [
    [0, 0], [5, 0], [22, 0], [28, 0], [41, 0], [0xff, 0xff],
    // Arguments for which the interface has no status.
    [7, 0, 0, 0, 16], [8, 0, 0, 0, 99], [10, 0, 0, 0, 0xff, 0xff], [18, 0, 0, 0, 16], [19, 0, 0, 0, 16],
    [24, 0, 0, 0, 4], [25, 0, 0, 0, 0, 0, 1], [27, 0, 0, 0, 0, 0, 9], [16, 0, 0, 0, 0, 0, 0, 0, 16],
    [16, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 4], [16, 0, 0, 0, 0xc0, 0x3f],
    [16] + [UInt8](repeating: 0, count: 19) + [64],
  ]

  @Test(arguments: invalid) func invalidCommandsAreAnErrorState(bytes: [UInt8]) throws {
    let bench = try AMUBench()
    bench.drivers[0].send(bytes + [UInt8](repeating: 0, count: 64 - bytes.count), in: &bench.fabric)
    bench.run()
    #expect(!bench.drivers[0].has(.responses))
    #expect(bench.errorState() == 7)
    #expect(bench.read(0x1400) == 1)
    bench.write(AMULayout.status, 0)
    #expect(bench.command("PF_PROBE") == "COMMAND_SUCCESSFUL")
  }

  @Test func aRingThatCannotBeReachedIsAFault() throws {
    for (socket, base, state) in [
      (0, UInt64(0x4000_0000), UInt64(1)), (0, 0x1004, 1), (0, .max - 7, 1), (1, 0x1004, 2),
      (1, .max - 63, 2),
    ] {
      let bench = try AMUBench()
      bench.write(0x60 + socket * 16, base)
      #expect(bench.command("PF_PROBE") == nil)
      #expect(bench.errorState() == state, "socket \(socket) at \(base)")
    }
  }

  /// Rings that are not aligned to doublewords, of exceptions and of traces.
  @Test(arguments: [(2, UInt64(3)), (3, 4)])
  func aRingThatTellsOfSomethingAndCannotIsAFault(socket: Int, state: UInt64) throws {
    let bench = try AMUBench()
    bench.openLoop(session: ["TRACE_CTL": 1])
    bench.write(0x60 + socket * 16, 0x1004)
    if socket == 2 { bench.write(AMULayout.page(ofContext: 0) + AMULayout.transmitWrite, .max) }
    bench.send(bench.messages(1))
    #expect(bench.errorState() == state)
    bench.write(0x60 + socket * 16, UInt64(socket) << 12)
    bench.write(AMULayout.status, 0)
    #expect(bench.command("F_PROBE") == "COMMAND_SUCCESSFUL")
  }

  @Test func aCommandIsNotFetchedWithoutBusMastering() throws {
    let bench = try AMUBench()
    bench.configure(bench.address, HeaderRegister.command, 2, 2)
    #expect(bench.command("PF_PROBE") == nil)
    #expect(bench.errorState() == 1)
    bench.configure(bench.address, HeaderRegister.command, 2, 6)
    bench.write(AMULayout.status, 0)
    #expect(bench.drivers[0].take(.responses, in: &bench.fabric) != nil)
  }

  @Test func indexesThatMakeNoSenseAreFaults() throws {
    for (offset, value, state) in [
      (0x1600, UInt64(65), UInt64(1)), (0x1600, .max, 1), (0x1c00, 1, 2), (0x1c08, 5, 3), (0x1c10, .max, 4),
    ] {
      let bench = try AMUBench()
      bench.write(offset, value)
      #expect(bench.errorState() == state, "0x\(String(offset, radix: 16))")
    }
  }

  // MARK: Interrupts

  @Test func managementInterruptsFollowDigestAndMask() throws {
    let bench = try AMUBench()
    bench.write(AMULayout.receiveVector, 3)
    bench.write(AMULayout.receiveInterrupt, 1)
    _ = bench.interrupts(3)
    bench.command("PF_PROBE")
    #expect(bench.interrupts(3) == 1)
    bench.write(0x1808, 1)
    bench.command("PF_PROBE")
    #expect(bench.interrupts(3) == 0)
    let probe = try #require(RevereInterface.command("PF_PROBE"))
    bench.drivers[0].send(probe.message([:]), in: &bench.fabric)
    bench.run()
    #expect(bench.read(0x1800) == 1)
    #expect(bench.interrupts(3) == 0)
    // A mask that is lifted shows what it held back.
    bench.write(0x1808, 0)
    #expect(bench.interrupts(3) == 1)
    #expect(bench.read(0x1000) == 1)
  }

  @Test func aTransmitInterruptTellsOfRoom() throws {
    let bench = try AMUBench()
    bench.openSoftware(
      0, log2Size: 3, fields: ["TX_VECTOR": 4, "TX_IRQ_ENABLE": 1], ringFields: ["THRESHOLD": 3])
    bench.openSoftware(1)
    bench.connect(0, .software(0), .software(1))
    _ = bench.interrupts(4)
    bench.send(bench.messages(5), log2Size: 3)
    // With a threshold of the whole ring: once, when it is empty again.
    #expect(bench.interrupts(4) == 1)
    #expect(bench.read(AMULayout.page(ofContext: 0)) == 1)
  }

  @Test func thresholdsModerate() throws {
    let bench = try AMUBench()
    bench.openLoop(["RX_VECTOR": 1, "RX_IRQ_ENABLE": 1])
    bench.command("F_AMI_SW_DISABLE", ["AMI_SW_ID": 0])
    bench.command(
      "F_AMS_RING_CONFIGURE",
      [
        "AMI_SW_ID": 0, "AMS_TYPE": 0, "LOG2_SIZE": 8, "THRESHOLD": 4,
        "RING_BASE": bench.ringBase(0, 0, 1) >> 3,
      ])
    bench.command("F_AMI_SW_ENABLE", ["AMI_SW_ID": 0])
    bench.send(bench.messages(15))
    #expect(bench.interrupts(1) == 0)
    bench.send(bench.messages(1))
    #expect(bench.interrupts(1) == 1)
    bench.send(bench.messages(20))
    #expect(bench.interrupts(1) == 0)
    // What is left over the threshold is told again, so that none waits unseen.
    #expect(bench.receive(most: 4).count == 4)
    #expect(bench.interrupts(1) == 1)
  }

  @Test func masksOfAContextGateItsInterrupts() throws {
    let bench = try AMUBench()
    bench.openLoop(["RX_VECTOR": 1, "RX_IRQ_ENABLE": 1])
    let page = AMULayout.page(ofContext: 0)
    bench.write(page + AMULayout.receiveMask, 1)
    bench.send(bench.messages(2))
    #expect(bench.interrupts(1) == 0)
    #expect(bench.read(page + AMULayout.receiveDigest) == 1)
    bench.write(page + AMULayout.receiveMask, 0)
    #expect(bench.interrupts(1) == 1)
  }

  @Test(arguments: ["RX", "TX"]) func aVectorThatIsNotThereIsAnException(kind: String) throws {
    let bench = try AMUBench { $0.msixVectorCount = 16 }
    bench.openLoop(["\(kind)_VECTOR": 16, "\(kind)_IRQ_ENABLE": 1])
    bench.send(bench.messages(1))
    let exception = try #require(bench.exception())
    #expect(exception.name == "E_F_AMI_RING_INVALID_VECTOR")
    #expect(exception.fields["AMI_ID"] == 0)
    #expect(exception.fields["VECTOR_TYPE"] == (kind == "TX" ? 1 : 0))
    // The message is there all the same.
    #expect(bench.receive().count == 1)
  }

  // MARK: Rings of contexts

  static let badIndexes: [(Int, UInt64)] = [
    (AMULayout.transmitWrite, 257), (AMULayout.transmitWrite, .max), (AMULayout.receiveRead, 1),
    (AMULayout.receiveRead, .max), (AMULayout.transmitWrite + 8, 1),
  ]

  @Test(arguments: badIndexes)
  func indexesOutOfTheRingStopTheContextAlone(offset: Int, index: UInt64) throws {
    let bench = try AMUBench()
    bench.openLoop()
    bench.openSoftware(1)
    bench.openSoftware(2)
    bench.connect(2, .software(1), .software(2))
    bench.write(AMULayout.page(ofContext: 0) + offset, index)
    let exception = try #require(bench.exception())
    #expect(exception.name == "E_F_AMI_RING_FAULT")
    #expect(exception.fields["AMI_ID"] == 0)
    #expect(exception.fields["AMS_ID"] == UInt64(offset & 8) / 8)
    let sent = bench.messages(5)
    bench.send(sent, number: 1)
    #expect(bench.receive(number: 2) == sent)
    #expect(bench.errorState() == 0)
    bench.send(bench.messages(1))
    #expect(bench.read(AMULayout.page(ofContext: 0) + AMULayout.transmitRead) == 0)
  }

  @Test func aRingOutsideMemoryIsAFault() throws {
    for base: UInt64 in [0x4000_0000, 0xffff_ffff_ffff_c000, 0xffff_ffff_ffff_fff8] {
      let bench = try AMUBench()
      bench.openSoftware(0, ringFields: ["RING_BASE": base >> 3])
      bench.openHardware(0)
      bench.connect(0, .software(0), .hardware(0))
      bench.write(AMULayout.page(ofContext: 0) + AMULayout.transmitWrite, 1)
      #expect(bench.exception()?.name == "E_F_AMI_RING_FAULT")
      #expect(bench.command("F_PROBE") == "COMMAND_SUCCESSFUL")
    }
  }

  @Test func doorbellsOfUnmappedPagesRingNothing() throws {
    let bench = try AMUBench()
    for page in [0, 3, 15] {
      for offset in stride(from: 0, to: 0x1000, by: 0x108) {
        bench.write(AMULayout.page(ofContext: page) + offset, .max)
        #expect(bench.read(AMULayout.page(ofContext: page) + offset) == 0)
      }
    }
    #expect(bench.exception() == nil)
    #expect(bench.violations.isEmpty)
  }

  // MARK: Counters and traces

  @Test func countersAreFlushedAndRunOver() throws {
    let bench = try AMUBench()
    bench.openLoop()
    let base: UInt64 = 0x9000
    #expect(
      bench.command(
        "F_AMS_PROF_CONFIGURE",
        ["AMI_ID": 0, "AMS_TYPE": 1, "PROF_MASK": 3, "PROF_TBL_BASE": base >> 3, "PROF_CTL": 3 | 4 << 8])
        == "PROFILING_CONFIGURED_SUCCESSFULLY")
    bench.send(bench.messages(10))
    let first = try #require(bench.exception())
    #expect(first.name == "E_F_COUNTER_OVERFLOW")
    #expect(first.fields["COUNTER_ID"] == 1)
    #expect(first.fields["AMI_TYPE"] == 0 && first.fields["AMS_TYPE"] == 1)
    #expect(bench.command("F_PROF_TABLE_FLUSH") == "SUCCESS")
    #expect(bench.root.core.memory.bytes.loadLE(at: 0x9000, as: UInt64.self) == 10)
    #expect(bench.root.core.memory.bytes.loadLE(at: 0x9008, as: UInt64.self) == 640 % 16)
    bench.send(bench.messages(7))
    let second = [bench.exception(), bench.exception()].compactMap { $0?.fields["COUNTER_ID"] }
    #expect(second.sorted() == [0, 1])
  }

  @Test func aTableThatCannotBeReachedFails() throws {
    let bench = try AMUBench()
    bench.openLoop(session: ["PROF_MASK": 1, "PROF_CTL": 1, "PROF_TBL_BASE": 0x4000_0000 >> 3])
    #expect(bench.command("F_PROF_TABLE_FLUSH") == "FAILURE")
  }

  @Test func tracesTellWhatMoves() throws {
    let bench = try AMUBench()
    bench.openLoop(session: ["TRACE_CTL": 1])
    bench.send(bench.messages(6))
    var told: [(UInt8, UInt64)] = []
    bench.run()
    while let trace = bench.drivers[0].take(.traces, in: &bench.fabric) {
      told.append((trace[4], trace.loadLE(at: 16, as: UInt64.self)))
    }
    #expect(told.map(\.0) == [0, 1])
    #expect(told.map(\.1) == [6, 6])
    bench.command("F_AMS_TRACE_CONFIGURE", ["AMI_ID": 0, "AMS_TYPE": 1])
    bench.command("F_AMS_TRACE_CONFIGURE", ["AMI_ID": 0, "AMI_TYPE": 1, "AMS_TYPE": 1])
    bench.send(bench.messages(6))
    #expect(!bench.drivers[0].has(.traces))
  }

  @Test func aFullTraceRingHoldsTracedSessions() throws {
    let bench = try AMUBench()
    bench.write(0x98, 0)
    bench.openLoop(session: ["TRACE_CTL": 1])
    bench.command("F_AMS_TRACE_CONFIGURE", ["AMI_ID": 0, "AMI_TYPE": 1, "AMS_TYPE": 1])
    bench.send(bench.messages(1))
    bench.send(bench.messages(1))
    let page = AMULayout.page(ofContext: 0)
    #expect(bench.read(page + AMULayout.transmitRead) == 1)
    bench.write(0x1c10, 1)
    #expect(bench.read(page + AMULayout.transmitRead) == 2)
    // In the other mode new records take the place of old ones.
    bench.send(bench.messages(3))
    bench.write(AMULayout.traceMode, 1)
    #expect(bench.read(page + AMULayout.transmitRead) == 5)
  }

  @Test func theMapShowsWhatTheFunctionHas() throws {
    let bench = try AMUBench()
    bench.openSoftware(3, physical: 1)
    bench.openHardware(2)
    #expect(bench.command("F_GET_AMI_MAP", ["AMI_MAP_BASE": 0x9]) == "AMI_MAP_RETRIEVED_SUCCESSFULLY")
    #expect(bench.root.core.memory.bytes.loadLE(at: 0x9000, as: UInt64.self) == 1 << 3)
    #expect(bench.root.core.memory.bytes.loadLE(at: 0x9008, as: UInt64.self) == 1 << 2)
  }

  @Test func savedSettingsAreThoseThatWereSet() throws {
    let bench = try AMUBench(virtualFunctions: 1)
    let settings: [String: UInt64] = [
      "PASID": 0xabcde, "PASID_ENABLED": 1, "TX_VECTOR": 7, "TX_IRQ_ENABLE": 1, "RX_VECTOR": 9,
      "RX_IRQ_ENABLE": 1, "TYPEB_TBL_BASE": 0xf_1234_5678,
    ]
    bench.command(
      "PF_AMI_SW_CONFIGURE", settings.merging(["PHY_AMI_SW_ID": 4, "ENABLE": 1]) { $1 })
    bench.command("PF_AMI_SW_MAP", ["PHY_AMI_SW_ID": 4, "AMI_SW_ID": 2, "F_OWNER": 1])
    let saved = bench.response("PF_AMI_SW_SAVE", ["PHY_AMI_SW_ID": 4])
    for (name, value) in settings {
      #expect(bench.value(name, of: "PF_AMI_SW_SAVE", saved) == value, "\(name)")
    }
    for (name, value) in ["ENABLE": 1, "MAPPED": 1, "AMI_SW_ID": 2, "F_OWNER": 1] as [String: UInt64] {
      #expect(bench.value(name, of: "PF_AMI_SW_SAVE", saved) == value, "\(name)")
    }
    bench.command("PF_F_ENABLE", ["F_OWNER": 1])
    let own = bench.response("F_AMI_SW_SAVE", ["AMI_SW_ID": 2], by: 1)
    for (name, value) in settings { #expect(bench.value(name, of: "F_AMI_SW_SAVE", own) == value, "\(name)") }
  }

  @Test func aSessionIsDescribedWhenItIsDestroyed() throws {
    let bench = try AMUBench { $0.agents = [InvertAgent(), InvertAgent()] }
    let fields: [String: UInt64] = [
      "PRIO": 11, "MON_OWNER": 0, "STASH_ENABLE": 1, "STASH_CTL": 0x1234_5678_9abc_def3,
      "PROF_MASK": 0xf0f0, "PROF_TBL_BASE": 0x1234_5678, "PROF_CTL": 0x203, "TRACE_CTL": 0x8001,
      "STASH_DEST": 0xdead_beef, "MFO": 2, "MF_OB_BUF_NUM": 5, "LOG2_MSG_LENGTH": 4, "SRC_PHY_AMI_ID": 3,
      "SRC_AMS": 9, "DST_AMI_TYPE": 1, "DST_PHY_AMI_ID": 2, "DST_AHA_ID": 1, "DST_AMS": 61,
    ]
    #expect(
      bench.command("PF_ASN_CREATE", fields.merging(["ASN_ID": 63]) { $1 }) == "ASN_CREATED_SUCCESSFULLY")
    let response = bench.response("PF_ASN_DESTROY", ["ASN_ID": 63])
    for (name, value) in fields {
      #expect(bench.value(name, of: "PF_ASN_DESTROY", response) == value, "\(name)")
    }
  }

  @Test func linkDownUnderLoadLeavesNothingBehind() throws {
    let bench = try AMUBench()
    bench.openLoop()
    bench.send(bench.messages(200), runs: false)
    for _ in 0..<40 { bench.fabric.step() }
    bench.fabric.takeDown(link: 0, .hotReset)
    bench.run()
    #expect(bench.unit.core.sessions.allSatisfy { !$0.isOpen })
    #expect(bench.unit.core.arbiter.fetches == 0)
    #expect(bench.fabric.payloads.used == 0)
  }
}

extension AMUBench {
  /// A DW of the physical function's configuration space.
  func register(_ offset: Int) -> UInt32 {
    root.configurationRead(of: address, offset: offset, in: &fabric).value
  }
}
