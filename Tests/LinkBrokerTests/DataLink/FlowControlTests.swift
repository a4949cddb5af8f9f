import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("Flow control by DLLPs")
struct FlowControlTests {
  @Test("initialization sends both rounds of each class, and an infinite advertisement is zero")
  func initialization() {
    let channel = ScriptedChannel()
    var pair = Pair.dataLink(channel)
    pair.fabric.runUntilIdle()
    for isDownstream in [true, false] {
      let names = channel.seen.filter { $0.isDownstream == isDownstream }.map(\.name)
      #expect(
        Array(names.prefix(3)) == ["InitFC1-P", "InitFC1-NP", "InitFC1-Cpl"], "\(names)")
      #expect(
        Set(names)
          == ["P", "NP", "Cpl"].reduce(into: []) { $0.formUnion(["InitFC1-\($1)", "InitFC2-\($1)"]) })
    }
    let credits = pair.fabric.credits(ofLink: 0, downstream: true)
    #expect(credits.completion.isInfinite && !credits.posted.isInfinite)
  }

  @Test("a TLP waits until initialization is done")
  func waits() {
    let channel = ScriptedChannel()
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...1)
    #expect(pair.counters(down: true).tlps == 0)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1])
    let first = channel.seen.firstIndex { $0.name == "TLP" } ?? 0
    #expect(channel.seen[..<first].contains { $0.name == "InitFC2-P" && !$0.isDownstream })
  }

  @Test(
    "a lost InitFC is sent again", arguments: ["InitFC1-P", "InitFC1-Cpl", "InitFC2-P", "InitFC2-NP"],
    [true, false])
  func lostInitialization(name: String, isDownstream: Bool) {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == name, seen.isDownstream == isDownstream, count <= 3 { frame.isLost = true }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...3)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1, 2, 3])
    #expect(pair.fabric.findings.isEmpty)
  }

  @Test("less than the least that a receiver must have is a Flow Control Protocol Error")
  func tooLittle() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name.hasPrefix("InitFC"), seen.name.hasSuffix("-P"), !seen.isDownstream {
        let phase: FlowControlDLLP.Phase = seen.name.hasPrefix("InitFC1") ? .initialize1 : .initialize2
        frame.dllp =
          DLLP.flowControl(FlowControlDLLP(phase, .posted, headerCredits: 1, dataCredits: 15)).word
      }
    }
    var pair = Pair.dataLink(channel)
    pair.fabric.runUntilIdle()
    #expect(pair.root.detected == [.flowControl])
    #expect(pair.device.detected.isEmpty)
  }

  /// What an UpdateFC says, and whether the transmitter takes it; it has sent one TLP of one data credit.
  static let updates: [(String, CreditCounter, CreditCounter, Bool)] = [
    ("the same again", .init(headers: 8, data: 64), .init(headers: 8, data: 64), true),
    ("one more", .init(headers: 8, data: 64), .init(headers: 9, data: 65), true),
    ("as much as there may be", .init(headers: 8, data: 64), .init(headers: 128, data: 2048), true),
    ("one header too much", .init(headers: 8, data: 64), .init(headers: 129, data: 64), false),
    ("one data credit too much", .init(headers: 8, data: 64), .init(headers: 8, data: 2049), false),
    ("less than was used", .init(headers: 8, data: 64), .init(headers: 0, data: 64), false),
    ("infinite, and so it stays", .init(), .init(), true),
    ("infinite headers become finite", .init(headers: 0, data: 64), .init(headers: 1, data: 64), false),
    ("infinite data become finite", .init(headers: 8, data: 0), .init(headers: 8, data: 1), false),
  ]

  @Test("each rule for UpdateFC", arguments: updates)
  func update(name: String, initial: CreditCounter, content: CreditCounter, isLegal: Bool) {
    var transmitter = CreditTransmitter()
    let isEnough = transmitter.initialize(initial, minimum: .init(headers: 1, data: 1))
    #expect(isEnough)
    transmitter.take(data: 1)
    let isTaken = transmitter.update(content)
    #expect(isTaken == isLegal)
    #expect(transmitter.limit == (isLegal ? content : initial))
  }

  @Test("counters wrap at 256 headers and 4096 data credits")
  func wrap() {
    var transmitter = CreditTransmitter()
    var receiver = CreditReceiver(.init(headers: 100, data: 1000))
    let start = receiver.tell()
    let isEnough = transmitter.initialize(start, minimum: .init(headers: 1, data: 1))
    #expect(isEnough)
    for _ in 0..<5000 {
      transmitter.take(data: 16)
      let hasRoom = receiver.take(data: 16)
      #expect(hasRoom)
      _ = receiver.giveBack(data: 16, largestData: 16)
      let isLegal = transmitter.update(receiver.tell())
      #expect(isLegal)
      #expect(transmitter.left == .init(headers: 100, data: 1000))
    }
  }

  @Test("a TLP without credits overflows the receiver", arguments: [(1, 0), (3, 1)])
  func overflow(sent: Int, lost: Int) {
    var receiver = CreditReceiver(.init(headers: 2, data: 16))
    let taken = (0..<sent).filter { _ in receiver.take(data: 4) }.count
    #expect(taken == sent - lost)
  }

  @Test("who believes in credits that are not there overflows the receiver, which drops the TLP")
  func overflowOnLink() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "UpdateFC-P", !seen.isDownstream { frame.isLost = true }
      if seen.name.hasPrefix("InitFC"), seen.name.hasSuffix("-P"), !seen.isDownstream {
        let phase: FlowControlDLLP.Phase = seen.name.hasPrefix("InitFC1") ? .initialize1 : .initialize2
        frame.dllp =
          DLLP.flowControl(FlowControlDLLP(phase, .posted, headerCredits: 127, dataCredits: 2047)).word
      }
    }
    var pair = Pair.dataLink(channel)
    pair.device.holds = true
    let room = Int(
      CreditPool.advertised(for: pair.fabric.configuration(ofLink: 0), infiniteCompletions: true).posted
        .headers)
    #expect(room < 127)
    for number in 0..<(room + 2) { pair.send(write(UInt64(number) * 16), payload: [1, 0, 0, 0]) }
    pair.fabric.run(until: .zero + .microseconds(100))
    #expect(pair.device.arrivals.count == room)
    #expect(pair.device.detected == [.receiverOverflow, .receiverOverflow])
    #expect(pair.root.detected.isEmpty)
  }

  @Test("a sender without credits waits for UpdateFC, and one that is lost is repeated")
  func lostUpdates() {
    let channel = ScriptedChannel { frame, seen, count in
      if seen.name == "UpdateFC-P", count <= 3 { frame.isLost = true }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...200)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == Array(1...200))
    #expect(pair.fabric.findings.isEmpty)
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test("no UpdateFC for 200 us trains the link anew")
  func blockedUpdates() {
    let channel = ScriptedChannel { frame, seen, _ in
      if seen.name == "UpdateFC-P" { frame.isLost = true }
    }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...200)
    pair.fabric.run(until: .zero + .microseconds(150))
    let arrived = pair.numbers.count
    #expect(arrived > 0 && arrived < 200)
    #expect(pair.counters(down: true).retrains == 0)
    pair.fabric.run(until: .zero + .microseconds(450))
    #expect(pair.counters(down: true).retrains >= 1)
    #expect(pair.numbers.count == arrived)
    channel.rule = { _, _, _ in }
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == Array(1...200))
    #expect(pair.root.detected.isEmpty && pair.device.detected.isEmpty)
  }
}
