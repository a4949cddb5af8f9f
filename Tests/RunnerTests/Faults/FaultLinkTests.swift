import LinkBroker
import PCIe
import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// Faults below Ack and Nak, from the suite's text to the verdict of the oracle.
@Suite struct FaultLinkTests {
  private static let head = """
    format: 1
    suite: t
    timeout: 1s
    seed: 0x1
    topology:
      nodes:
        rc:  {model: root-complex, memory: 64KiB}
        mem: {model: memory-mock, msix: 2}
      links:
        l0: {upstream: rc, downstream: mem, speed: 8GT/s, width: 4, max_payload: 256B}
    cases:
      c:

    """

  /// Writes in four TLPs and reads the data back.
  private static let transfer = """
    - mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {random: 1KiB}, save: sent}
    - mem_read:  {by: rc, from: mem.bar1, offset: 0x0, length: 1KiB, expect: {data: {saved: sent}}}
    """

  /// The kind of fault, its rule, what the case allows, and what the counters say in the end.
  static let passing: [(String, String, String, String)] = [
    (
      "dll.lcrc", "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 2, field: lcrc}", "",
      "l0.replays, equals: 1"
    ),
    (
      "dll.lcrc", "corrupt: {link: l0, layer: data-link, tlp: MRd, nth: 1, field: address}", "",
      "l0.naks, equals: 1"
    ),
    (
      "dll.seq_dup", "duplicate: {link: l0, layer: data-link, tlp: MWr, nth: 1}", "",
      "l0.replays, equals: 0"
    ),
    (
      "dll.seq_skip", "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 1, field: sequence}", "",
      "l0.naks, equals: 1"
    ),
    (
      "dll.nak_storm",
      "complete: {link: l0, layer: data-link, tlp: any, every: 1, times: 4, status: Nak}", "",
      "l0.naks, equals: 4"
    ),
    (
      "dll.nak", "complete: {link: l0, layer: data-link, tlp: any, nth: 1, status: Nak}", "",
      "l0.replays, equals: 1"
    ),
    ("dll.ack_lost", "drop: {link: l0, dllp: Ack, nth: 1}", "", "l0.naks, equals: 0"),
    (
      "dll.ack_blocked", "drop: {link: l0, from: mem, dllp: Ack, every: 1, for: 20us}", "",
      "l0.replays, at_least: 0"
    ),
    (
      "dll.ack_seq", "corrupt: {link: l0, dllp: Ack, nth: 1, field: sequence}", "data-link-protocol",
      "l0.naks, equals: 0"
    ),
    ("dll.dllp_crc", "corrupt: {link: l0, dllp: Ack, nth: 1, field: lcrc}", "", "l0.naks, equals: 0"),
    ("dll.dllp_unknown", "corrupt: {link: l0, dllp: Ack, nth: 1, field: type}", "", "l0.naks, equals: 0"),
    ("dll.dllp_dup", "duplicate: {link: l0, dllp: Ack, nth: 1}", "", "l0.replays, equals: 0"),
    (
      "dll.tlp_lost", "drop: {link: l0, layer: data-link, tlp: MWr, nth: 2}", "", "l0.replays, at_least: 1"
    ),
    (
      "dll.delay", "delay: {link: l0, layer: data-link, tlp: MWr, nth: 1, by: 5us}", "",
      "l0.naks, equals: 0"
    ),
    (
      "fc.starve",
      "starve: {link: l0, credits: non-posted, after: {tlp: MWr, count: 1}, for: 5ms}", "",
      "l0.replays, equals: 0"
    ),
    ("fc.update_crc", "corrupt: {link: l0, dllp: UpdateFC, nth: 1, field: lcrc}", "", "l0.naks, equals: 0"),
    ("fc.update_lost", "drop: {link: l0, dllp: UpdateFC, nth: 1}", "", "l0.naks, equals: 0"),
  ]

  private static func lines(_ rule: String, allow: String, counter: String) -> String {
    "allow: [\(allow)]\nfaults:\n  - \(rule)\nsteps:\n"
      + transfer.split(separator: "\n").map { "  \($0)\n" }.joined()
      + "  - expect: {counter: \(counter)}\n"
  }

  @Test(arguments: passing)
  func meetsItsReaction(id: String, rule: String, allow: String, counter: String) throws {
    let lines = Self.lines(rule, allow: allow, counter: counter)
    let run = try StepFixture.run(lines, head: Self.head)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message) \(run.outcome.failure?.facts ?? [])")
    let struck = run.events.compactMap { event -> StruckFault? in
      if case .fault(let fault) = event { fault } else { nil }
    }
    #expect(!struck.isEmpty && struck.allSatisfy { $0.id == id }, "\(struck.map(\.id))")
    let again = try StepFixture.run(lines, head: Self.head)
    #expect(again.outcome == run.outcome && again.events == run.events)
  }

  /// A node whose port keeps one kind of error to itself, and the rule that finds out.
  static let mutants: [(String, String, Violation, String)] = [
    ("mem", "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 2, field: lcrc}", .badTLP, "dll.lcrc"),
    (
      "mem", "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 1, field: sequence}", .badTLP,
      "dll.seq_skip"
    ),
    (
      "rc", "complete: {link: l0, from: rc, layer: data-link, tlp: any, every: 1, times: 4, status: Nak}",
      .replayRollover, "dll.nak_storm"
    ),
    (
      "rc", "drop: {link: l0, from: mem, dllp: Ack, every: 1, for: 20us}", .replayTimeout, "dll.ack_blocked"
    ),
    (
      "rc", "corrupt: {link: l0, from: mem, dllp: Ack, nth: 1, field: sequence}", .dataLinkProtocol,
      "dll.ack_seq"
    ),
    ("rc", "corrupt: {link: l0, from: mem, dllp: Ack, nth: 1, field: lcrc}", .badDLLP, "dll.dllp_crc"),
    (
      "rc", "corrupt: {link: l0, from: mem, dllp: UpdateFC, nth: 1, field: lcrc}", .badDLLP, "fc.update_crc"
    ),
  ]

  @Test(arguments: mutants)
  func missesWhatIsNotReported(node: String, rule: String, violation: Violation, id: String) throws {
    let lines = Self.lines(rule, allow: violation.rawValue, counter: "l0.tlps, at_least: 1")
    let honest = try StepFixture.run(lines, head: Self.head)
    #expect(honest.outcome.verdict == .passed, "\(honest.outcome.message)")
    let run = try StepFixture.run(
      lines, head: Self.head, nodes: SilentNodes(name: node, violation: violation))
    #expect(run.outcome.verdict == .failed(.violation), "\(run.outcome.message)")
    #expect(run.outcome.message.hasPrefix("fault 1, \(id) of line "), "\(run.outcome.message)")
    #expect(run.outcome.message.contains("report \(violation.rawValue),"), "\(run.outcome.message)")
  }

  @Test func seesAnErrorThatNoRuleExplains() throws {
    let rule = "duplicate: {link: l0, layer: data-link, tlp: MWr, nth: 1}"
    let lines = Self.lines(rule, allow: "", counter: "l0.tlps, at_least: 1")
    let run = try StepFixture.run(lines, head: Self.head, nodes: NoisyNodes())
    #expect(run.outcome.verdict == .failed(.violation))
    #expect(run.outcome.message.hasPrefix("bad-tlp at "), "\(run.outcome.message)")
  }

  @Test(arguments: [
    ("drop: {link: l0, dllp: Nak, nth: 1}", "fault 1, dll.nak_lost of line "),
    (
      "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 9, field: lcrc}", "fault 1, dll.lcrc of line "
    ),
  ])
  func failsWhenNothingMatches(rule: String, message: String) throws {
    let run = try StepFixture.run(
      Self.lines(rule, allow: "", counter: "l0.tlps, at_least: 1"), head: Self.head)
    #expect(run.outcome.verdict == .failed(.neverHit))
    #expect(run.outcome.message.hasPrefix(message), "\(run.outcome.message)")
  }

  @Test func replaysAreCountedOnlyWhereTheyHappen() throws {
    let rule = "duplicate: {link: l0, layer: data-link, tlp: MWr, nth: 1}"
    let run = try StepFixture.run(
      Self.lines(rule, allow: "", counter: "l0.replays, equals: 1"), head: Self.head)
    #expect(run.outcome.message == "expected l0.replays to be 1, got 0")
  }

  /// Replays that one fault alone cannot bring about are no surprise where another one struck before.
  @Test(arguments: ["corrupt: {link: l0, layer: data-link, tlp: MWr, every: 1, times: 12, field: lcrc}"])
  func strikesInARow(rule: String) throws {
    let lines = Self.lines(rule, allow: "", counter: "l0.replays, equals: 3")
    let run = try StepFixture.run(lines, head: Self.head)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test(arguments: ["surpriseDown", "hotReset", "slower"])
  func linkStates(name: String) throws {
    let texts = [
      "surpriseDown": """
      allow: [surprise-down, completion-timeout]
      faults:
        - link_down: {link: l0, after: {tlp: MWr, count: 2}, for: 5ms}
      steps:
        - mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {random: 1KiB}}
        - wait: {link: l0, state: down, timeout: 1ms}
        - wait: {link: l0, state: up, timeout: 1s}
        - cfg_read: {by: rc, to: mem, offset: 0x0, size: 4}
        - expect: {counter: l0.naks, equals: 0}
      """,
      "hotReset": """
      steps:
        - reset: {link: l0, kind: hot}
        - cfg_read: {by: rc, to: mem, offset: 0x0, size: 4}
        - expect: {counter: l0.naks, equals: 0}
      """,
      "slower": """
      steps:
        - mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {random: 1KiB}, save: a}
        - link: {link: l0, state: up, speed: 2.5GT/s, width: 1}
        - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 1KiB, expect: {data: {saved: a}}}
        - expect: {counter: l0.replays, equals: 0}
      """,
    ]
    let run = try StepFixture.run(try #require(texts[name]), head: Self.head)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message) \(run.outcome.failure?.facts ?? [])")
  }

  /// Everything that memory-mock does, over a switch whose links all have a data link layer.
  @Test func trafficThroughASwitch() throws {
    let head = """
      format: 1
      suite: t
      timeout: 1s
      seed: 0x1
      topology:
        nodes:
          rc: {model: root-complex, memory: 64KiB}
          sw: {model: switch}
          m1: {model: memory-mock, msix: 2}
          m2: {model: dma-endpoint, msix: 2}
        links:
          up:   {upstream: rc, downstream: sw, layer: data-link}
          leaf: {upstream: sw, downstream: m1, layer: data-link}
          two:  {upstream: sw, downstream: m2, layer: transaction}
      cases:
        c:

      """
    let lines = """
      steps:
        - repeat:
            times: 8
            steps:
              - mem_write: {by: rc, to: m1.bar1, offset: 0x0, data: {random: 2KiB}, save: a}
              - dma_write: {by: m2, address: 0x1000, data: {random: 4KiB}, save: b}
              - mem_read:  {by: rc, from: m1.bar1, offset: 0x0, length: 2KiB, expect: {data: {saved: a}}}
              - dma_read:  {by: m2, address: 0x1000, length: 4KiB, expect: {data: {saved: b}}}
        - msix:   {by: m1, vector: 1}
        - wait:   {msix: 1, at: rc}
        - expect: {counter: up.acks, at_least: 8}
        - expect: {counter: leaf.acks, at_least: 8}
        - expect: {counter: up.replays, equals: 0}
        - expect: {counter: leaf.naks, equals: 0}
      """
    let run = try StepFixture.run(lines, head: head)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message) \(run.outcome.failure?.facts ?? [])")
  }
}

/// One node does not record one violation that its ports find.
private struct SilentNodes: NodeSource {
  let name: String
  let violation: Violation

  func node(_ model: any FabricNode, named name: String) -> any FabricNode {
    name == self.name ? SilentNode(model, violation) : model
  }

  private final class SilentNode: StandIn {
    let violation: Violation

    init(_ model: any FabricNode, _ violation: Violation) {
      self.violation = violation
      super.init(model)
    }

    override func portDetected(
      _ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric
    ) {
      if violation != self.violation { super.portDetected(violation, in: header, at: port, in: &fabric) }
    }
  }
}

/// The lanes spoil a completion that no rule is about.
private struct NoisyNodes: NodeSource {
  func prepare(_ fabric: inout Fabric) { fabric.disturbFrames(by: Noise()) }

  private final class Noise: FrameDisturbance {
    private var completions = 0

    func touch(_ frame: inout LinkFrame, link: Int, isDownstream: Bool) {
      guard frame.dllp == nil, frame.tlp.header.payloadBytes == 256, !isDownstream else { return }
      completions += 1
      if completions == 1 { frame.check = .bad }
    }
  }
}
