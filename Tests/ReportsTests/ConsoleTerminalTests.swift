import Reports
import RunEvents
import Testing

@Suite("Console report on a terminal")
struct ConsoleTerminalTests {
  /// A run in which many cases run at once, cut in the middle.
  static let busy: [Event] = {
    let suites = [Streams.suite(Streams.dma, cases: 21), Streams.suite(Streams.pipe, cases: 10)]
    let start = Streams.start(suites[0], suites[1])
    var events = [start] + Streams.testCase(0, "dma.endpoint-dma", Streams.passed())
    events += Streams.completionLost
    for index in 3..<14 {
      let name = index < 9 ? "dma.write-read[length=\(index)B]" : "pipe.exchange[client_board=qemu_\(index)]"
      events += Streams.testCase(
        index, name, suite: index < 9 ? 0 : 1,
        [
          (0, .seedStarted(SeedStarted(index: index, count: 200, seed: 1))),
          (
            0,
            .stepStarted(
              StepStarted(index: StepIndex(3, of: 7), span: Streams.step2.span, text: "wait msix 0 at rc"))
          ),
        ], Streams.passed()
      ).dropLast()
    }
    return events
  }()

  static func screen(_ events: [Event], columns: Int, rows: Int, colour: Bool = false) -> Screen {
    var screen = Screen(columns: columns, rows: rows)
    var report = ConsoleReport(
      options: ConsoleOptions(
        terminal: TerminalSize(columns: columns, rows: rows), hasColor: colour,
        outputDirectory: "harness-out/7f3a"))
    for (index, event) in events.enumerated() {
      screen.write(report.add(event))
      if index % 3 == 0 { screen.write(report.tick(nanoseconds: UInt64(index) * 100_000_000)) }
    }
    screen.write(report.tick(nanoseconds: 5_200_000_000))
    return screen
  }

  @Test("the bar and up to eight running cases with their step")
  func running() throws {
    let screen = Self.screen(Self.busy, columns: 120, rows: 50)
    #expect(screen.problems == [])
    try Golden.check(screen.text, "terminal-running.txt")
  }

  @Test(
    "a small terminal shows less, and no line of the display wraps",
    arguments: [(40, 10), (20, 5), (10, 2), (1, 1)])
  func small(columns: Int, rows: Int) {
    let screen = Self.screen(Self.busy, columns: columns, rows: rows)
    #expect(screen.problems == [])
    #expect(screen.text.contains("  Running [") == (columns >= 20))
  }

  @Test("when the run is over the terminal shows what a pipe would", arguments: Streams.all)
  func ended(stream: Stream) {
    let screen = Self.screen(stream.events, columns: 200, rows: 200)
    #expect(screen.problems == [])
    #expect(screen.text == ConsoleReportTests.text(stream.events))
    #expect(screen.colours == 0)
    #expect(Self.screen(stream.events, columns: 200, rows: 200, colour: true).text == screen.text)
  }

  @Test("the source line is cut to the terminal, with the mark under it")
  func narrowExcerpt() {
    let lines = Self.screen(Streams.failing, columns: 60, rows: 50).text.split(separator: "\n")
    #expect(lines.contains("      48 |       - mem_read: {by: rc, from: mem.bar1, offse…"))
    #expect(lines.contains("         |         ^^^^^^^^"))
  }

  @Test("a new size of the terminal is taken at once")
  func resize() {
    var report = ConsoleReport(options: ConsoleOptions(terminal: TerminalSize(columns: 100, rows: 40)))
    for event in Self.busy { _ = report.add(event) }
    let before = report.tick(nanoseconds: 1)
    let after = report.resize(to: TerminalSize(columns: 30, rows: 40))
    #expect(before.split(separator: 0x0a).contains { $0.count > 60 })
    #expect(after.split(separator: 0x0a).allSatisfy { String(decoding: $0, as: UTF8.self).count < 45 })
    var plain = ConsoleReport()
    #expect(plain.resize(to: TerminalSize(columns: 30, rows: 40)) == [])
    #expect(plain.tick(nanoseconds: 1) == [])
  }

  @Test("red cases are told again when they have scrolled away, and only then")
  func redAgain() {
    func run(_ passes: Int) -> [Event] {
      let suites = [Streams.suite(Streams.dma, cases: passes + 3)]
      return Streams.run(
        suites,
        [Streams.completionLost]
          + (3..<passes + 3).map { Streams.testCase($0, "dma.p\($0)", Streams.passed()) })
    }
    func count(_ passes: Int) -> Int {
      ConsoleReportTests.text(run(passes)).split(separator: "\n").filter { $0.contains("FAIL [") }.count
    }
    #expect(count(3) == 1)
    #expect(count(40) == 2)
    #expect(ConsoleReportTests.text(run(40)).hasSuffix("        FAIL [   0.002s] dma  completion-lost\n"))
  }

  @Test("a text from outside cannot drive the terminal")
  func hostileText() {
    let hostile = "x\u{1b}[2J\u{1b}]52;c;AAAA\u{7}\u{9b}5A\r\u{8}y\nz"
    let events = Streams.run(
      [Streams.suite(Streams.dma, cases: 1)],
      [
        Streams.testCase(
          0, "dma.\(hostile)",
          [
            (
              0,
              .stepStarted(StepStarted(index: StepIndex(1, of: 1), span: Streams.step2.span, text: hostile))
            ),
            (0, .consoleLine(ConsoleLine(node: hostile, text: hostile))), (0, .note(Note(hostile))),
            (
              0,
              .tlp(
                TLPRecord(
                  link: hostile, from: hostile, to: hostile, mnemonic: hostile, detail: hostile,
                  fault: hostile))
            ),
            (0, .finding(Finding(violation: hostile, place: hostile, text: hostile, allowed: false))),
            (0, .leak(Leak(node: hostile, pid: 1, command: hostile, killed: true))),
          ],
          CaseOutcome(
            .failed(.leak), message: hostile,
            failure: FailureDetail(
              step: StepPlace(
                index: StepIndex(1, of: 1), span: SourceSpan(line: 1, column: 1, file: hostile),
                excerpt: hostile),
              facts: [hostile], links: [LinkTotal(link: hostile, tlps: 1)], nodes: [hostile],
              captures: [hostile])))
      ])
    let text = ConsoleReportTests.text(events)
    #expect(
      text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) })
    #expect(!text.contains("52;c"))
    let screen = Self.screen(events, columns: 120, rows: 60)
    #expect(screen.problems == [])
  }
}
