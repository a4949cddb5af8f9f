import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("Conditions that faults make")
struct FaultConditionTests {
  private static let mixed: [Sample] = [.read(0x100, tag: 1), .write(0x200), .data(tag: 2)]

  @Test("a starved class waits, and what may pass it passes", arguments: [false, true])
  func starve(infiniteCompletions: Bool) {
    let expected: [(FlowControlClass, [TLPKind])] = [
      (.nonPosted, [.memoryWrite, .completionWithData, .memoryRead]),
      // Nothing passes a posted request, but what came before it.
      (.posted, [.memoryRead, .memoryWrite, .completionWithData]),
      (.completion, [.memoryRead, .memoryWrite, .completionWithData]),
    ]
    for (starved, order) in expected {
      var bench = FaultBench(infiniteCompletions: infiniteCompletions)
      let credits = bench.pair.fabric.credits(ofLink: 0, downstream: true)
      bench.arm(
        LinkFault(.starve(starved), on: FaultBench.down, duration: .milliseconds(5)))
      #expect(bench.pair.fabric.credits(ofLink: 0, downstream: true)[starved] == .init(headers: 0, data: 0))
      bench.run(Self.mixed)
      bench.pair.fabric.run(until: bench.pair.fabric.now + .milliseconds(1))
      #expect(bench.device.arrivals.compactMap(\.header.kind) == order, "\(starved)")
      let late = bench.device.arrivals.filter { $0.time > VirtualTime(picoseconds: 5_000_000_000) }
      #expect(late.contains { $0.header.kind?.flowControlClass == starved })
      #expect(bench.pair.fabric.credits(ofLink: 0, downstream: true) == credits)
      #expect(bench.pair.fabric.strikes.map(\.value) == [5_000_000_000])
      #expect(bench.violations.isEmpty)
    }
  }

  @Test("a class stays starved until the last of its faults is over")
  func starveTwice() {
    var bench = FaultBench()
    bench.arm(
      LinkFault(.starve(.posted), on: FaultBench.down, duration: .milliseconds(1)),
      LinkFault(.starve(.posted), on: FaultBench.down, duration: .milliseconds(2)),
      LinkFault(.starve(.posted), on: FaultBench.up))
    bench.run([.write(0)])
    #expect(bench.device.arrivals.allSatisfy { $0.time >= VirtualTime(picoseconds: 2_000_000_000) })
    #expect(bench.device.arrivals.count == 1)
    bench.pair.send(write(0), payload: [1, 2, 3, 4], from: bench.device)
    bench.pair.fabric.runUntilIdle()
    #expect(bench.root.arrivals.isEmpty)
    bench.pair.fabric.disarm()
    bench.pair.fabric.runUntilIdle()
    #expect(bench.root.arrivals.count == 1)
  }

  @Test("a link goes down amid traffic and comes up again", arguments: [true, false])
  func linkDown(comesUp: Bool) {
    var bench = FaultBench()
    bench.arm(
      LinkFault(
        .linkDown, on: FaultBench.down + FaultBench.up,
        start: .count(3, .init(.tlps(.init(.memoryWrite))), FaultBench.down),
        duration: comesUp ? .milliseconds(5) : nil))
    bench.run((0..<6).map { .write(UInt64($0) << 12) } + [.read(0, tag: 3)])
    #expect(bench.pair.fabric.strikes.map(\.link) == [0])
    #expect(bench.device.arrivals.count < 3)
    #expect(bench.root.changes == (comesUp ? [.surpriseDown, .up] : [.surpriseDown]))
    #expect(bench.device.changes == bench.root.changes)
    #expect(bench.root.arrivals.map(\.header.completionStatus) == [.unsupportedRequest])
    #expect(bench.pair.fabric.state(ofLink: 0) == (comesUp ? .up : .down))
    #expect(bench.pair.fabric.payloads.used == 0)
    #expect(bench.violations.isEmpty)
  }

  @Test("what is held back when the link goes down is lost, and nothing of it comes later")
  func heldDown() {
    for action in [LinkFault.Action.delay(.milliseconds(1) ... .milliseconds(1)), .hold(.interrupt)] {
      var bench = FaultBench()
      bench.arm(LinkFault(action, on: FaultBench.down, selection: .nth(1)))
      bench.send([.write(0), .write(4), .read(0, tag: 1)])
      bench.pair.fabric.run(until: VirtualTime(picoseconds: 500_000_000))
      #expect(bench.pair.fabric.payloads.used == 2)
      bench.pair.fabric.takeDown(link: 0, .surpriseDown)
      bench.pair.fabric.bringUp(link: 0)
      bench.pair.fabric.runUntilIdle()
      #expect(bench.device.arrivals.isEmpty)
      #expect(bench.pair.fabric.payloads.used == 0)
      bench.run([.write(8)])
      #expect(bench.addresses == [8])
      #expect(bench.violations.isEmpty)
    }
  }

  @Test("a node that is killed is gone for good")
  func kill() {
    var bench = FaultBench()
    bench.arm(LinkFault(.kill(node: 1), on: [], start: .time(.microseconds(10))))
    bench.send([.read(0, tag: 1)])
    bench.pair.fabric.runUntilIdle()
    #expect(bench.device.arrivals.count == 1)
    #expect(bench.pair.fabric.findings.map(\.violation) == [.nodeExit])
    #expect(bench.root.changes == [.surpriseDown])
    #expect(bench.device.changes.isEmpty)
    #expect(bench.root.arrivals.map(\.header.completionStatus) == [.unsupportedRequest])
    bench.pair.fabric.bringUp(link: 0)
    bench.run([.write(0)])
    #expect(bench.pair.fabric.state(ofLink: 0) == .down)
    #expect(bench.device.arrivals.count == 1)
    #expect(bench.pair.fabric.payloads.used == 0)
  }

  @Test("a node that hangs does all when it wakes, and its buffers stay full until then")
  func hang() {
    var bench = FaultBench(infiniteCompletions: false)
    let credits = bench.pair.fabric.credits(ofLink: 0, downstream: true)
    bench.arm(LinkFault(.hang(node: 1), on: [], duration: .milliseconds(3)))
    bench.pair.fabric.setTimer(after: .milliseconds(1), node: 1, token: 77)
    let samples = (0..<40).map { Sample.read(UInt64($0) << 12, tag: UInt16($0)) }
    bench.send(samples)
    bench.pair.fabric.run(until: VirtualTime(picoseconds: 2_000_000_000))
    #expect(bench.device.arrivals.isEmpty && bench.device.timers.isEmpty)
    #expect(bench.pair.fabric.credits(ofLink: 0, downstream: true).nonPosted.headers == 0)
    bench.pair.fabric.runUntilIdle()
    #expect(bench.device.arrivals.map(\.header) == samples.map(\.header))
    #expect(bench.device.arrivals.allSatisfy { $0.time >= VirtualTime(picoseconds: 3_000_000_000) })
    #expect(bench.device.timers == [77])
    bench.pair.fabric.run(until: bench.pair.fabric.now + .milliseconds(1))
    #expect(bench.pair.fabric.credits(ofLink: 0, downstream: true) == credits)
    #expect(bench.violations.isEmpty)
  }

  @Test("a node that hangs keeps waiting who asks it, and nobody else")
  func silence() {
    var bench = FaultBench()
    bench.arm(
      LinkFault(.hang(node: 1), on: [], duration: .milliseconds(3)), LinkFault(.hang(node: 1), on: []))
    bench.pair.fabric.run(until: VirtualTime(picoseconds: 1_000_000_000))
    bench.send([.write(0)])
    bench.pair.fabric.run(until: VirtualTime(picoseconds: 2_000_000_000))
    #expect(bench.pair.fabric.silence(ofRule: 0) == .zero && bench.pair.fabric.silence(ofRule: 1) == .zero)
    bench.send([.read(0, tag: 1)])
    bench.pair.fabric.run(until: VirtualTime(picoseconds: 5_000_000_000))
    #expect((.microseconds(999) ... .milliseconds(1)).contains(bench.pair.fabric.silence(ofRule: 0)))
    #expect((.microseconds(2999) ... .milliseconds(3)).contains(bench.pair.fabric.silence(ofRule: 1)))
    bench.pair.fabric.disarm()
    // The read is taken, and its answer has yet to come.
    bench.arm(LinkFault(.hang(node: 1), on: []))
    bench.pair.fabric.run(until: VirtualTime(picoseconds: 7_000_000_000))
    #expect(bench.pair.fabric.silence(ofRule: 2) == .milliseconds(2))
  }

  @Test("a hang that ends after the link has gone down, and one that never ends")
  func hangAndDown() {
    for end in [LinkFault.Action.linkDown, .kill(node: 1)] {
      var bench = FaultBench()
      bench.arm(
        LinkFault(.hang(node: 1), on: [], duration: .milliseconds(3)),
        LinkFault(.hang(node: 1), on: [], duration: .milliseconds(2)),
        LinkFault(end, on: FaultBench.down, start: .time(.milliseconds(1)), duration: .microseconds(1)))
      bench.run([.write(0), .read(0, tag: 1)])
      #expect(bench.device.arrivals.count == (end == .linkDown ? 2 : 0))
      #expect(bench.device.changes == (end == .linkDown ? [.surpriseDown, .up] : []))
      #expect(bench.pair.fabric.payloads.used == 0)
      #expect(bench.pair.fabric.strikeCount(0) == 1 && bench.pair.fabric.strikeCount(2) == 1)
    }
  }

  @Test("a completion that nobody asked for", arguments: CompletionStatus.allCases)
  func unasked(_ status: CompletionStatus) {
    var bench = FaultBench()
    bench.arm(
      LinkFault(
        .completeUnasked(completer: 1, requester: requester, tag: 0x3f, status: status), on: [],
        start: .time(.milliseconds(1))))
    bench.pair.fabric.runUntilIdle()
    #expect(bench.root.arrivals.count == 1)
    #expect(bench.root.arrivals.map(\.header) == bench.pair.fabric.strikes.compactMap(\.header))
    let header = bench.root.arrivals.first?.header
    #expect(header?.kind == .completion && header?.tag == 0x3f && header?.requesterID == requester)
    #expect(header?.completionStatus == status)
    #expect(header?.completerID == bench.device.completerID(at: 0))
    #expect(bench.violations.isEmpty)
  }

  @Test("a signal comes once, amid traffic or by time")
  func signal() {
    var bench = FaultBench()
    bench.arm(
      LinkFault(.signal, on: [], start: .count(2, .init(), FaultBench.down)),
      LinkFault(.signal, on: [], start: .time(.milliseconds(1))), LinkFault(.signal, on: [], start: .manual))
    bench.send([.write(0)])
    bench.pair.fabric.run(until: VirtualTime(picoseconds: 1_000_000))
    #expect(bench.pair.fabric.hasSignals == false)
    bench.run([.write(0), .write(0), .write(0)])
    #expect(bench.pair.fabric.takeSignals() == [0, 1])
    #expect(bench.pair.fabric.takeSignals().isEmpty)
    bench.pair.fabric.trigger(2)
    bench.pair.fabric.trigger(2)
    #expect(bench.pair.fabric.takeSignals() == [2])
  }
}
