import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("When a fault strikes")
struct FaultTriggerTests {
  /// Twenty writes, one each microsecond, of which a fault drops some.
  private func struck(_ fault: LinkFault, triggeredAt trigger: Int? = nil) -> [Int] {
    var bench = FaultBench()
    bench.arm(fault)
    for index in 1...20 {
      if index == trigger { bench.pair.fabric.trigger(0) }
      bench.send([.write(UInt64(index) << 12)])
      bench.pair.fabric.run(until: VirtualTime(picoseconds: UInt64(index) * 1_000_000))
    }
    bench.pair.fabric.runUntilIdle()
    let arrived = Set(bench.addresses.map { Int($0 >> 12) })
    let dropped = (1...20).filter { !arrived.contains($0) }
    #expect(bench.pair.fabric.strikes.compactMap(\.header).map { Int($0.address >> 12) } == dropped)
    #expect(bench.pair.fabric.strikeCount(0) == UInt64(dropped.count))
    #expect(bench.pair.fabric.payloads.used == 0)
    return dropped
  }

  @Test func faultsThatAreForgottenStrikeNoMoreAndLeaveTheirNumbers() {
    var bench = FaultBench()
    bench.arm(LinkFault(.drop, on: FaultBench.down, selection: .nth(2), start: .time(.microseconds(2))))
    bench.pair.fabric.run(until: VirtualTime(picoseconds: 1_000_000))
    let isForgotten = bench.pair.fabric.forgetFaults()
    #expect(isForgotten)
    // What the forgotten one waited for is not the start of this one.
    bench.arm(LinkFault(.drop, on: FaultBench.down, selection: .nth(1), start: .time(.microseconds(5))))
    for address in 1...3 { bench.send([.write(UInt64(address) << 12)]) }
    bench.pair.fabric.run(until: VirtualTime(picoseconds: 4_000_000))
    #expect(bench.addresses.count == 3 && bench.pair.fabric.strikes.isEmpty)
    bench.pair.fabric.run(until: VirtualTime(picoseconds: 7_000_000))
    bench.send([.write(4 << 12)])
    bench.pair.fabric.runUntilIdle()
    #expect(bench.addresses.count == 3 && bench.pair.fabric.strikes.map(\.rule) == [0])
    let isForgottenAgain = bench.pair.fabric.forgetFaults()
    #expect(isForgottenAgain && bench.pair.fabric.strikes.isEmpty)
  }

  @Test func whatAFaultHasDoneToATLPOnTheWireIsNotForgotten() {
    var bench = FaultBench()
    bench.arm(LinkFault(.duplicate, on: FaultBench.down))
    bench.send([.write(1 << 12)])
    let isForgotten = bench.pair.fabric.forgetFaults()
    bench.pair.fabric.runUntilIdle()
    #expect(isForgotten || bench.addresses.count == 2)
    let isForgottenLater = bench.pair.fabric.forgetFaults()
    #expect(isForgottenLater)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var selection: LinkFault.Selection?
    var start: LinkFault.Start?
    var duration: VirtualDuration?
    var times: UInt64?
    var triggeredAt: Int?
    var expected: [Int]
  }

  static let cases: [Case] = [
    Case(testDescription: "each", expected: Array(1...20)),
    Case(testDescription: "third", selection: .nth(3), expected: [3]),
    Case(testDescription: "one that never comes", selection: .nth(21), expected: []),
    Case(testDescription: "every sixth", selection: .every(6), expected: [6, 12, 18]),
    Case(testDescription: "at most twice", selection: .every(6), times: 2, expected: [6, 12]),
    Case(testDescription: "at most four", times: 4, expected: [1, 2, 3, 4]),
    Case(testDescription: "never by chance", selection: .probability(millionths: 0), expected: []),
    Case(
      testDescription: "always by chance", selection: .probability(millionths: 1_000_000), times: 3,
      expected: [1, 2, 3]),
    Case(testDescription: "window from the start", duration: .nanoseconds(4_500), expected: [1, 2, 3, 4, 5]),
    Case(testDescription: "after a time", start: .time(.nanoseconds(17_500)), expected: [19, 20]),
    Case(
      testDescription: "window after a time", selection: .every(2), start: .time(.nanoseconds(1_500)),
      duration: .microseconds(4), expected: [4, 6]),
    Case(
      testDescription: "after a count", start: .count(5, .init(.tlps(.init(.memoryWrite))), FaultBench.down),
      times: 2, expected: [6, 7]),
    Case(
      testDescription: "after a count that is not reached",
      start: .count(5, .init(.tlps(.init(.memoryRead))), FaultBench.down), expected: []),
    Case(
      testDescription: "after a count on the other direction", start: .count(1, .init(), FaultBench.up),
      expected: []),
    Case(testDescription: "by hand", selection: .nth(2), start: .manual, triggeredAt: 10, expected: [11]),
    Case(testDescription: "by hand, never", start: .manual, expected: []),
  ]

  @Test("trigger", arguments: cases)
  func trigger(_ test: Case) {
    let fault = LinkFault(
      .drop, on: FaultBench.down, selection: test.selection, start: test.start, duration: test.duration,
      times: test.times)
    #expect(struck(fault, triggeredAt: test.triggeredAt) == test.expected)
  }

  @Test("chance depends on the seed and on nothing else")
  func seeds() {
    var outcomes: Set<[Int]> = []
    for seed in UInt64(0)..<8 {
      let fault = LinkFault(
        .drop, on: FaultBench.down, selection: .probability(millionths: 300_000), seed: seed)
      let dropped = struck(fault)
      #expect(struck(fault) == dropped)
      outcomes.insert(dropped)
    }
    #expect(outcomes.count > 4)
    #expect(outcomes.allSatisfy { !$0.isEmpty && $0.count < 15 })
  }

  @Test("a fault does not draw otherwise because another one is armed")
  func independence() {
    let fault = LinkFault(
      .drop, on: FaultBench.down, selection: .probability(millionths: 300_000), seed: 7)
    var bench = FaultBench()
    bench.arm(
      fault,
      LinkFault(
        .signal, on: FaultBench.down, match: .init(), selection: .probability(millionths: 500_000), seed: 1))
    for index in 1...20 { bench.run([.write(UInt64(index) << 12)]) }
    let dropped = bench.pair.fabric.strikes.filter { $0.rule == 0 }.map(\.match)
    #expect(dropped.map(Int.init) == struck(fault))
  }

  @Test("what a fault is done with costs nothing more, and its table is empty")
  func spent() {
    var bench = FaultBench()
    bench.arm(LinkFault(.drop, on: FaultBench.down, selection: .nth(1)))
    #expect(bench.pair.fabric.directions[0].hooks == .egress)
    #expect(bench.pair.fabric.directions[1].hooks == [])
    bench.run([.write(0)])
    #expect(bench.pair.fabric.directions[0].hooks == [])
    bench.run([.write(0)])
    #expect(bench.device.arrivals.count == 1)
  }
}
