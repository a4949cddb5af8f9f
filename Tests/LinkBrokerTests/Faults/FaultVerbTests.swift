import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("What faults do to TLPs")
struct FaultVerbTests {
  private static let writes = (1...4).map { Sample.write(UInt64($0) << 12) }

  @Test("a dropped TLP is gone, with no finding, no payload and no credit lost")
  func drop() {
    var bench = FaultBench(infiniteCompletions: false)
    let credits = bench.pair.fabric.credits(ofLink: 0, downstream: true)
    bench.arm(LinkFault(.drop, on: FaultBench.down, selection: .every(2)))
    bench.run(Self.writes + [.read(0, tag: 1), .data(tag: 2), .data(tag: 3)])
    bench.pair.fabric.run(until: bench.pair.fabric.now + .milliseconds(1))
    #expect(
      bench.device.arrivals.map(\.header.kind) == [
        .memoryWrite, .memoryWrite, .memoryRead, .completionWithData,
      ])
    #expect(bench.addresses.prefix(2) == [0x1000, 0x3000])
    #expect(bench.violations.isEmpty)
    #expect(bench.pair.fabric.credits(ofLink: 0, downstream: true) == credits)
    #expect(bench.pair.fabric.payloads.used == 0)
    let records = bench.pair.fabric.history(ofLink: 0).ordered
    #expect(records.map(\.fault) == [nil, 0, nil, 0, nil, 0, nil])
    #expect(records.allSatisfy { $0.fate == ($0.fault == nil ? .sent : .discarded) })
  }

  @Test("a delayed TLP holds back what is behind it, in order")
  func delay() throws {
    var bench = FaultBench()
    let by = VirtualDuration.microseconds(50)
    bench.arm(LinkFault(.delay(by...by), on: FaultBench.down, selection: .nth(2)))
    bench.run(Self.writes)
    #expect(bench.addresses == [0x1000, 0x2000, 0x3000, 0x4000])
    let times = bench.device.arrivals.map(\.time)
    let gap = times[1] - times[0]
    #expect(gap > by && gap < by + .microseconds(1))
    #expect(times[1] == times[2] && times[2] == times[3])
    #expect(bench.violations.isEmpty)
    #expect(bench.pair.fabric.strikes.map(\.value) == [by.picoseconds])
  }

  @Test("a delay from a range differs by match and is the same for a seed")
  func delayRange() {
    var seen: [[UInt64]] = []
    for _ in 0..<2 {
      var bench = FaultBench()
      bench.arm(LinkFault(.delay(.microseconds(1) ... .microseconds(9)), on: FaultBench.down, seed: 3))
      bench.run(Self.writes)
      seen.append(bench.pair.fabric.strikes.map(\.value))
      #expect(bench.addresses == [0x1000, 0x2000, 0x3000, 0x4000])
    }
    #expect(seen[0] == seen[1])
    #expect(Set(seen[0]).count == 4)
    #expect(seen[0].allSatisfy { $0 >= 1_000_000 && $0 <= 9_000_000 })
  }

  struct Hold: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var behind: LinkFault.Behind
    var samples: [Sample]
    /// The order of arrival, and whether the held TLP was passed.
    var order: [Int]
    var isStruck: Bool
    var violations: [Violation] = []
  }

  static let holds: [Hold] = [
    Hold(
      testDescription: "an interrupt overtakes the data", behind: .interrupt,
      samples: [.write(0), .write(4), Sample("", write(0xfee0_0000), interrupt: 0), .write(8)],
      order: [2, 0, 1, 3], isStruck: true, violations: [.ordering]),
    Hold(
      testDescription: "no interrupt comes", behind: .interrupt, samples: [.write(0), .write(4)], order: [],
      isStruck: false),
    Hold(
      testDescription: "pieces of one read swapped", behind: .sameRequest,
      samples: [
        .data(tag: 1, at: 0, bytes: 64, remaining: 128), .data(tag: 2),
        .data(tag: 1, at: 64, bytes: 64, remaining: 64),
      ], order: [2, 0, 1], isStruck: true),
    Hold(
      testDescription: "another read is answered first", behind: .otherRequest,
      samples: [
        .data(tag: 1, at: 0, bytes: 64, remaining: 128), .data(tag: 1, at: 64, bytes: 64, remaining: 64),
        .data(tag: 2),
      ],
      order: [2, 0, 1], isStruck: true),
    Hold(
      testDescription: "no other read is answered", behind: .otherRequest,
      samples: [.data(tag: 1), .write(0)], order: [], isStruck: false),
    Hold(
      testDescription: "a read overtakes a write", behind: .tlps(.init(.memoryRead)),
      samples: [.write(0), .read(0, tag: 1)], order: [1, 0], isStruck: true, violations: [.ordering]),
    Hold(
      testDescription: "a write overtakes a read, as it may", behind: .tlps(.init(.memoryWrite)),
      samples: [.read(0, tag: 1), .write(0)], order: [1, 0], isStruck: true),
    Hold(
      testDescription: "a request is no answer", behind: .sameRequest, samples: [.write(0), .write(4)],
      order: [0, 1], isStruck: false),
  ]

  @Test("hold", arguments: holds)
  func hold(_ test: Hold) {
    var bench = FaultBench()
    bench.arm(LinkFault(.hold(test.behind), on: FaultBench.down, selection: .nth(1)))
    bench.run(test.samples)
    #expect(bench.device.arrivals.map(\.header) == test.order.map { test.samples[$0].header })
    #expect(bench.pair.fabric.strikeCount(0) == (test.isStruck ? 1 : 0))
    #expect(bench.violations == test.violations)
    bench.pair.fabric.disarm()
    bench.pair.fabric.runUntilIdle()
    #expect(bench.device.arrivals.count == test.samples.count)
    #expect(bench.pair.fabric.payloads.used == 0)
  }

  @Test("a duplicate comes right behind, and takes no credits")
  func duplicate() {
    var bench = FaultBench(infiniteCompletions: false)
    let credits = bench.pair.fabric.credits(ofLink: 0, downstream: true)
    bench.arm(LinkFault(.duplicate, on: FaultBench.down, selection: .every(2)))
    bench.run([
      .write(0), .write(4, bytes: 12), .read(8, tag: 1), .read(12, tag: 2), .data(tag: 3), .data(tag: 4),
    ])
    bench.pair.fabric.run(until: bench.pair.fabric.now + .milliseconds(1))
    #expect(bench.device.arrivals.map(\.header.tag) == [0, 0, 0, 1, 2, 2, 3, 4, 4])
    #expect(bench.device.arrivals[1].payload == bench.device.arrivals[2].payload)
    #expect(bench.violations.isEmpty)
    #expect(bench.pair.fabric.credits(ofLink: 0, downstream: true) == credits)
    #expect(bench.pair.fabric.payloads.used == 0)
  }

  @Test("only TLPs with data are poisoned, and each once")
  func poison() {
    for sample in Sample.kinds {
      var bench = FaultBench()
      bench.arm(
        LinkFault(.poison, on: FaultBench.down), LinkFault(.poison, on: FaultBench.down))
      bench.run([sample])
      let isPoisoned = bench.device.arrivals.first?.header.isPoisoned
      #expect(isPoisoned == sample.header.hasData, "\(sample.name)")
      // The second one has nothing left to do.
      #expect(bench.pair.fabric.strikes.map(\.rule) == (sample.header.hasData ? [0] : []))
    }
  }

  @Test("a node is told how to answer requests, and nothing else")
  func respond() {
    for sample in Sample.kinds {
      var bench = FaultBench()
      bench.arm(LinkFault(.respond(.status(.completerAbort)), on: FaultBench.down))
      bench.run([sample])
      let isRequest = sample.name != "data" && sample.name != "completion" && sample.name != "message"
      #expect(bench.device.responses == (isRequest ? [.status(.completerAbort)] : []), "\(sample.name)")
      #expect(bench.device.arrivals.count == 1)
      #expect(bench.pair.fabric.payloads.used == 0)
    }
  }

  @Test("pieces are asked for of memory reads only, with a seed that is drawn")
  func split() {
    var bench = FaultBench()
    bench.arm(LinkFault(.respond(.split(64...256)), on: FaultBench.down, seed: 9))
    bench.run(Sample.kinds)
    let seeds = bench.pair.fabric.strikes.map(\.value)
    #expect(bench.pair.fabric.strikes.allSatisfy { $0.header?.kind == .memoryRead })
    #expect(bench.device.responses == seeds.map { .split(64...256, seed: $0) })
    #expect(Set(seeds).count == 2)
  }
}
