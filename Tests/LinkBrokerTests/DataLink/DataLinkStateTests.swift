import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("Timers and states of the data link layer")
struct DataLinkStateTests {
  /// Ack latency limits by Max_Payload_Size for 1, 2, 4, 8, 12, 16 and 32 lanes at 2.5 GT/s.
  ///
  /// - Source: PCI Express Base 3.0, 3.5.3.1 table 3-7.
  static let limits: [(Int, [UInt64])] = [
    (128, [237, 128, 73, 67, 58, 48, 33]), (256, [416, 217, 118, 107, 90, 72, 45]),
    (512, [559, 289, 154, 86, 109, 86, 52]), (1024, [1071, 545, 282, 150, 194, 150, 84]),
    (2048, [2095, 1057, 538, 278, 365, 278, 148]), (4096, [4143, 2081, 1050, 534, 706, 534, 276]),
  ]

  @Test("the limits are those of the specification's table", arguments: limits)
  func tables(maxPayload: Int, symbols: [UInt64]) {
    let seen = [1, 2, 4, 8, 12, 16, 32].map {
      DataLinkTimers.acknowledgeSymbols(speed: .gt2Point5, width: $0, maxPayloadBytes: maxPayload)
    }
    #expect(seen == symbols)
    let faster = [1, 2, 4, 8, 12, 16, 32].map {
      DataLinkTimers.acknowledgeSymbols(speed: .gt5, width: $0, maxPayloadBytes: maxPayload)
    }
    #expect(faster == symbols.map { $0 + 51 })
    let replay = DataLinkTimers.replaySymbols(speed: .gt2Point5, width: 1, maxPayloadBytes: maxPayload)
    #expect(replay == 3 * symbols[0])
  }

  @Test("an Ack comes within its limit, and REPLAY_TIMER runs out after its own")
  func times() throws {
    let configuration = LinkConfiguration(latency: .nanoseconds(10))
    let timers = DataLinkTimers(configuration)
    var sent = VirtualTime.zero
    var replayed = VirtualTime.never
    let channel = ScriptedChannel { frame, seen, _ in if seen.name == "Ack" { frame.isLost = true } }
    var pair = Pair.dataLink(channel, configuration)
    pair.fabric.runUntilIdle()
    sent = pair.fabric.now
    pair.sendWrites(1...1)
    while channel.trace(down: false).isEmpty, pair.fabric.step() {}
    let arrival = try #require(pair.device.arrivals.first).time
    #expect(pair.fabric.now - arrival == timers.acknowledge)
    while !channel.seen.contains(where: \.isReplay), pair.fabric.step() {}
    replayed = pair.fabric.now
    let length = configuration.serialization(tlpBytes: 16)
    #expect(replayed - sent == timers.replay + length)
  }

  @Test("a link that goes down loses what is unacknowledged; up again it begins anew")
  func downAndUp() {
    var pair = Pair.dataLink(ScriptedChannel())
    pair.sendWrites(1...40)
    pair.fabric.run(until: .zero + .microseconds(1))
    let arrived = pair.numbers.count
    #expect(arrived > 0 && arrived < 40)
    pair.fabric.takeDown(link: 0, .hotReset)
    #expect(pair.fabric.payloads.used == 0)
    pair.fabric.bringUp(link: 0)
    pair.fabric.runUntilIdle()
    #expect(pair.fabric.state(ofLink: 0) == .up)
    #expect(pair.numbers.count == arrived)
    #expect(pair.root.changes == [.hotReset, .up] && pair.device.changes == [.hotReset, .up])
    pair.sendWrites(50...60)
    pair.fabric.runUntilIdle()
    #expect(Array(pair.numbers.dropFirst(arrived)) == Array(50...60))
    #expect(pair.fabric.findings.isEmpty && pair.fabric.payloads.used == 0)
  }

  @Test("what was delivered and not acknowledged is not told as lost")
  func delivered() {
    let channel = ScriptedChannel { frame, seen, _ in if seen.name == "Ack" { frame.isLost = true } }
    var pair = Pair.dataLink(channel)
    pair.sendWrites(1...2)
    pair.fabric.run(until: .zero + .microseconds(2))
    #expect(pair.numbers == [1, 2])
    pair.fabric.takeDown(link: 0, .surpriseDown)
    #expect(!pair.fabric.history(ofLink: 0).ordered.contains { $0.fate == .discarded })
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test("a requester whose request is in the replay buffer is answered when the link goes down")
  func outstanding() {
    var pair = Pair.dataLink(ScriptedChannel { frame, seen, _ in frame.isLost = seen.name == "TLP" })
    pair.send(read(0, tag: 5))
    pair.fabric.run(until: .zero + .microseconds(2))
    pair.fabric.takeDown(link: 0, .surpriseDown)
    pair.fabric.runUntilIdle()
    #expect(pair.root.arrivals.map(\.header.tag) == [5])
    #expect(pair.root.arrivals.first?.header.completionStatus == .unsupportedRequest)
  }

  @Test("another speed or width loses no TLP and takes its time", arguments: [1, 4, 16])
  func retrain(width: Int) {
    var pair = Pair.dataLink(ScriptedChannel(), LinkConfiguration(speed: .gt8, width: 4))
    pair.sendWrites(1...100)
    pair.fabric.run(until: .zero + .nanoseconds(700))
    #expect(pair.numbers.count < 100)
    var slower = pair.fabric.configuration(ofLink: 0)
    slower.speed = .gt2Point5
    slower.width = width
    let before = pair.fabric.now
    pair.fabric.retrain(link: 0, slower)
    #expect(pair.fabric.configuration(ofLink: 0).layer == .dataLink)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == Array(1...100))
    #expect((pair.device.arrivals.last?.time ?? before) - before >= Link.recoveryTime)
    #expect(pair.fabric.findings.map(\.text) == [])
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test("a real LCRC tells a changed header or payload", arguments: [false, true])
  func realCRC(isComputed: Bool) {
    var configuration = LinkConfiguration()
    configuration.computesLinkCRC = isComputed
    let channel = ScriptedChannel()
    var pair = Pair.dataLink(channel, configuration)
    pair.sendWrites(1...3)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1, 2, 3])
    pair.send(write(0), payload: [9, 0, 0, 0])
    // The payload changes on the wire, where the sender's buffer and the receiver share its bytes.
    pair.fabric.payloads.setByte(pair.fabric.ports[0].transmitter.buffer[0].payload, at: 0, to: 7)
    pair.fabric.run(until: pair.fabric.now + .microseconds(1))
    #expect(pair.device.detected == (isComputed ? [.badTLP] : []))
  }
}
