import RunEvents
import Testing

@testable import Runner

/// Each verb once from the suite's text to the verdict.
@Suite struct FaultCaseTests {
  private static let read = "mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 64B"
  private static let write = "mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {random: 64B}, save: a}"
  private static let readBack = "\(read), expect: {data: {saved: a}}}"

  /// The rule, what the case allows, and the steps.
  static let passing: [(String, String, [String])] = [
    (
      "drop: {link: l0, tlp: CplD, nth: 1}", "completion-timeout",
      ["\(read), timeout: 50ms, expect: {status: timeout}}", "\(read)}"]
    ),
    (
      "drop: {link: l0, tlp: MWr, nth: 1}", "",
      [write, "\(read), expect: {data: {fill: 0x00, length: 64B}}}"]
    ),
    ("delay: {link: l0, tlp: CplD, nth: 1, by: 10us..2ms}", "", [write, readBack]),
    (
      "delay: {link: l0, tlp: CplD, nth: 1, by: 60ms}", "completion-timeout, unexpected-completion",
      ["\(read), timeout: 50ms, expect: {status: timeout}}"]
    ),
    ("duplicate: {link: l0, tlp: CplD, nth: 1}", "unexpected-completion", [write, readBack]),
    ("duplicate: {link: l0, tlp: MWr, nth: 1}", "", [write, readBack]),
    ("corrupt: {link: l0, tlp: MWr, nth: 1, field: length}", "malformed-tlp", [write, "\(read)}"]),
    ("poison: {link: l0, tlp: MWr, nth: 1}", "poisoned-tlp", [write, "\(read)}"]),
    ("poison: {link: l0, tlp: CplD, nth: 1}", "poisoned-tlp", ["\(read), expect: {status: poisoned}}"]),
    (
      "complete: {node: mem, tlp: MRd, nth: 1, status: UR}", "unsupported-request",
      ["\(read), expect: {status: UR}}", "\(read)}"]
    ),
    (
      "complete: {node: mem, tlp: MRd, nth: 1, status: CA}", "completer-abort",
      ["\(read), expect: {status: CA}}"]
    ),
    (
      "complete: {node: mem, tlp: CfgRd0, every: 1, times: 3, status: RRS}", "",
      ["cfg_read: {by: rc, to: mem, offset: 0x0, size: 4, expect: {data: {bytes: 01 00 02 00}}}"]
    ),
    ("complete: {node: mem, tlp: MRd, every: 1, status: SC, split: 64B..128B}", "", [write, readBack]),
    (
      "complete: {node: mem, to: rc, tag: 0x3f, after: 1us, status: SC}", "unexpected-completion",
      [write, readBack]
    ),
    (
      "starve: {link: l0, from: rc, credits: non-posted, after: 0ns, for: 5ms}", "", [write, readBack]
    ),
    (
      "link_down: {link: l0, after: {tlp: MWr, count: 1}, for: 5ms}", "surprise-down, completion-timeout",
      [
        write, "wait: {link: l0, state: down, timeout: 1ms}", "wait: {link: l0, state: up, timeout: 1s}",
        "cfg_read: {by: rc, to: mem, offset: 0x0, size: 4}",
      ]
    ),
    (
      "kill: {node: mem, after: {link: l0, tlp: MWr, count: 1}}", "surprise-down, node-exit",
      [write, "wait: {link: l0, state: down, timeout: 10ms}", "\(read), expect: {status: UR}}"]
    ),
    (
      "hang: {node: mem, after: 1us, for: 100us}", "",
      ["repeat: {times: 4, steps: [{\(write)}, {\(readBack)}]}"]
    ),
    (
      "hang: {node: mem, after: 1us}", "completion-timeout",
      ["\(read)}", "\(read)}", "\(read)}", "\(read), timeout: 1ms, expect: {status: timeout}}"]
    ),
    // Nobody asks it while it does not answer.
    ("hang: {node: mem, after: {link: l0, tlp: MWr, count: 1}}", "", [write]),
    ("hang: {node: mem, after: {link: l0, tlp: MWr, count: 1}, for: 60ms}", "", [write]),
    // Who asks it is patient; somebody impatient has asked before.
    (
      "hang: {node: mem, after: {link: l0, tlp: MRd, count: 2}, for: 30ms}", "",
      [write, "\(read), timeout: 10ms}", readBack]
    ),
    (
      "do: {after: {link: l0, tlp: MWr, count: 1}, step: {msix: {by: mem, vector: 1}}}", "",
      [write, "wait: {msix: 1, at: rc}"]
    ),
    (
      "do: {after: {link: l0, tlp: MRd, count: 1}, step: {reset: {node: mem, kind: flr}}}", "",
      [
        "\(read)}", "expect: {counter: l0.cpld, at_least: 1}",
      ]
    ),
    (
      "drop: {link: l0, msix: 0, nth: 1}", "",
      ["msix: {by: mem, vector: 0}", "msix: {by: mem, vector: 0}", "wait: {msix: 0, at: rc}"]
    ),
    (
      "delay: {link: l0, tlp: MWr, nth: 1, behind: msix}", "ordering",
      [
        "dma_write: {by: mem, address: 0x0, data: {fill: 0x5a, length: 4B}}", "msix: {by: mem, vector: 0}",
        "wait: {msix: 0, at: rc}",
      ]
    ),
  ]

  private static func lines(_ rules: [String], _ allow: String, _ steps: [String]) -> String {
    "allow: [\(allow)]\nfaults:\n" + rules.map { "  - \($0)\n" }.joined() + "steps:\n"
      + steps.map { "  - \($0)\n" }.joined()
  }

  @Test(arguments: passing)
  func meetsItsReaction(rule: String, allow: String, steps: [String]) throws {
    let run = try StepFixture.run(Self.lines([rule], allow, steps))
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message) \(run.outcome.failure?.facts ?? [])")
    let again = try StepFixture.run(Self.lines([rule], allow, steps))
    #expect(again.outcome == run.outcome && again.events == run.events)
  }

  /// The rule, what the case allows, the steps, the verdict and its message.
  static let failing: [(String, String, [String], FailureType, String)] = [
    (
      "drop: {link: l0, tlp: CplD, nth: 5}", "", ["\(read)}"], .neverHit,
      "fault 1, cpl.timeout of line 16, was armed and never struck; it saw 1 match"
    ),
    (
      "hang: {node: mem, after: 900ms}", "", ["\(read)}"], .neverHit,
      "fault 1, dev.hang of line 16, was armed and never struck; it saw 0 matches"
    ),
    (
      "poison: {link: l0, tlp: MWr, nth: 1}", "", [write], .violation,
      "poisoned-tlp at mem, link l0: MWr of 64 bytes at 0x80001000 carries poisoned data; nothing was changed"
    ),
    (
      "poison: {link: l0, tlp: MWr, nth: 1, expect: {mem: [malformed-tlp]}}", "poisoned-tlp", [write],
      .violation,
      "fault 1, tlp.poison_wr of line 16, must make mem (01:00.0) report malformed-tlp, "
        + "and bit 18 of Uncorrectable Error Status is clear"
    ),
    (
      "duplicate: {link: l0, tlp: MWr, nth: 1}", "",
      [write, "\(read), expect: {status: UR}}"], .expectation, "expected status UR, got SC"
    ),
  ]

  @Test(arguments: failing)
  func failsForAReason(
    rule: String, allow: String, steps: [String], type: FailureType, message: String
  ) throws {
    let run = try StepFixture.run(Self.lines([rule], allow, steps))
    #expect(run.outcome.verdict == .failed(type), "\(run.outcome.message)")
    #expect(run.outcome.message == message)
  }
}
