import LinkBroker
import PCIe
import Testing

@testable import Endpoints

/// Traces, counters and hints of many sessions at a time.
@Suite struct AMUMonitoringTests {
  @Test func noRecordIsLostWhenSessionsMeetAtAFullTraceRing() throws {
    let bench = try AMUBench()
    bench.write(0x98, 0)
    bench.openSoftware(0, sockets: 0..<4)
    bench.openSoftware(1, sockets: 0..<4)
    for socket in 0..<4 {
      bench.connect(socket, .software(0, socket), .software(1, socket), ["TRACE_CTL": 1])
      bench.send(bench.messages(3), socket: socket, runs: false)
    }
    for record in 1...4 {
      bench.run()
      #expect(bench.read(0x1e10) == UInt64(record))
      #expect(bench.unit.core.sessions.filter { $0.moved == 3 }.count == record)
      bench.write(0x1c10, UInt64(record))
    }
    #expect(bench.unit.core.management[0].held.isEmpty)
  }

  enum Release: CaseIterable {
    case ownControl
    case physicalControl
    case disable
    case functionReset
    case largerRing
  }

  @Test(arguments: Release.allCases) func whatHoldsNoLongerHoldsNobody(release: Release) throws {
    let bench = try AMUBench(virtualFunctions: 1)
    bench.command("PF_F_ENABLE", ["F_OWNER": 1])
    bench.write(0x98, 0, of: 1)
    bench.write(AMULayout.control, 1 << 17, of: 1)
    bench.openSoftware(0)
    bench.openSoftware(1)
    bench.connect(0, .software(0), .software(1), ["MON_OWNER": 1, "TRACE_CTL": 1])
    let sent = bench.messages(2)
    bench.send([sent[0]])
    bench.send([sent[1]])
    #expect(bench.receive(number: 1) == [sent[0]])
    switch release {
    case .ownControl: bench.write(AMULayout.control, 0, of: 1)
    case .physicalControl: bench.write(AMULayout.control, 1)
    case .disable: bench.command("PF_F_DISABLE", ["F_OWNER": 1])
    case .functionReset:
      let express = try #require(bench.unit.virtualFunction(1)?.space.places.express)
      bench.configure(bench.virtualID(1), express + 8, 2, 0x8000)
    case .largerRing: bench.write(0x98, 2, of: 1)
    }
    #expect(bench.receive(number: 1) == [sent[1]])
  }

  @Test func everyTableOfAFlushIsLookedAt() throws {
    let bench = try AMUBench()
    bench.openSoftware(0, sockets: 0..<3)
    bench.openSoftware(1, sockets: 0..<3)
    // The last table begins in host memory and ends outside.
    let bases: [UInt64] = [0x9000, 0x9100, (32 << 20) - 8]
    for (socket, base) in bases.enumerated() {
      bench.connect(
        socket, .software(0, socket), .software(1, socket),
        ["PROF_MASK": 3, "PROF_CTL": 1, "PROF_TBL_BASE": base >> 3])
      bench.send(bench.messages(socket + 1), socket: socket)
    }
    #expect(bench.command("F_PROF_TABLE_FLUSH") == "FAILURE")
    #expect(bench.errorState() == 0xa)
    for (socket, base) in bases.dropLast().enumerated() {
      #expect(bench.root.core.memory.bytes.loadLE(at: Int(base), as: UInt64.self) == UInt64(socket + 1))
    }
    bench.write(AMULayout.status, 0)
    bench.command("PF_ASN_DESTROY", ["ASN_ID": 2])
    #expect(bench.command("F_PROF_TABLE_FLUSH") == "SUCCESS")
  }

  @Test func aMapLongerThanAPageIsLookedAtToItsEnd() throws {
    let bench = try AMUBench { $0.softwareContexts = 40_000 }
    let last = UInt64((32 << 20) - 4096) >> 12
    #expect(
      bench.command("F_GET_AMI_MAP", ["AMI_MAP_BASE": last]) == "FAULT_WHEN_ACCESSING_AMI_MAP_BUFFER")
    #expect(
      bench.command("F_GET_AMI_MAP", ["AMI_MAP_BASE": last - 1]) == "AMI_MAP_RETRIEVED_SUCCESSFULLY")
  }

  @Test func eachMessageOfARunHasItsOwnHint() throws {
    let bench = try AMUBench()
    let hints = try #require(bench.unit.function.space.places[.processingHints])
    bench.configure(bench.address, hints + 8, 4, 0x102)
    bench.openSoftware(0)
    bench.openSoftware(1)
    bench.connect(0, .software(0), .software(1), ["STASH_ENABLE": 1, "STASH_DEST": 0x5a, "MFO": 1])
    var sent = bench.messages(6)
    for (number, hint) in [UInt64(2), 2, 1, 3, 3, 0].enumerated() { sent[number].storeLE(hint, at: 0) }
    bench.fabric.resetMeasurements()
    bench.send(sent)
    let writes = bench.fabric.history(ofLink: 0).ordered.filter { !$0.isDownstream }.map(\.header)
      .filter { $0.kind == .memoryWrite }
    #expect(writes.map(\.processingHint) == [2, 1, 3, 0])
    #expect(writes.map(\.lengthDW) == [32, 16, 32, 16])
    #expect(bench.receive(number: 1) == sent)
  }
}
