import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("What faults do below Ack and Nak")
struct FrameFaultTests {
  private static let ackUp = LinkFault.Match(.dllps(.ack))

  /// A rule on four writes that go down, what both ends find, and how often TLPs are sent again.
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var fault: LinkFault
    var device: [Violation] = []
    var root: [Violation] = []
    var naks: UInt64 = 0
    var replays: UInt64 = 0
    var strikes = 1
  }

  private static func down(
    _ action: LinkFault.Action, _ selection: LinkFault.Selection, times: UInt64? = nil
  ) -> LinkFault {
    LinkFault(
      action, on: FaultBench.down, layer: .dataLink, match: .init(.tlps(.init(.memoryWrite))),
      selection: selection, times: times, seed: 7)
  }

  private static func up(_ action: LinkFault.Action, _ kind: LinkFault.DLLPKinds = .ack) -> LinkFault {
    LinkFault(
      action, on: FaultBench.up, layer: .dataLink, match: .init(.dllps(kind)), selection: .nth(1), seed: 7)
  }

  static let rows: [Row] = [
    Row(
      testDescription: "a lost TLP is missed when the next one comes", fault: down(.drop, .nth(2)),
      device: [.badTLP], naks: 1, replays: 1),
    Row(
      testDescription: "the last TLP is missed by REPLAY_TIMER", fault: down(.drop, .nth(4)),
      root: [.replayTimeout], replays: 1),
    Row(
      testDescription: "replays are matches too",
      fault: LinkFault(
        .drop, on: FaultBench.down, layer: .dataLink,
        match: .init(.tlps(.init(.memoryWrite)), address: 64...64), times: 2),
      root: [.replayTimeout, .replayTimeout], replays: 2, strikes: 2),
    Row(testDescription: "a TLP comes twice", fault: down(.duplicate, .nth(2))),
    Row(
      testDescription: "a wrong LCRC", fault: down(.corrupt(.linkCRC, value: nil), .nth(3)),
      device: [.badTLP], naks: 1, replays: 1),
    Row(
      testDescription: "a wrong LCRC that is given", fault: down(.corrupt(.linkCRC, value: 0x1234), .nth(3)),
      device: [.badTLP], naks: 1, replays: 1),
    Row(
      testDescription: "a header spoilt on the lanes is no malformed TLP",
      fault: down(.corrupt(.length, value: nil), .nth(1)), device: [.badTLP], naks: 1, replays: 1),
    Row(
      testDescription: "a payload spoilt on the lanes comes right again",
      fault: down(.corrupt(.payload, value: nil), .nth(1)), device: [.badTLP], naks: 1, replays: 1),
    Row(
      testDescription: "a number ahead", fault: down(.corrupt(.sequence, value: nil), .nth(1)),
      device: [.badTLP], naks: 1, replays: 1),
    Row(
      testDescription: "the number of the TLP before is a duplicate",
      fault: down(.corrupt(.sequence, value: 2), .nth(3)), root: [.replayTimeout], replays: 1),
    Row(testDescription: "one Nak", fault: down(.nak, .nth(1)), naks: 1, replays: 1),
    Row(
      testDescription: "Naks to all make REPLAY_NUM roll over", fault: down(.nak, .every(1), times: 4),
      root: [.replayRollover], naks: 4, replays: 4, strikes: 4),
    Row(testDescription: "a lost Ack", fault: up(.drop), root: [.replayTimeout], replays: 1),
    Row(testDescription: "an Ack twice", fault: up(.duplicate)),
    Row(
      testDescription: "a wrong CRC of an Ack", fault: up(.corrupt(.linkCRC, value: nil)),
      root: [.badDLLP, .replayTimeout], replays: 1),
    Row(
      testDescription: "an Ack of an undefined type", fault: up(.corrupt(.type, value: nil)),
      root: [.replayTimeout], replays: 1),
    Row(
      testDescription: "an Ack for what was never sent", fault: up(.corrupt(.sequence, value: nil)),
      root: [.dataLinkProtocol, .replayTimeout], replays: 1),
    Row(
      testDescription: "an Ack that says less than it should", fault: up(.corrupt(.sequence, value: 1)),
      root: [.replayTimeout], replays: 1),
    Row(
      testDescription: "an UpdateFC with a wrong CRC", fault: up(.corrupt(.linkCRC, value: nil), .updateFC),
      root: [.badDLLP]),
    Row(testDescription: "a lost UpdateFC", fault: up(.drop, .updateFC)),
  ]

  @Test("each TLP arrives once, in order, whatever strikes", arguments: rows)
  func verbs(row: Row) {
    let channel = ScriptedChannel()
    var pair = Pair.dataLink(channel)
    pair.fabric.arm([row.fault])
    pair.sendWrites(1...4)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1, 2, 3, 4])
    #expect(pair.device.detected == row.device)
    #expect(pair.root.detected == row.root)
    #expect(pair.counters(down: false).naks == row.naks)
    #expect(pair.counters(down: true).replays == row.replays)
    #expect(pair.fabric.strikes.count == row.strikes)
    #expect(pair.fabric.payloads.used == 0)
    let again = Self.strikes(of: row.fault)
    #expect(again == pair.fabric.strikes)
  }

  private static func strikes(of fault: LinkFault) -> [FaultStrike] {
    var pair = Pair.dataLink(ScriptedChannel())
    pair.fabric.arm([fault])
    pair.sendWrites(1...4)
    pair.fabric.runUntilIdle()
    return pair.fabric.strikes
  }

  @Test("a strike tells the TLP or the kind of DLLP, and what was drawn")
  func log() throws {
    let by = VirtualDuration.nanoseconds(700)
    var pair = Pair.dataLink(ScriptedChannel())
    pair.fabric.arm([
      Self.up(.drop), Self.down(.delay(by...by), .nth(3)),
      Self.down(.corrupt(.sequence, value: nil), .nth(1)),
    ])
    pair.sendWrites(1...4)
    pair.fabric.runUntilIdle()
    let byRule = Dictionary(grouping: pair.fabric.strikes, by: \.rule)
    let ack = try #require(byRule[0]?.first)
    #expect(ack.dllp == .ack && ack.header == nil && !ack.isDownstream && ack.match == 1)
    let delay = try #require(byRule[1]?.first)
    #expect(delay.value == by.picoseconds && delay.header?.address == 3 * 16 && delay.match == 3)
    let sequence = try #require(byRule[2]?.first)
    #expect((1...1001).contains(sequence.value) && sequence.dllp == nil && sequence.isDownstream)
  }

  @Test("a late TLP keeps what is behind it waiting")
  func delay() {
    let by = VirtualDuration.nanoseconds(700)
    var pair = Pair.dataLink(ScriptedChannel())
    pair.fabric.arm([Self.down(.delay(by...by), .nth(2))])
    pair.sendWrites(1...4)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1, 2, 3, 4])
    let times = pair.device.arrivals.map(\.time)
    #expect(times[1] - times[0] > by && times[2] == times[1] && times[3] == times[1])
    #expect(pair.device.detected.isEmpty && pair.root.detected.isEmpty)
  }

  @Test("above Ack and Nak a loss is real, and nothing is sent again")
  func lossAbove() {
    var pair = Pair.dataLink(ScriptedChannel())
    pair.fabric.arm([LinkFault(.drop, on: FaultBench.down, selection: .nth(2))])
    pair.sendWrites(1...4)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1, 3, 4])
    #expect(pair.counters(down: true).replays == 0)
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test("what does not match goes as if nothing were armed")
  func noMatch() {
    var pair = Pair.dataLink(ScriptedChannel())
    let kinds = LinkFault.TLPKinds(.memoryRead)
    pair.fabric.arm([
      LinkFault(.drop, on: FaultBench.down, layer: .dataLink, match: .init(.tlps(kinds))),
      LinkFault(.drop, on: FaultBench.up, layer: .dataLink, match: .init(.dllps(.nak))),
      Self.down(.corrupt(.sequence, value: 0), .nth(1)),
    ])
    pair.sendWrites(1...1)
    pair.fabric.runUntilIdle()
    #expect(pair.numbers == [1])
    #expect(pair.fabric.strikes.isEmpty && pair.fabric.findings.isEmpty)
  }
}
