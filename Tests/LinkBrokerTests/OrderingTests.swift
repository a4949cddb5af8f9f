import LinkBroker
import PCIe
import Simulation
import Testing

@Suite("Ordering and credits")
struct OrderingTests {
  static func completion(tag: UInt16, relaxed: Bool = false) -> TLPHeader {
    var request = read(0, tag: tag)
    if relaxed { request.attributes = .relaxedOrdering }
    return .completion(
      of: request, status: .successful, completer: FunctionAddress(rawValue: 0x100), remainingBytes: 4)
  }

  /// Fills the receiver with held reads until the sender has no non-posted credit left.
  static func stallNonPosted(_ pair: inout Pair) -> Int {
    pair.device.holds = true
    let credits = Int(pair.fabric.credits(ofLink: pair.link, downstream: true).nonPosted.headers)
    for index in 0...credits { pair.send(read(UInt64(index) * 4, tag: UInt16(index))) }
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.count == credits)
    return credits
  }

  @Test("posted requests and completions pass a stalled non-posted request")
  func passing() {
    var pair = Pair(deviceTakesEveryCompletion: false)
    let before = Self.stallNonPosted(&pair)
    pair.device.holds = false
    pair.send(write(0x1000), payload: [1, 2, 3, 4])
    pair.send(Self.completion(tag: 9))
    pair.fabric.runUntilIdle()
    let kinds = pair.device.arrivals[before...].map(\.header.kind)
    #expect(kinds == [.memoryWrite, .completion])
    #expect(pair.fabric.findings.isEmpty)
  }

  @Test("a stalled posted request holds up reads and completions behind it")
  func notPassing() {
    var pair = Pair(deviceTakesEveryCompletion: false)
    pair.device.holds = true
    let credits = Int(pair.fabric.credits(ofLink: pair.link, downstream: true).posted.headers)
    for index in 0...credits { pair.send(write(UInt64(index) * 4), payload: [0, 0, 0, 0]) }
    pair.send(read(0x100, tag: 3))
    pair.send(Self.completion(tag: 9))
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.count == credits)
    #expect(pair.device.arrivals.allSatisfy { $0.header.kind == .memoryWrite })
  }

  @Test("a completion with relaxed ordering passes a stalled posted request")
  func relaxed() {
    var pair = Pair(deviceTakesEveryCompletion: false)
    pair.device.holds = true
    let credits = Int(pair.fabric.credits(ofLink: pair.link, downstream: true).posted.headers)
    for index in 0...credits { pair.send(write(UInt64(index) * 4), payload: [0, 0, 0, 0]) }
    pair.send(Self.completion(tag: 9, relaxed: true))
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.last?.header.kind == .completion)
    #expect(pair.fabric.findings.isEmpty)
  }

  @Test("what is forwarded gives its credits back when it leaves")
  func creditsComeBack() {
    var pair = Pair()
    let credits = Self.stallNonPosted(&pair)
    pair.device.holds = false
    guard let out = pair.device.port else { return }
    for tlp in pair.device.held { pair.fabric.forward(tlp, from: out) }
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.count == credits + 1)
    #expect(pair.root.arrivals.count == credits)
    let now = pair.fabric.credits(ofLink: pair.link, downstream: true).nonPosted.headers
    #expect(Int(now) <= credits)
  }

  @Test("TLPs of one class never change places", arguments: UInt64(0)..<40)
  func inOrder(seed: UInt64) {
    var chance = SeededGenerator(seed: seed)
    var pair = Pair()
    var sent: [[UInt32]] = [[], [], []]
    for index in 0..<200 {
      let address = UInt64(index) * 8
      switch chance.below(3) {
      case 0:
        pair.send(write(address), payload: [0, 0, 0, 0])
        sent[0].append(UInt32(address))
      case 1:
        pair.send(read(address, tag: UInt16(index)))
        sent[1].append(UInt32(address))
      default:
        pair.send(Self.completion(tag: UInt16(index)))
        sent[2].append(UInt32(index))
      }
      if chance.below(4) == 0 { pair.fabric.step() }
    }
    pair.fabric.runUntilIdle()
    let seen = pair.device.arrivals.map(\.header)
    #expect(seen.filter { $0.kind == .memoryWrite }.map { UInt32($0.address) } == sent[0])
    #expect(seen.filter { $0.kind == .memoryRead }.map { UInt32($0.address) } == sent[1])
    #expect(seen.filter { $0.kind == .completion }.map { UInt32($0.tag) } == sent[2])
    #expect(pair.fabric.findings.isEmpty)
    #expect(pair.fabric.payloads.used == 0)
  }
}
