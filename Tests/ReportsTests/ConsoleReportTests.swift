import Reports
import RunEvents
import Testing

@Suite("Console report")
struct ConsoleReportTests {
  static func text(
    _ events: [Event], _ options: ConsoleOptions = ConsoleOptions(outputDirectory: "harness-out/7f3a")
  )
    -> String
  {
    var report = ConsoleReport(options: options)
    return String(decoding: events.flatMap { report.add($0) }, as: UTF8.self)
  }

  @Test("plain output has one line per case and a block per failure", arguments: Streams.all)
  func plain(stream: Stream) throws {
    try Golden.check(Self.text(stream.events), "console-\(stream.name).txt")
  }

  @Test("the failure block has the shape of the reference")
  func reference() {
    let expected = """
       run 7f3a  seed 0x5eed  1 suite, 4 cases  4 slots
              PASS [   0.001s] dma  write-read[length=4B,offset=0x0]
              PASS [   0.001s] dma  endpoint-dma
              FAIL [   0.002s] dma  completion-lost

        dma.completion-lost: expected status SC, got UR
          Suites/dma.yaml:48:9   step 2 of 3
            48 |       - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 64B, expect: {status: SC}}
               |         ^^^^^^^^
          link l0, last 4 of 7 TLPs          (t = 0 at case start; virtual time)
            0.000 12 s  rc  → mem  MRd   tag 02  0x0010_0000  64 B
            0.000 15 s  mem → rc   CplD  tag 02  SC   64 B    dropped by fault 1, cpl.timeout (Suites/dma.yaml:44:9)
            0.050 13 s  rc  → mem  MRd   tag 03  0x0010_0000  64 B
            0.050 15 s  mem → rc   Cpl   tag 03  UR
          console rc, mem: no output
          replay   pcie-harness run Suites/dma.yaml --case completion-lost --seed 0x5eed
          capture  harness-out/7f3a/dma/completion-lost/l0.pcapng

              PASS [   1.382s] dma  storm  (200 seeds)

       Summary [   1.4s] 4 cases: 3 passed, 1 failed

      """
    #expect(Self.text(Streams.failing) == expected)
  }

  @Test("a case whose beginning is lost still shows how it ended, under its number")
  func lostBeginning() {
    let events = Streams.failing.filter { $0.origin?.instance != 2 || $0.kind.name == "case-ended" }
    let text = Self.text(events)
    #expect(text.contains("        FAIL [   0.002s] case 2  case 2\n"))
    #expect(text.contains("  case 2: expected status SC, got UR\n"))
    #expect(JUnitReportTests.document(events).contains("1 of 4 cases without a result"))
  }

  @Test("colour changes no word")
  func colour() throws {
    let size = TerminalSize(columns: 100, rows: 50)
    let coloured = Self.text(
      Streams.failing, ConsoleOptions(hasColor: true, outputDirectory: "harness-out/7f3a"))
    #expect(coloured != Self.text(Streams.failing))
    #expect(coloured.replacing(/\u{1b}\[[0-9;]*m/, with: "") == Self.text(Streams.failing))
    try Golden.check(
      Self.text(Streams.failing, ConsoleOptions(terminal: size, hasColor: true)), "terminal-failing.txt")
  }
}
