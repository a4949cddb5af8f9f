import LinkBroker
import PCIe
import Simulation
import Testing

@Suite("Checkers")
struct CheckerTests {
  @Test("a malformed TLP is dropped, reported and told to its receiver")
  func malformed() {
    var pair = Pair()
    var header = write(0x100)
    header.lengthDW = 2
    pair.send(header, payload: [1, 2, 3, 4])
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.isEmpty)
    #expect(pair.device.detected == [.malformedTLP])
    #expect(pair.fabric.findings.map(\.violation) == [.malformedTLP])
    #expect(pair.fabric.findings.first?.text == "MWr: the length field says 8 bytes where 4 follow")
    #expect(pair.fabric.payloads.used == 0)
    #expect(pair.fabric.history(ofLink: 0).ordered.map(\.fate) == [.discarded])
    #expect(pair.fabric.history(ofLink: 0).total == 1)
  }

  @Test("a payload above Max_Payload_Size is malformed")
  func maxPayload() {
    var pair = Pair(LinkConfiguration(maxPayloadBytes: 128))
    pair.fabric = Fabric(maxPayloadBytes: 256)
    let upper = pair.fabric.add(pair.root)
    let lower = pair.fabric.add(pair.device)
    _ = pair.fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0), LinkConfiguration(maxPayloadBytes: 128))
    pair.send(write(0, bytes: 132), payload: [UInt8](repeating: 0, count: 132))
    pair.fabric.runUntilIdle()
    #expect(pair.device.detected == [.malformedTLP])
  }

  @Test("a tag used again before its completion is a finding")
  func tagReuse() {
    var pair = Pair()
    pair.send(read(0, tag: 5))
    pair.send(read(4, tag: 5))
    pair.fabric.runUntilIdle()
    #expect(pair.fabric.findings.map(\.violation) == [.tagReuse])
  }

  @Test("a tag may come again once its completion is back")
  func tagFreed() {
    var pair = Pair()
    pair.send(read(0, tag: 5))
    pair.fabric.runUntilIdle()
    pair.send(OrderingTests.completion(tag: 5), from: pair.device)
    pair.fabric.runUntilIdle()
    pair.send(read(4, tag: 5))
    pair.fabric.runUntilIdle()
    #expect(pair.fabric.findings.isEmpty)
  }

  @Test("a tag that was given up may come again")
  func tagAbandoned() {
    var pair = Pair()
    pair.send(read(0, tag: 5))
    pair.fabric.abandon(requester, tag: 5)
    pair.send(read(4, tag: 5))
    pair.fabric.runUntilIdle()
    #expect(pair.fabric.findings.isEmpty)
  }

  @Test("counters tell kinds and payload bytes apart")
  func counters() {
    var pair = Pair()
    pair.send(write(0, bytes: 64), payload: [UInt8](repeating: 0, count: 64))
    pair.send(read(0, tag: 1))
    pair.fabric.runUntilIdle()
    let down = pair.fabric.counters(ofLink: 0, downstream: true)
    #expect(down[.memoryWrite] == 1)
    #expect(down[.memoryRead] == 1)
    #expect(down[.completion] == 0)
    #expect(down.tlps == 2)
    #expect(down.payloadBytes == 64)
    #expect(pair.fabric.counters(ofLink: 0, downstream: false).tlps == 0)
  }

  @Test("history tells what was lost on the wire from what was never sent, each TLP once")
  func historyOfALostLink() {
    var pair = Pair()
    for index in 0..<20 {
      pair.send(write(UInt64(index) * 256, bytes: 256), payload: [UInt8](repeating: 0, count: 256))
    }
    let sent = Int(pair.fabric.history(ofLink: 0).total)
    #expect(sent > 0 && sent < 20)
    pair.fabric.takeDown(link: 0, .surpriseDown)
    let history = pair.fabric.history(ofLink: 0)
    #expect(history.total == UInt64(sent))
    #expect(history.ordered.map { Int($0.header.address) / 256 } == Array(0..<20))
    #expect(history.ordered.prefix(sent).allSatisfy { $0.fate == .discarded })
    #expect(history.ordered.dropFirst(sent).allSatisfy { $0.fate == .unsent })
  }

  @Test("history keeps the last TLPs in order")
  func history() {
    var pair = Pair()
    for index in 0..<LinkHistory.depth + 5 { pair.send(write(UInt64(index) * 4), payload: [0, 0, 0, 0]) }
    pair.fabric.runUntilIdle()
    let history = pair.fabric.history(ofLink: 0)
    #expect(history.total == UInt64(LinkHistory.depth + 5))
    #expect(history.ordered.map { Int($0.header.address) / 4 } == Array(5..<LinkHistory.depth + 5))
  }
}
