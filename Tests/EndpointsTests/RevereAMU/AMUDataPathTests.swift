import LinkBroker
import PCIe
import RevereInterface
import Testing

@testable import Endpoints

/// Messages through sessions of every kind.
@Suite struct AMUDataPathTests {
  @Test(arguments: [1, 42, 255]) func messagesComeBackInvertedAndInOrder(count: Int) throws {
    let bench = try AMUBench()
    bench.openLoop(["RX_VECTOR": 1, "RX_IRQ_ENABLE": 1])
    let sent = bench.messages(count)
    bench.send(sent)
    #expect(bench.interrupts(1) == 1)
    #expect(bench.receive() == sent.inverted)
    #expect(bench.violations.isEmpty)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test(arguments: 3...9) func messagesOfEveryLengthMove(log2Length: Int) throws {
    let bench = try AMUBench()
    let bytes = 8 << log2Length
    bench.openLoop(log2Size: 2, session: ["LOG2_MSG_LENGTH": UInt64(log2Length)])
    for round in 0..<3 {
      let sent = bench.messages(3, bytes: bytes, seed: UInt64(round))
      bench.send(sent, log2Size: 2)
      #expect(bench.receive(log2Size: 2, bytes: bytes) == sent.inverted)
    }
    #expect(bench.violations.isEmpty)
  }

  @Test func indexesRunFreelyThroughTheWholeRange() throws {
    let bench = try AMUBench()
    bench.openLoop(log2Size: 3)
    bench.command("F_AMI_SW_DISABLE", ["AMI_SW_ID": 0])
    let page = AMULayout.page(ofContext: 0)
    for offset in [
      AMULayout.transmitRead, AMULayout.transmitWrite, AMULayout.receiveRead, AMULayout.receiveWrite,
    ] {
      bench.write(page + offset, .max - 2)
    }
    bench.command("F_AMI_SW_ENABLE", ["AMI_SW_ID": 0])
    bench.setRingIndexes(.max - 2, log2Size: 3)
    for round in 0..<4 {
      let sent = bench.messages(5, seed: UInt64(round))
      bench.send(sent, log2Size: 3)
      #expect(bench.receive(log2Size: 3) == sent.inverted)
    }
    #expect(bench.read(page + AMULayout.transmitRead) == 17)
  }

  @Test func theLargestRingIsFilledToItsLastSlot() throws {
    let bench = try AMUBench(maxPayloadBytes: 4096)
    let (from, to) = (0x80_0000, 0x100_0000)
    for (number, base) in [from, to].enumerated() {
      bench.openSoftware(number, log2Size: 16, ringFields: ["RING_BASE": UInt64(base) >> 3])
    }
    bench.connect(0, .software(0), .software(1))
    let count = 1 << 16
    // Each message tells its number.
    var sent = [UInt8](repeating: 0x5a, count: count * 64)
    for number in 0..<count { sent.storeLE(UInt32(number), at: number * 64) }
    bench.root.setMemory(sent, at: from)
    let page = AMULayout.page(ofContext: 0)
    bench.write(page + AMULayout.transmitWrite, UInt64(count))
    #expect(bench.read(page + AMULayout.transmitRead) == UInt64(count))
    #expect(bench.read(AMULayout.page(ofContext: 1) + AMULayout.receiveWrite) == UInt64(count))
    let isWhole = bench.root.core.memory.bytes[to..<to + sent.count].elementsEqual(sent)
    #expect(isWhole)
    // Nothing has been taken: one more waits, and an index past that is no index of the ring.
    bench.write(page + AMULayout.transmitWrite, UInt64(count + 1))
    #expect(bench.read(page + AMULayout.transmitRead) == UInt64(count))
    bench.write(page + AMULayout.transmitWrite, UInt64(2 * count + 1))
    #expect(bench.exception()?.name == "E_F_AMI_RING_FAULT")
  }

  @Test func softwareReachesSoftware() throws {
    let bench = try AMUBench()
    bench.openSoftware(0)
    bench.openSoftware(1, sockets: 0..<4)
    bench.connect(0, .software(0), .software(1, 3))
    let sent = bench.messages(200)
    bench.send(sent)
    #expect(bench.receive(number: 1, socket: 3) == sent)
  }

  @Test func acceleratorsAreChained() throws {
    let bench = try AMUBench { $0.agents = [InvertAgent(), Increment()] }
    bench.openSoftware(0, log2Size: 8)
    bench.openHardware(0)
    bench.openHardware(1, physical: 0, accelerator: 1)
    bench.connect(0, .software(0), .hardware(0))
    bench.connect(1, .hardware(0), .hardware(0, 5, accelerator: 1))
    bench.connect(2, .hardware(0, 5, accelerator: 1), .software(0))
    var received: [[UInt8]] = []
    var sent: [[UInt8]] = []
    for round in 0..<4 {
      let part = bench.messages(250, seed: UInt64(round))
      bench.send(part)
      sent += part
      received += bench.receive()
    }
    #expect(received == sent.map { $0.map { ~$0 &+ 1 } })
    #expect(received.count == 1000)
  }

  @Test func acceleratorsInARingDoNotHoldTheUnit() throws {
    let bench = try AMUBench { $0.agents = [InvertAgent(), InvertAgent()] }
    bench.openSoftware(0)
    bench.openSoftware(1)
    bench.openHardware(0)
    bench.openHardware(1, physical: 0, accelerator: 1)
    bench.connect(0, .software(0), .hardware(0))
    bench.connect(1, .hardware(0), .hardware(0, accelerator: 1))
    bench.send(bench.messages(3))
    bench.command("PF_ASN_DESTROY", ["ASN_ID": 0])
    bench.connect(0, .hardware(0, accelerator: 1), .hardware(0))
    for _ in 0..<20 { bench.fabric.step() }
    #expect(bench.unit.core.sessions[0].moved > 1000)
    #expect(bench.command("PF_PROBE") == "COMMAND_SUCCESSFUL")
    #expect(bench.command("PF_ASN_DESTROY", ["ASN_ID": 1]) == "ASN_DESTROYED_SUCCESSFULLY")
    bench.connect(1, .hardware(0), .software(1))
    #expect(bench.receive(number: 1).count == 3)
  }

  @Test func allSocketsOfAContextWork() throws {
    let bench = try AMUBench { $0.sessions = 128 }
    bench.openSoftware(0, sockets: 0..<64, log2Size: 4, fields: ["RX_VECTOR": 2, "RX_IRQ_ENABLE": 1])
    bench.openHardware(0)
    for socket in 0..<64 {
      bench.connect(socket * 2, .software(0, socket), .hardware(0, socket))
      bench.connect(socket * 2 + 1, .hardware(0, socket), .software(0, socket))
    }
    var sent: [[[UInt8]]] = []
    for socket in 0..<64 {
      sent.append(bench.messages(7, seed: UInt64(socket)))
      bench.send(sent[socket], socket: socket, log2Size: 4, runs: false)
    }
    bench.run()
    #expect(bench.read(AMULayout.page(ofContext: 0) + AMULayout.receiveDigest) == .max)
    for socket in 0..<64 { #expect(bench.receive(socket: socket, log2Size: 4) == sent[socket].inverted) }
    #expect(bench.read(AMULayout.page(ofContext: 0) + AMULayout.receiveDigest) == 0)
    #expect(bench.interrupts(2) > 0)
  }

  @Test func aFullReceivingRingHoldsTheSession() throws {
    let bench = try AMUBench()
    bench.openLoop(log2Size: 3)
    let sent = bench.messages(24)
    for part in stride(from: 0, to: 24, by: 8) { bench.send(Array(sent[part..<part + 8]), log2Size: 3) }
    let page = AMULayout.page(ofContext: 0)
    #expect(bench.read(page + AMULayout.receiveWrite) == 8)
    var received: [[UInt8]] = []
    while true {
      let part = bench.receive(log2Size: 3, most: 3)
      if part.isEmpty { break }
      received += part
    }
    #expect(received == sent.inverted)
  }

  @Test func anOverwritingRingKeepsTheNewest() throws {
    let bench = try AMUBench()
    bench.openSoftware(0)
    bench.openSoftware(1, log2Size: 3, ringFields: ["RX_MODE": 1])
    bench.connect(0, .software(0), .software(1))
    let sent = bench.messages(20)
    bench.send(sent)
    let page = AMULayout.page(ofContext: 1)
    #expect(bench.read(page + AMULayout.receiveWrite) == 20)
    #expect(bench.read(page + AMULayout.receiveRead) == 12)
    var ring = bench.ring(1, 0, 1, log2Size: 3)
    ring.index = 12
    let data = ring.take(8, from: bench.root)
    #expect(data == Array(sent[12...].joined()))
    // A driver that still stands behind is not told off.
    bench.write(page + AMULayout.receiveRead, 4)
    #expect(bench.exception() == nil)
  }

  @Test func disabledHardwareTakesNothing() throws {
    let bench = try AMUBench()
    bench.openLoop()
    bench.command("F_AMI_HW_DISABLE", ["AMI_HW_ID": 0])
    let sent = bench.messages(256)
    bench.send(sent)
    let page = AMULayout.page(ofContext: 0)
    #expect(bench.read(page + AMULayout.transmitRead) == 0)
    bench.command("F_AMI_HW_ENABLE", ["AMI_HW_ID": 0])
    #expect(bench.receive() == sent.inverted)
  }

  @Test func theUnitStandsStillWhileItIsDisabled() throws {
    let bench = try AMUBench()
    bench.openLoop()
    bench.write(AMULayout.control, 0)
    let sent = bench.messages(3)
    bench.send(sent)
    #expect(bench.read(AMULayout.page(ofContext: 0) + AMULayout.transmitRead) == 0)
    bench.drivers[0].start(control: 3, in: &bench.fabric)
    #expect(bench.receive() == sent.inverted)
  }

  @Test func higherPrioritiesGoFirst() throws {
    let bench = try AMUBench { $0.agents = [InvertAgent(), InvertAgent()] }
    bench.openSoftware(0, sockets: 0..<12, log2Size: 8)
    bench.openSoftware(1, sockets: 0..<1, log2Size: 8)
    bench.openSoftware(2, physical: 4, sockets: 0..<1, log2Size: 8)
    bench.connect(0, .software(1), .software(4), ["PRIO": 9, "TRACE_CTL": 1])
    for socket in 0..<12 {
      bench.connect(
        socket + 1, .software(0, socket), .software(0, socket), ["PRIO": UInt64(socket & 1), "TRACE_CTL": 1])
    }
    // All are ready before the unit may look at any.
    bench.write(AMULayout.control, 0)
    for socket in 0..<12 { bench.send(bench.messages(4), socket: socket) }
    bench.send(bench.messages(4), number: 1)
    bench.drivers[0].start(control: 1 << 17 | 1, in: &bench.fabric)
    bench.run()
    var order: [Int] = []
    while let trace = bench.drivers[0].take(.traces, in: &bench.fabric) { order.append(Int(trace[4])) }
    #expect(order.first == 0)
    #expect(order.count == 13)
    // Of the eight that are read for at a time, those of priority 1 come before those of priority 0.
    #expect(Set(order[1...6]) == [2, 4, 6, 8, 10, 12])
  }

  @Test func theNumberOfASessionThatWaitedIsFreeForAnotherKind() throws {
    // Places of hardware contexts that no software context has.
    let bench = try AMUBench { $0.softwareContexts = 2 }
    bench.openSoftware(0, sockets: 0..<10)
    bench.openHardware(3)
    for socket in 0..<10 {
      let priority: UInt64 = socket == 9 ? 0 : 9
      bench.connect(socket, .software(0, socket), .software(0, socket), ["PRIO": priority])
    }
    let sent = bench.messages(250)
    for socket in 0..<10 { bench.send(sent, socket: socket, runs: false) }
    #expect(bench.command("PF_ASN_DESTROY", ["ASN_ID": 9]) == "ASN_DESTROYED_SUCCESSFULLY")
    #expect(bench.connect(9, .hardware(3), .software(0, 9)) == "ASN_CREATED_SUCCESSFULLY")
    bench.run()
    for socket in 0..<9 { #expect(bench.receive(socket: socket) == sent) }
  }

  @Test func aLineThatIsNeverEmptyDoesNotGrow() {
    var line = SessionArbiter.Line()
    for item in 0..<10 { line.append(item) }
    for item in 10..<10_000 {
      #expect(line.popFirst() == item - 10)
      line.append(item)
    }
    #expect(line.places < 200)
    line.remove(9_995)
    #expect((0..<9).map { _ in line.popFirst() } == Array(9_990..<9_995) + Array(9_996..<10_000))
    #expect(line.isEmpty)
  }

  @Test func aSessionTornDownUnderLoadLosesNothing() throws {
    let bench = try AMUBench()
    bench.openLoop()
    var (sent, received): ([[UInt8]], [[UInt8]]) = ([], [])
    var met = 0
    for round in 0..<12 {
      let part = bench.messages(250, seed: UInt64(round))
      sent += part
      bench.send(part, runs: false)
      for turn in 0..<6 {
        for _ in 0..<20 { bench.fabric.step() }
        bench.command("PF_ASN_DESTROY", ["ASN_ID": UInt64(turn & 1)])
        if bench.unit.core.sockets[0].transmit.waiting > 0 { met += 1 }
        if turn & 1 == 0 {
          bench.connect(0, .software(0), .hardware(0))
        } else {
          bench.connect(1, .hardware(0), .software(0))
        }
      }
      received += bench.receive()
    }
    #expect(received == sent.inverted)
    // The sessions were torn down with messages under way, not behind them.
    #expect(met >= 12)
  }

  @Test func aContextMovesUnderLoadAndLosesNothing() throws {
    let bench = try AMUBench()
    bench.openLoop()
    let sent = bench.messages(250)
    bench.send(sent, runs: false)
    for _ in 0..<60 { bench.fabric.step() }
    // Save.
    bench.command("F_AMI_SW_DISABLE", ["AMI_SW_ID": 0])
    let page = AMULayout.page(ofContext: 0)
    let offsets = [
      AMULayout.transmitRead, AMULayout.transmitWrite, AMULayout.receiveRead, AMULayout.receiveWrite,
    ]
    let indexes = offsets.map { bench.read(page + $0) }
    #expect(indexes[0] < 250)
    let rings = (0..<2).map {
      bench.response("F_AMS_RING_SAVE", ["AMI_SW_ID": 0, "AMS_ID": 0, "AMS_TYPE": UInt64(1 - $0)])
    }
    bench.command("PF_ASN_DESTROY", ["ASN_ID": 0])
    bench.command("PF_ASN_DESTROY", ["ASN_ID": 1])
    bench.command("PF_AMI_SW_UNMAP", ["PHY_AMI_SW_ID": 0])
    // Elsewhere, by physical ID, then under another number.
    bench.command("PF_AMI_SW_RESET", ["PHY_AMI_SW_ID": 7])
    for type in 0..<2 {
      let base = bench.value("RING_BASE", of: "F_AMS_RING_SAVE", rings[type]) ?? 0
      bench.command(
        "PF_AMS_RING_CONFIGURE",
        ["PHY_AMI_SW_ID": 7, "AMS_ID": 0, "AMS_TYPE": UInt64(1 - type), "LOG2_SIZE": 8, "RING_BASE": base])
    }
    bench.command("PF_AMI_SW_MAP", ["PHY_AMI_SW_ID": 7, "AMI_SW_ID": 3])
    let moved = AMULayout.page(ofContext: 3)
    for (offset, index) in zip(offsets, indexes) { bench.write(moved + offset, index) }
    bench.connect(0, .software(7), .hardware(0))
    bench.connect(1, .hardware(0), .software(7))
    #expect(bench.command("F_AMI_SW_ENABLE", ["AMI_SW_ID": 3]) == "AMI_SW_ENABLED_SUCCESSFULLY")
    #expect(bench.receive(number: 3, physical: 0) == sent.inverted)
    #expect(bench.exception() == nil)
  }

  /// Answers that nobody takes stand in the output; one is with the agent, and the input holds the rest.
  @Test(arguments: [(3, 3, 3), (4, 3, 5), (4, 5, 3), (9, 3, 60)])
  func creditsAreDoublewordsOfMessages(log2Credits: UInt64, log2Length: UInt64, taken: UInt64) throws {
    let bench = try AMUBench()
    bench.openSoftware(0)
    bench.command("PF_AMI_HW_CONFIGURE", ["LOG2_HW_CRED_SIZE": log2Credits, "ENABLE": 1])
    bench.command("PF_AMI_HW_MAP")
    bench.connect(0, .software(0), .hardware(0), ["LOG2_MSG_LENGTH": log2Length])
    bench.send(bench.messages(60, bytes: 8 << Int(log2Length)))
    #expect(bench.read(AMULayout.page(ofContext: 0) + AMULayout.transmitRead) == taken)
  }
}

/// An agent of a few lines, as the documentation shows it.
private struct Increment: AcceleratorAgent {
  let name = "increment"
  let identification: UInt64 = 0x100
  func next(_ job: AgentJob) -> AgentAction {
    for index in job.message.indices { job.message[index] &+= 1 }
    return .answer
  }
}
