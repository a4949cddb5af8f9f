import RunEvents
import Testing

@testable import Runner

/// Every two rules that choose the same TLP, from the suite's text to the verdict of the oracle.
@Suite("Two rules on one TLP")
struct FaultPairCaseTests {
  /// Rules against the first TLP of a kind, and the steps that send it.
  struct Table: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var rules: [String]
    var steps: [String]
  }

  private static let reads = [
    "parallel:",
    "    branches:",
    "      - - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 64B, timeout: 1ms, expect: {status: any}}",
    "      - - mem_read: {by: rc, from: mem.bar1, offset: 0x40, length: 64B, timeout: 1ms, expect: {status: any}}",
  ].joined(separator: "\n  ")

  static let tables = [
    Table(
      testDescription: "a completion",
      rules: [
        "drop: {link: l0, tlp: CplD, nth: 1}", "delay: {link: l0, tlp: CplD, nth: 1, by: 10us}",
        "delay: {link: l0, tlp: CplD, nth: 1, by: 60ms}",
        "delay: {link: l0, tlp: CplD, nth: 1, behind: other-request}",
        "duplicate: {link: l0, tlp: CplD, nth: 1}", "poison: {link: l0, tlp: CplD, nth: 1}",
        "corrupt: {link: l0, tlp: CplD, nth: 1, field: type}",
        "corrupt: {link: l0, tlp: CplD, nth: 1, field: length}",
        "corrupt: {link: l0, tlp: CplD, nth: 1, field: max_payload}",
        "corrupt: {link: l0, tlp: CplD, nth: 1, field: tag, value: 0xfe}",
        "corrupt: {link: l0, tlp: CplD, nth: 1, field: requester, value: 0x700}",
        "corrupt: {link: l0, tlp: CplD, nth: 1, field: byte_count, value: 0x1}",
        "corrupt: {link: l0, tlp: CplD, nth: 1, field: payload}",
      ], steps: [reads]),
    Table(
      testDescription: "a read",
      rules: [
        "drop: {link: l0, tlp: MRd, nth: 1}", "delay: {link: l0, tlp: MRd, nth: 1, by: 10us}",
        "duplicate: {link: l0, tlp: MRd, nth: 1}", "corrupt: {link: l0, tlp: MRd, nth: 1, field: type}",
        "corrupt: {link: l0, tlp: MRd, nth: 1, field: length}",
        "corrupt: {link: l0, tlp: MRd, nth: 1, field: address, value: 0x0}",
        "corrupt: {link: l0, tlp: MRd, nth: 1, field: tag, value: 0xfe}",
        "corrupt: {link: l0, tlp: MRd, nth: 1, field: requester, value: 0x700}",
        "corrupt: {link: l0, tlp: MRd, nth: 1, field: first_be, value: 0x0}",
        "complete: {node: mem, tlp: MRd, nth: 1, status: UR}",
        "complete: {node: mem, tlp: MRd, nth: 1, status: CA}",
        "complete: {node: mem, tlp: MRd, nth: 1, status: RRS}",
        "complete: {node: mem, tlp: MRd, nth: 1, status: SC, split: 64B}",
      ], steps: [reads]),
    Table(
      testDescription: "a write",
      rules: [
        "drop: {link: l0, tlp: MWr, nth: 1}", "delay: {link: l0, tlp: MWr, nth: 1, by: 10us}",
        "delay: {link: l0, tlp: MWr, nth: 1, behind: MWr}", "duplicate: {link: l0, tlp: MWr, nth: 1}",
        "poison: {link: l0, tlp: MWr, nth: 1}", "corrupt: {link: l0, tlp: MWr, nth: 1, field: type}",
        "corrupt: {link: l0, tlp: MWr, nth: 1, field: length}",
        "corrupt: {link: l0, tlp: MWr, nth: 1, field: max_payload}",
        "corrupt: {link: l0, tlp: MWr, nth: 1, field: address, value: 0x0}",
        "corrupt: {link: l0, tlp: MWr, nth: 1, field: first_be, value: 0x0}",
        "corrupt: {link: l0, tlp: MWr, nth: 1, field: payload}",
        "complete: {node: mem, tlp: MWr, nth: 1, status: UR}",
      ],
      steps: [
        "mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {random: 512B}}",
        "mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 64B, timeout: 1ms, expect: {status: any}}",
      ]),
    Table(
      testDescription: "a write below Ack and Nak",
      rules: [
        "drop: {link: l0, layer: data-link, tlp: MWr, nth: 1}",
        "delay: {link: l0, layer: data-link, tlp: MWr, nth: 1, by: 200ns}",
        "duplicate: {link: l0, layer: data-link, tlp: MWr, nth: 1}",
        "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 1, field: lcrc}",
        "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 1, field: sequence}",
        "corrupt: {link: l0, layer: data-link, tlp: MWr, nth: 1, field: length}",
        "complete: {link: l0, layer: data-link, tlp: MWr, nth: 1, status: Nak}",
        "poison: {link: l0, tlp: MWr, nth: 1}", "duplicate: {link: l0, tlp: MWr, nth: 1}",
        "drop: {link: l0, tlp: MWr, nth: 1}", "corrupt: {link: l0, tlp: MWr, nth: 1, field: length}",
      ],
      steps: [
        "mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {random: 512B}}",
        "mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 64B, timeout: 1ms, expect: {status: any}}",
      ]),
  ]

  private static let allowed =
    "unexpected-completion, completion-timeout, malformed-tlp, poisoned-tlp, unsupported-request, "
    + "completer-abort, ordering"

  @Test("what each demands is what is found, or one leaves the other nothing to do", arguments: tables)
  func pairs(table: Table) throws {
    for first in table.rules {
      for second in table.rules {
        let lines =
          ["allow: [\(Self.allowed)]", "faults:", "  - \(first)", "  - \(second)", "steps:"]
          + table.steps.map { "  - \($0)" }
        let outcome = try StepFixture.run(lines.joined(separator: "\n")).outcome
        let yields = outcome.failure?.facts.contains { $0.contains("left it nothing to do") } ?? false
        if Self.excludes(first, second) {
          #expect(outcome.verdict == .failed(.neverHit) && yields, "\(first) + \(second): \(outcome.message)")
        } else {
          #expect(
            outcome.verdict == .passed,
            "\(first) + \(second): \(outcome.message); \(outcome.failure?.facts ?? [])")
        }
      }
    }
  }

  /// Whether one of two rules can only yield.
  private static func excludes(_ first: String, _ second: String) -> Bool {
    let isBelow = [first, second].map { $0.contains("layer: data-link") }
    if isBelow[0] != isBelow[1] { return false }
    if [first, second].contains(where: { $0.hasPrefix("drop") }) {
      // A Nak is for what has come, and sees the replay.
      return ![first, second].contains { $0.contains("Nak") }
    }
    for word in ["poison", "complete"] where first.hasPrefix(word) && second.hasPrefix(word) { return true }
    if first == second, first.hasPrefix("corrupt") || first.contains("behind") { return true }
    let needsType = ["tag", "requester", "byte_count", "address", "first_be"]
    return !isBelow[0] && first.contains("field: type")
      && needsType.contains { second.contains("field: \($0)") }
  }
}
