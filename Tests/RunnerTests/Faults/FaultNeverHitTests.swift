import RunEvents
import Testing

@testable import Runner

/// What the failure of a rule that never struck says about the cause.
@Suite("Rules that never strike")
struct FaultNeverHitTests {
  private static func facts(_ rules: String...) throws -> [String] {
    let lines =
      ["allow: [completion-timeout]", "faults:"] + rules.map { "  - \($0)" } + [
        "steps:", "  - mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {random: 64B}}",
        "  - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 4B, timeout: 1ms, expect: {status: any}}",
      ]
    let outcome = try StepFixture.run(lines.joined(separator: "\n")).outcome
    #expect(outcome.verdict == .failed(.neverHit), "\(outcome.message)")
    return outcome.failure?.facts ?? []
  }

  @Test("a digest that no TLP has: who must put one on")
  func digest() throws {
    let facts = try Self.facts("corrupt: {link: l0, tlp: MWr, nth: 1, field: ecrc}")
    #expect(
      facts == [
        "the rule is: - corrupt: {link: l0, tlp: MWr, nth: 1, field: ecrc}",
        "only TLPs with a digest match; ECRC Generation Enable of whoever sends them, bit 6 at 0x18 of its AER "
          + "capability, puts one on",
      ])
  }

  @Test("a TLP that another rule has alone: which rule")
  func yield() throws {
    let facts = try Self.facts(
      "delay: {link: l0, tlp: CplD, nth: 1, by: 1us}", "drop: {link: l0, tlp: CplD, nth: 1}")
    #expect(
      facts == [
        "the rule is: - delay: {link: l0, tlp: CplD, nth: 1, by: 1us}",
        "fault 2, cpl.timeout of line 17, struck the same TLP and left it nothing to do, 1 time",
      ])
  }
}
