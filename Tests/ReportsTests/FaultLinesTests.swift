import RunEvents
import Testing

@testable import Reports

@Suite("Faults in a failure block")
struct FaultLinesTests {
  private func fault(_ rule: Int, _ id: String, link: String? = "l0", tlp: String? = nil, match: UInt64 = 0)
    -> StruckFault
  {
    StruckFault(
      rule: rule, id: id, verb: "drop", span: SourceSpan(line: 40 + rule, column: 9, length: 4), link: link,
      source: link.map { _ in "rc" }, tlp: tlp, match: match)
  }

  @Test("one line for each rule, with its first strike")
  func lines() {
    var lines = FaultLines()
    #expect(lines.isEmpty)
    lines.add(fault(2, "dev.kill", link: nil), at: 7_000_000_000)
    lines.add(fault(1, "cpl.timeout", tlp: "CplD tag 02", match: 3), at: 150_000_000)
    lines.add(fault(1, "cpl.timeout", tlp: "CplD tag 05", match: 6), at: 160_000_000)
    #expect(
      lines.texts(path: "Suites/dma.yaml") == [
        "cpl.timeout, drop on l0: CplD tag 02, 2 times, first at 0.000 15 s, match 3 (Suites/dma.yaml:41:9)",
        "dev.kill, drop, at 0.007 0 s (Suites/dma.yaml:42:9)",
      ])
  }

  @Test("many rules are counted only")
  func many() {
    var lines = FaultLines()
    for rule in 1...20 { lines.add(fault(rule, "tlp.delay"), at: 0) }
    #expect(lines.texts(path: "x").count == FaultLines.rulesMax + 1)
    #expect(lines.texts(path: "x").last == "12 more rules")
  }

  @Test("a failure block and the text of its JUnit element name the faults")
  func block() {
    var log = CaseLog(
      CaseStarted(suite: 0, id: "dma.x", seed: 1, caseSeed: 1, span: SourceSpan(line: 1, column: 1)),
      attempt: 1)
    log.add(Event(.fault(fault(1, "cpl.timeout")), of: CaseKey(instance: 0), at: 1_000_000))
    let block = FailureBlock(
      suite: Streams.dma, clock: .virtual, log: log,
      outcome: CaseOutcome(.failed(.expectation), message: "no"))
    #expect(
      block.lines.map(\.text).contains(
        "    fault    cpl.timeout, drop on l0, at 0.000 001 0 s (Suites/dma.yaml:41:9)"))
  }
}
