import RunEvents
import Testing

@testable import Reports

@Suite("Fault coverage")
struct CoverageReportTests {
  private static func events(_ cells: [FaultCell], isFinal: Bool = true) -> [Event] {
    let outcome = CaseOutcome(.passed, faults: FaultTally(injected: 1, matrix: FaultMatrix(cells)))
    return [
      Event(isFinal ? .caseEnded(outcome) : .tryEnded(outcome), of: CaseKey(instance: 0)),
      Event(.note(Note("between")), of: CaseKey(instance: 0)),
    ]
  }

  private static let first = events([
    FaultCell(fault: "cpl.timeout", tlp: "CplD", outcome: .reported, count: 12),
    FaultCell(fault: "tlp.delay", tlp: "MWr", outcome: .recovered, count: 3),
    FaultCell(fault: "link.down", tlp: "-", outcome: .reported),
  ])
  private static let second = events(
    [
      FaultCell(fault: "cpl.timeout", tlp: "CplD", outcome: .failed),
      FaultCell(fault: "tlp.delay", tlp: "Ack", outcome: .recovered, count: 2),
      FaultCell(fault: "tlp.delay", tlp: "MWr", outcome: .recovered),
    ], isFinal: false)

  private func report(_ events: [Event]) -> CoverageReport {
    var report = CoverageReport()
    for event in events { report.add(event) }
    return report
  }

  @Test("the table has a line for each outcome and a column for each type")
  func table() {
    #expect(
      report(Self.first + Self.second).lines(width: 80) == [
        "fault        outcome    MWr  CplD  Ack  -  all",
        "cpl.timeout  reported     ·    12    ·  ·   12",
        "             failed       ·     1    ·  ·    1",
        "link.down    reported     ·     ·    ·  1    1",
        "tlp.delay    recovered    4     ·    2  ·    6",
      ])
    #expect(report([]).lines(width: 80) == ["no fault struck"])
  }

  @Test("streams add up in any order")
  func order() {
    let forward = report(Self.first + Self.second)
    let backward = report(Self.second + Self.first)
    #expect(forward.json == backward.json)
    #expect(forward.lines(width: 80) == backward.lines(width: 80))
    #expect(forward.faults == ["cpl.timeout", "link.down", "tlp.delay"])
  }

  @Test("the form for programs")
  func json() {
    #expect(
      String(
        decoding: report(Self.events([FaultCell(fault: "cpl.ur", tlp: "MRd", outcome: .failed)])).json,
        as: UTF8.self)
        == #"{"version":1,"cells":[{"fault":"cpl.ur","tlp":"MRd","outcome":"failed","count":1}]}"# + "\n")
  }

  @Test("a case without faults counts nothing")
  func none() {
    #expect(report([Event(.caseEnded(CaseOutcome(.passed)), of: CaseKey(instance: 0))]).matrix.isEmpty)
  }
}
