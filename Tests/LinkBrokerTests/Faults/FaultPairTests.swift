import PCIe
import Simulation
import Testing

@testable import LinkBroker

/// Two faults that choose the same TLP: both act in a defined order, or the one that cannot act yields.
@Suite("Two faults on one TLP")
struct FaultPairTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var first: LinkFault.Action
    var second: LinkFault.Action
    /// The addresses of what arrives, of a write to 0x100 and one to 0x200 behind it.
    var arrivals: [UInt64]
    var strikes: [UInt64] = [1, 1]
    var findings: [Violation] = []
    /// How much later than usual the first write comes.
    var late = VirtualDuration.zero
  }

  static let us1 = VirtualDuration.microseconds(1)
  static let us2 = VirtualDuration.microseconds(2)
  static let behindWrite = LinkFault.Action.hold(.tlps(.init(.memoryWrite)))
  static let length = LinkFault.Action.corrupt(.length, value: nil)

  static let rows: [Row] = [
    Row(
      testDescription: "a drop has its TLP alone", first: .drop, second: .delay(us1...us1),
      arrivals: [0x200], strikes: [1, 0]),
    Row(
      testDescription: "whatever comes first", first: .delay(us1...us1), second: .drop, arrivals: [0x200],
      strikes: [0, 1]),
    Row(testDescription: "no copy", first: .duplicate, second: .drop, arrivals: [0x200], strikes: [0, 1]),
    Row(testDescription: "no hold", first: behindWrite, second: .drop, arrivals: [0x200], strikes: [0, 1]),
    Row(testDescription: "no change", first: length, second: .drop, arrivals: [0x200], strikes: [0, 1]),
    Row(testDescription: "no second drop", first: .drop, second: .drop, arrivals: [0x200], strikes: [1, 0]),
    Row(
      testDescription: "each duplicate adds a copy", first: .duplicate, second: .duplicate,
      arrivals: [0x100, 0x100, 0x100, 0x200]),
    Row(
      testDescription: "delays add up", first: .delay(us1...us1), second: .delay(us2...us2),
      arrivals: [0x100, 0x200], late: .microseconds(3)),
    Row(
      testDescription: "late, then twice", first: .duplicate, second: .delay(us1...us1),
      arrivals: [0x100, 0x100, 0x200], late: us1),
    Row(
      testDescription: "passed, then twice", first: behindWrite, second: .duplicate,
      arrivals: [0x200, 0x100, 0x100], findings: [.ordering]),
    Row(
      testDescription: "in any order of the rules", first: .duplicate, second: behindWrite,
      arrivals: [0x200, 0x100, 0x100], findings: [.ordering]),
    Row(
      testDescription: "malformed twice", first: length, second: .duplicate, arrivals: [0x200],
      findings: [.malformedTLP, .malformedTLP]),
    Row(
      testDescription: "malformed rather than poisoned", first: .poison, second: length, arrivals: [0x200],
      findings: [.malformedTLP]),
    Row(
      testDescription: "poisoned once", first: .poison, second: .poison, arrivals: [0x100, 0x200],
      strikes: [1, 0]),
    Row(
      testDescription: "one field changes once", first: .corrupt(.address, value: 0x300),
      second: .corrupt(.address, value: 0x400), arrivals: [0x300, 0x200], strikes: [1, 0]),
    Row(
      testDescription: "two fields change both", first: .corrupt(.address, value: 0x300),
      second: .corrupt(.payload, value: 0xff), arrivals: [0x300, 0x200]),
    Row(
      testDescription: "what has become another TLP has no such field",
      first: .corrupt(.type, value: nil), second: .corrupt(.address, value: 0x300), arrivals: [0x200],
      strikes: [1, 0], findings: [.malformedTLP]),
    Row(
      testDescription: "a signal is no harm", first: .signal, second: .drop, arrivals: [0x200]),
  ]

  @Test("above Ack and Nak", arguments: rows)
  func above(row: Row) {
    let late = Self.run(row)
    #expect(late.arrivals.map(\.header.address) == row.arrivals)
    #expect(late.strikes == row.strikes)
    #expect(late.findings == row.findings)
    #expect(late.used == 0)
    for (rule, count) in row.strikes.enumerated() {
      #expect(late.yields[rule].map { $0 == 1 - rule } == (count == 0 ? true : nil))
    }
    guard row.late > .zero, let time = late.arrivals.first?.time else { return }
    let usual = Self.run(nil).arrivals.first?.time ?? time
    #expect(time - usual == row.late)
  }

  private struct Outcome {
    var arrivals: [ScriptedNode.Arrival]
    var strikes: [UInt64]
    var yields: [Int?]
    var findings: [Violation]
    var used: Int
  }

  private static func run(_ row: Row?) -> Outcome {
    var bench = FaultBench()
    let actions = row.map { [$0.first, $0.second] } ?? []
    let writes = LinkFault.Match(.tlps(.init(.memoryWrite)))
    bench.pair.fabric.arm(
      actions.map { LinkFault($0, on: FaultBench.down, match: writes, selection: .nth(1), seed: 3) })
    bench.run([.write(0x100), .write(0x200)])
    return Outcome(
      arrivals: bench.device.arrivals,
      strikes: actions.indices.map { bench.pair.fabric.strikeCount($0) },
      yields: actions.indices.map { bench.pair.fabric.yields($0)?.to }, findings: bench.violations,
      used: bench.pair.fabric.payloads.used)
  }

  @Test("a request is answered once as the first rule says, by each of its copies, and late")
  func responses() {
    let reads: [(LinkFault.Action, [LinkFault.Response], [UInt64])] = [
      (.respond(.status(.completerAbort)), [.status(.unsupportedRequest)], [1, 0]),
      (.duplicate, [.status(.unsupportedRequest), .status(.unsupportedRequest)], [1, 1]),
      (.delay(Self.us1...Self.us1), [.status(.unsupportedRequest)], [1, 1]),
    ]
    for (second, responses, strikes) in reads {
      var bench = FaultBench()
      bench.arm(
        LinkFault(.respond(.status(.unsupportedRequest)), on: FaultBench.down, selection: .nth(1)),
        LinkFault(second, on: FaultBench.down, selection: .nth(1)))
      bench.run([.read(0x100, tag: 1)])
      #expect(bench.device.responses == responses)
      #expect([bench.pair.fabric.strikeCount(0), bench.pair.fabric.strikeCount(1)] == strikes)
    }
  }

  static let frames: [Row] = [
    Row(
      testDescription: "a lost frame is not changed", first: .corrupt(.linkCRC, value: nil), second: .drop,
      arrivals: [0x100, 0x200], strikes: [0, 1], findings: [.badTLP]),
    Row(
      testDescription: "both copies are wrong", first: .duplicate, second: .corrupt(.linkCRC, value: nil),
      arrivals: [0x100, 0x200], findings: [.badTLP, .badTLP]),
    Row(
      testDescription: "a Nak for the replay of what is lost", first: .nak, second: .drop,
      arrivals: [0x100, 0x200], findings: [.badTLP]),
    Row(
      testDescription: "a number ahead and a wrong LCRC", first: .corrupt(.sequence, value: nil),
      second: .corrupt(.linkCRC, value: nil), arrivals: [0x100, 0x200], findings: [.badTLP]),
  ]

  @Test("below Ack and Nak", arguments: frames)
  func below(row: Row) {
    var pair = Pair.dataLink(ScriptedChannel())
    let writes = LinkFault.Match(.tlps(.init(.memoryWrite)))
    pair.fabric.arm(
      [row.first, row.second].map {
        LinkFault($0, on: FaultBench.down, layer: .dataLink, match: writes, selection: .nth(1), seed: 3)
      })
    pair.sendWrites(0x10...0x10)
    pair.sendWrites(0x20...0x20)
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.map(\.header.address) == row.arrivals)
    #expect([pair.fabric.strikeCount(0), pair.fabric.strikeCount(1)] == row.strikes)
    #expect(pair.fabric.findings.map(\.violation) == row.findings)
    #expect(pair.fabric.payloads.used == 0)
  }
}
