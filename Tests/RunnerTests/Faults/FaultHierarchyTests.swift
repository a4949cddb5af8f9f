import RunEvents
import Testing

@testable import Runner

/// Faults below a switch, where the parts of a strike are played by functions on different links.
@Suite struct FaultHierarchyTests {
  private static let head = """
    format: 1
    suite: t
    timeout: 10s
    seed: 0x1
    topology:
      nodes:
        rc: {model: root-complex, memory: 64KiB}
        sw: {model: switch}
        m1: {model: memory-mock, msix: 2}
        m2: {model: dma-endpoint, msix: 2}
      links:
        up:   {upstream: rc, downstream: sw}
        leaf: {upstream: sw, downstream: m1}
        two:  {upstream: sw, downstream: m2}
    cases:
      c:

    """

  static let cases: [(String, String)] = [
    (
      "poison-through",
      """
      faults:
        - poison: {link: up, tlp: MWr, nth: 1}
      allow: [poisoned-tlp]
      steps:
        - mem_write: {by: rc, to: m1.bar1, offset: 0x0, data: {fill: 0x1, length: 4B}}
      """
    ),
    (
      "poison-up",
      """
      faults:
        - poison: {link: leaf, tlp: CplD, nth: 1}
      allow: [poisoned-tlp]
      steps:
        - mem_read: {by: rc, from: m1.bar1, offset: 0x0, length: 4B, expect: {status: poisoned}}
      """
    ),
    (
      "lost-up",
      """
      faults:
        - drop: {link: up, tlp: CplD, nth: 1}
      allow: [completion-timeout]
      steps:
        - mem_read: {by: rc, from: m1.bar1, offset: 0x0, length: 4B, timeout: 1ms, expect: {status: timeout}}
      """
    ),
    (
      "malformed-mid",
      """
      faults:
        - corrupt: {link: up, tlp: MWr, nth: 1, field: length}
      allow: [malformed-tlp]
      steps:
        - mem_write: {by: rc, to: m1.bar1, offset: 0x0, data: {fill: 0x1, length: 4B}}
      """
    ),
    (
      "malformed-read",
      """
      faults:
        - corrupt: {link: leaf, tlp: MRd, nth: 1, field: first_be}
      allow: [malformed-tlp, completion-timeout]
      steps:
        - mem_read: {by: rc, from: m1.bar1, offset: 0x0, length: 16B, timeout: 1ms, expect: {status: timeout}}
      """
    ),
    (
      "mps",
      """
      faults:
        - corrupt: {link: leaf, tlp: MWr, nth: 1, field: max_payload}
      allow: [malformed-tlp]
      steps:
        - mem_write: {by: rc, to: m1.bar1, offset: 0x0, data: {fill: 0x1, length: 4B}}
      """
    ),
    (
      "tag",
      """
      faults:
        - corrupt: {link: leaf, tlp: CplD, nth: 1, field: tag}
      allow: [unexpected-completion, completion-timeout]
      steps:
        - mem_read: {by: rc, from: m1.bar1, offset: 0x0, length: 4B, timeout: 1ms, expect: {status: timeout}}
      """
    ),
    (
      "rid",
      """
      faults:
        - corrupt: {link: leaf, tlp: CplD, nth: 1, field: requester}
      allow: [unexpected-completion, completion-timeout, unsupported-request]
      steps:
        - mem_read: {by: rc, from: m1.bar1, offset: 0x0, length: 4B, timeout: 1ms, expect: {status: timeout}}
      """
    ),
    (
      "bc",
      """
      faults:
        - corrupt: {link: leaf, tlp: CplD, nth: 1, field: byte_count}
      allow: [unexpected-completion, malformed-tlp, completion-timeout]
      steps:
        - mem_read: {by: rc, from: m1.bar1, offset: 0x0, length: 64B, timeout: 1ms, expect: {status: timeout}}
      """
    ),
    (
      "swap-pieces",
      """
      faults:
        - delay: {link: leaf, tlp: CplD, nth: 1, behind: same-request}
      allow: [unexpected-completion, malformed-tlp, completion-timeout]
      steps:
        - mem_read:
            by: rc
            from: m1.bar1
            offset: 0x0
            length: 512B
            timeout: 1ms
            expect: {status: timeout}
      """
    ),
    (
      "swap-requests",
      """
      faults:
        - delay: {link: leaf, tlp: CplD, nth: 1, behind: other-request}
      steps:
        - parallel:
            branches:
              - - mem_read: {by: rc, from: m1.bar1, offset: 0x0, length: 64B}
              - - mem_read: {by: rc, from: m1.bar1, offset: 0x40, length: 64B}
      """
    ),
    (
      "bme",
      """
      faults:
        - do:
            after: {link: leaf, tlp: MWr, count: 3, from: m1}
            step:
              cfg_write: {by: rc, to: m1, offset: 0x4, size: 2, data: {bytes: 02 00}}
      steps:
        - dma_write: {by: m1, address: 0x0, data: {fill: 0x1, length: 16KiB}}
      """
    ),
    (
      "mse",
      """
      faults:
        - do:
            after: {link: leaf, tlp: MWr, count: 3}
            step:
              cfg_write: {by: rc, to: m1, offset: 0x4, size: 2, data: {bytes: 04 00}}
      allow: [unsupported-request]
      steps:
        - mem_write: {by: rc, to: m1.bar1, offset: 0x0, data: {fill: 0x1, length: 2KiB}}
        - mem_read: {by: rc, from: m1.bar1, offset: 0x0, length: 4B, expect: {status: UR}}
      """
    ),
    (
      "hot",
      """
      faults:
        - do: {after: {link: leaf, tlp: MRd, count: 1}, step: {reset: {link: leaf, kind: hot}}}
      steps:
        - mem_read: {by: rc, from: m1.bar1, offset: 0x0, length: 2KiB, timeout: 60ms, expect: {status: UR}}
      """
    ),
    (
      "kill-behind",
      """
      faults:
        - kill: {node: m1, after: {link: leaf, tlp: MWr, count: 1}}
      allow: [surprise-down, node-exit]
      steps:
        - mem_write: {by: rc, to: m1.bar1, offset: 0x0, data: {fill: 0x1, length: 4B}}
        - wait: {link: leaf, state: down, timeout: 10ms}
        - mem_read: {by: rc, from: m1.bar1, offset: 0x0, length: 4B, expect: {status: UR}}
      """
    ),
    (
      "starve-p",
      """
      faults:
        - starve: {link: up, credits: posted, after: {tlp: MWr, count: 1}, for: 1ms}
      steps:
        - mem_write: {by: rc, to: m1.bar1, offset: 0x0, data: {random: 2KiB}, save: a}
        - mem_read: {by: rc, from: m1.bar1, offset: 0x0, length: 2KiB, expect: {data: {saved: a}}}
      """
    ),
    (
      "two-on-one",
      """
      faults:
        - poison: {link: up, tlp: MWr, nth: 1}
        - corrupt: {link: up, tlp: MWr, nth: 1, field: length}
      allow: [poisoned-tlp, malformed-tlp]
      steps:
        - mem_write: {by: rc, to: m1.bar1, offset: 0x0, data: {fill: 0x1, length: 4B}}
      """
    ),
    (
      "region",
      """
      faults:
        - drop: {link: up, tlp: MRd, address: m1.bar1, every: 1}
      allow: [completion-timeout]
      steps:
        - mem_read: {by: rc, from: m1.bar0, offset: 0x0, length: 4B}
        - mem_read: {by: rc, from: m1.bar1, offset: 0x0, length: 4B, timeout: 1ms, expect: {status: timeout}}
      """
    ),
  ]

  @Test(arguments: cases)
  func meetsItsReaction(name: String, lines: String) throws {
    let run = try StepFixture.run(lines, head: Self.head)
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message) \(run.outcome.failure?.facts ?? [])")
    #expect((run.outcome.faults?.injected ?? 0) > 0)
    let again = try StepFixture.run(lines, head: Self.head)
    #expect(again.outcome == run.outcome && again.events == run.events)
  }
}
