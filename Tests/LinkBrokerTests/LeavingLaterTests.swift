import LinkBroker
import PCIe
import Simulation
import Testing

/// TLPs that find the lanes busy and nothing else in their way: that they will leave is settled when they are
/// sent, and nobody sees it before they do.
@Suite("TLPs behind busy lanes")
struct LeavingLaterTests {
  private static let bytes = 256
  /// How long each of them takes.
  private let length = LinkConfiguration().serialization(tlpBytes: 12 + bytes)

  /// Eight writes at one instant, of which the first has left and the others leave one after the other.
  private static func stream() -> Pair {
    var pair = Pair()
    for index in 0..<8 {
      pair.send(
        write(UInt64(index * bytes), bytes: bytes), payload: [UInt8](repeating: UInt8(index), count: bytes))
    }
    return pair
  }

  /// The credit of the first is back when the third leaves.
  @Test("counters, credits and history show what has left, at every instant")
  func looks() {
    var pair = Self.stream()
    let full = CreditPool.advertised(for: LinkConfiguration(), infiniteCompletions: true).posted.headers
    for left in 1...3 {
      #expect(pair.fabric.counters(ofLink: 0, downstream: true).tlps == UInt64(left))
      #expect(pair.fabric.credits(ofLink: 0, downstream: true).posted.headers == full - Int32(min(left, 2)))
      #expect(pair.fabric.history(ofLink: 0).total == UInt64(left))
      #expect(pair.root.port.map { pair.fabric.waitingTLPs(at: $0) } == 8 - left)
      #expect(
        pair.fabric.history(ofLink: 0).ordered.map(\.time.picoseconds)
          == (0..<UInt64(left)).map { $0 * length.picoseconds })
      pair.fabric.run(until: pair.fabric.now + length)
    }
  }

  @Test("they arrive one serialization apart, with one event each")
  func arrivals() {
    var pair = Self.stream()
    var events = 0
    while pair.fabric.step() { events += 1 }
    #expect(events == 8)
    let first = length + LinkConfiguration().latency
    #expect(
      pair.device.arrivals.map(\.time.picoseconds)
        == (0..<8).map { first.picoseconds + $0 * length.picoseconds })
  }

  @Test("the moment when posted requests have left is an event")
  func marks() {
    var pair = Self.stream()
    let marks = pair.fabric.sendMarks(of: 0)
    #expect(marks.count == 1)
    while marks.contains(where: { !pair.fabric.isPast($0) }), pair.fabric.step() {}
    #expect(pair.fabric.now.picoseconds == 7 * length.picoseconds)
    #expect(pair.fabric.counters(ofLink: 0, downstream: true).tlps == 8)
  }

  @Test("a link that is retrained sends the rest at its new speed")
  func retraining() {
    var pair = Self.stream()
    let faster = LinkConfiguration(speed: .gt8)
    pair.fabric.retrain(link: 0, faster)
    pair.fabric.runUntilIdle()
    let short = faster.serialization(tlpBytes: 12 + Self.bytes)
    let first = length + LinkConfiguration().latency
    #expect(
      pair.device.arrivals.map(\.time.picoseconds)
        == (0..<8).map { first.picoseconds + $0 * short.picoseconds })
  }

  @Test("a fault that is armed meanwhile strikes the rest")
  func faults() {
    var pair = Self.stream()
    pair.fabric.arm([LinkFault(.drop, on: [.init(link: 0, isDownstream: true)])])
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.count == 1)
    #expect(pair.fabric.strikes.count == 7)
  }

  @Test("a capture that begins meanwhile has the rest, each when it leaves")
  func capture() {
    var pair = Self.stream()
    pair.fabric.startCapture(CaptureSettings(interfaces: [.init(name: "link", text: "")]))
    pair.fabric.run(until: .zero + length)
    pair.fabric.run(until: pair.fabric.now + length)
    #expect(pair.fabric.endCapture()?.count == 2)
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.map { Int($0.header.address) / Self.bytes } == Array(0..<8))
  }

  @Test("what is taken back and sent again keeps credits and payloads in balance")
  func balance() {
    var pair = Self.stream()
    let full = pair.fabric.credits(ofLink: 0, downstream: true).posted.headers + 1
    for _ in 0..<4 {
      _ = pair.fabric.sendMarks(of: 0)
      pair.send(write(0x4000), payload: [1, 2, 3, 4])
      pair.fabric.run(until: pair.fabric.now + length)
    }
    pair.fabric.runUntilIdle()
    pair.fabric.run(until: pair.fabric.now + LinkConfiguration().latency)
    #expect(pair.device.arrivals.count == 12)
    #expect(pair.fabric.credits(ofLink: 0, downstream: true).posted.headers == full)
    #expect(pair.fabric.payloads.used == 0)
    #expect(pair.fabric.findings.isEmpty)
  }

  @Test("of a request that comes too late to leave, the tag is no longer out")
  func tags() {
    var pair = Pair()
    for tag in 0..<4 { pair.send(read(UInt64(tag) * 64, tag: UInt16(tag))) }
    pair.fabric.takeDown(link: 0, .surpriseDown)
    pair.fabric.bringUp(link: 0)
    pair.fabric.runUntilIdle()
    for tag in 0..<4 { pair.send(read(UInt64(tag) * 64, tag: UInt16(tag))) }
    pair.fabric.runUntilIdle()
    #expect(pair.fabric.findings.filter { $0.violation == .tagReuse }.isEmpty)
    #expect(pair.device.arrivals.count == 4)
  }
}
