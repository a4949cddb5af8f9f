import RunEvents
import Testing

@testable import Runner

/// Faults after which nothing can come right again.
@Suite("Cases that cannot end")
struct FaultLivelockTests {
  private static let long = StepFixture.topology.replacing("timeout: 1s", with: "timeout: 60min")
  private static let allowed = "bad-tlp, replay-timeout, replay-rollover, completion-timeout"

  private static func run(_ rule: String, _ steps: [String], head: String = long) throws -> CaseOutcome {
    let lines = ["allow: [\(allowed)]", "faults:", "  - \(rule)", "steps:"] + steps.map { "  - \($0)" }
    return try StepFixture.run(lines.joined(separator: "\n"), head: head).outcome
  }

  static let endless = [
    "corrupt: {link: l0, from: mem, layer: data-link, tlp: any, every: 1, field: lcrc}",
    "drop: {link: l0, from: mem, layer: data-link, tlp: MWr, every: 1}",
    "complete: {link: l0, from: mem, layer: data-link, tlp: any, every: 1, status: Nak}",
    "drop: {link: l0, from: rc, dllp: Ack, every: 1}",
  ]

  @Test("a wait that a link keeps up for ever ends with the link and the rule", arguments: endless.prefix(1))
  func wait(rule: String) throws {
    let outcome = try Self.run(rule, ["msix: {by: mem, vector: 0}", "wait: {msix: 0, at: rc}"])
    #expect(outcome.verdict == .failed(.noProgress))
    #expect(outcome.message.hasPrefix("link l0 has been retrained "), "\(outcome.message)")
    #expect(outcome.message.hasSuffix(" times in a row, and nothing was acknowledged meanwhile"))
    let facts = outcome.failure?.facts ?? []
    #expect(facts.contains { $0.contains("events have happened, up to") }, "\(facts)")
    #expect(
      facts.contains { $0.contains("of line 16,") && $0.contains(rule) && $0.contains("has struck") },
      "\(facts)")
    #expect(outcome.failure?.step?.index == StepIndex(2, of: 2))
  }

  @Test(
    "requests that time out keep software going while the link does not get on",
    arguments: [endless[0], endless[2]])
  func timeouts(rule: String) throws {
    let read =
      "mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 4B, timeout: 300us, expect: {status: timeout}}"
    let outcome = try Self.run(rule, [String](repeating: read, count: 6))
    #expect(outcome.verdict == .passed, "\(outcome.message)")
  }

  @Test("the time of the case ends it before the fabric gives up")
  func caseTimeout() throws {
    for rule in Self.endless.dropLast() {
      let head = Self.long.replacing("timeout: 60min", with: "timeout: 2ms")
      let outcome = try Self.run(rule, ["msix: {by: mem, vector: 0}", "wait: {msix: 0, at: rc}"], head: head)
      #expect(outcome.verdict == .failed(.timeout))
      #expect(outcome.message == "msix 0 at rc did not come within the case's 2ms")
    }
  }
}
