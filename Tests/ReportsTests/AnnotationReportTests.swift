import Reports
import RunEvents
import Testing

@Suite("GitHub annotations")
struct AnnotationReportTests {
  static func text(_ events: [Event]) -> String {
    var report = AnnotationReport()
    return String(decoding: events.flatMap { report.add($0) }, as: UTF8.self)
  }

  @Test("a line for each red case, at the failing step")
  func lines() {
    #expect(
      Self.text(Streams.failing)
        == "::error file=Suites/dma.yaml,line=48,col=9,title=dma.completion-lost::"
        + "expected status SC, got UR\n"
    )
    #expect(Self.text(Streams.passing + Streams.skipped + Streams.flakyAllowed) == "")
    #expect(
      Self.text(Streams.flaky)
        == "::error file=Suites/pipe.yaml,line=17,col=3,title=pipe.server-dies::"
        + "passed only on try 2 of 3; --flaky-ok allows that\n")
    #expect(Self.text(Streams.error).hasPrefix("::error file=Suites/dma.yaml,line=48,col=9,title=dma.trap::"))
  }

  @Test("what has a meaning to the reader is escaped")
  func escapes() {
    let events = Streams.run(
      [Streams.suite(Streams.dma, cases: 1)],
      [
        Streams.testCase(
          0, "dma.a[x=1,y=50%]", CaseOutcome(.failed(.leak), message: "100% of a:b,\n::error::c"))
      ])
    #expect(
      Self.text(events)
        == "::error file=Suites/dma.yaml,line=17,col=3,title=dma.a[x=1%2Cy=50%25]::"
        + "100%25 of a:b, ::error::c\n"
    )
  }
}
