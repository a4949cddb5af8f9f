import RunEvents
import Testing

@testable import Reports

@Suite("Failure block, its parts")
struct FailureBlockTests {
  @Test(
    "as few decimals as keep times apart",
    arguments: [
      ([120_000_000, 150_000_000, 50_130_000_000], ["0.000 12 s", "0.000 15 s", "0.050 13 s"]),
      ([0], ["0.000 s"]), ([], []), ([0, 0], ["0.000 s", "0.000 s"]),
      ([312_000, 313_000], ["0.000 000 312 s", "0.000 000 313 s"]),
      ([1], ["0.000 000 000 001 s"]),
      ([1, 2_000_000_000_000], ["0.000 000 000 001 s", "2.000 000 000 000 s"]),
      ([3_000_000_000_000, 12_500_000_000_000], [" 3.000 s", "12.500 s"]),
      ([.max, .max - 1], ["18446744.073 709 551 615 s", "18446744.073 709 551 614 s"]),
    ] as [([UInt64], [String])])
  func timeScale(times: [UInt64], texts: [String]) {
    let scale = TimeScale(times)
    #expect(times.map { scale.text($0) } == texts)
  }

  @Test(
    "words for a shell",
    arguments: [
      ("completion-lost", "completion-lost"), ("a=1,b", "a=1,b"), ("w[length=4B]", "'w[length=4B]'"),
      ("", "''"), ("it's", "'it'\\''s'"), ("a b", "'a b'"), ("$x", "'$x'"), ("é", "'é'"),
      ("Suites/dma.yaml", "Suites/dma.yaml"),
    ])
  func quoting(word: String, quoted: String) {
    #expect(ReplayCommand.quoted(word) == quoted)
  }

  @Test("the place of a step in words")
  func words() {
    let setup = StepIndex(levels: [.init(1, of: 2, in: .setup)])
    #expect(FailureBlock.words(setup) == "setup step 1 of 2")
    let nested = StepIndex(3, of: 5).nested(2, of: 3, in: .branch(1, of: 2))
    #expect(FailureBlock.words(nested) == "step 3 of 5, branch 1 of 2, step 2 of 3")
    let performed = StepIndex(levels: [.init(1, of: 1, in: .fault(2, of: 4))])
    #expect(FailureBlock.words(performed) == "fault 2 of 4, step 1 of 1")
  }

  @Test(
    "text without what drives a terminal",
    arguments: [
      ("plain", "plain"), ("a\u{1b}[1;31mb\u{1b}[0mc", "abc"), ("a\u{1b}(Bb", "ab"), ("a\u{1b}Mb", "ab"),
      ("a\u{1b}]0;t\u{7}b", "ab"), ("a\u{1b}]0;t\u{1b}\\b", "ab"), ("a\u{1b}[1", "a"), ("a\u{1b}", "a"),
      ("a\u{1b}[1\nb", "a b"), ("a\u{1b}]0;x\nb", "a b"), ("a\u{1b}\nb", "a b"), ("a\u{9b}1mb", "ab"),
      ("a\tb\r\nc\n\nd", "a b c d"), ("\u{0}\u{ffff}é😀", "é😀"),
    ])
  func oneLine(text: String, line: String) {
    #expect(PlainText.oneLine(text) == line)
  }

  @Test("links of which no TLP is shown")
  func unshownTLPs() {
    func lines(_ total: UInt64) -> [String] {
      let span = SourceSpan(line: 1, column: 1)
      var outcome = CaseOutcome(.failed(.leak), message: "left")
      outcome.failure = FailureDetail(links: [LinkTotal(link: "l0", tlps: total)])
      let started = CaseStarted(suite: 0, id: "s.c", seed: 1, caseSeed: 1, span: span)
      return FailureBlock(
        suite: SuiteSummary(name: "s", path: "s.yaml", cases: 1), clock: .real,
        log: CaseLog(started, attempt: 1), outcome: outcome
      ).lines.map(\.text)
    }
    #expect(lines(0).contains("    link l0: no TLP"))
    #expect(lines(9).contains("    link l0: 9 TLPs, none of them shown"))
  }

  @Test("a long console keeps its head and its tail")
  func consoleTail() {
    var console = ConsoleTail()
    for index in 0..<10_000 { console.add(ConsoleLine(node: "n", text: "line \(index)"), at: UInt64(index)) }
    #expect(console.count == 10_000)
    #expect(console.head.map(\.text) == (0..<50).map { "line \($0)" })
    #expect(console.tail.map(\.text) == (9800..<10_000).map { "line \($0)" })
    #expect(console.last(2).map(\.text) == ["line 9998", "line 9999"])
    var short = ConsoleTail()
    for index in 0..<52 { short.add(ConsoleLine(node: "n", text: "line \(index)"), at: 0) }
    #expect(short.last(4).map(\.text) == ["line 48", "line 49", "line 50", "line 51"])
    #expect(short.last(100).count == 52)
  }
}
