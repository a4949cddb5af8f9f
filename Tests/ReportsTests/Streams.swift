import RunEvents
import Testing

/// Event streams as runs make them, each for one thing a report must show.
enum Streams {
  static let dma = SuiteSummary(name: "dma", path: "Suites/dma.yaml", cases: 21)
  static let pipe = SuiteSummary(
    name: "pipe", path: "Suites/pipe.yaml", cases: 3,
    boards: [
      BoardSummary(name: "qemu_x86_64", architecture: "x86_64", version: "10.1.0"),
      BoardSummary(name: "native_sim", architecture: "x86_64"),
    ])

  static func start(_ suites: SuiteSummary..., clock: Clock = .virtual, slots: Int? = 4) -> Event {
    Event(
      .runStarted(
        RunStarted(run: "7f3a", product: "0.1.0", seed: 0x5eed, clock: clock, suites: suites, slots: slots)))
  }

  static func suite(_ suite: SuiteSummary, cases: Int) -> SuiteSummary {
    var suite = suite
    suite.cases = cases
    return suite
  }

  /// The events of a whole run around its cases.
  static func run(
    _ suites: [SuiteSummary], clock: Clock = .virtual, signal: Int? = nil, _ cases: [[Event]]
  ) -> [Event] {
    var totals = RunTotals()
    let start = Event(
      .runStarted(
        RunStarted(run: "7f3a", product: "0.1.0", seed: 0x5eed, clock: clock, suites: suites, slots: 4)))
    let events = [start] + cases.flatMap { $0 }
    for event in events { totals.count(event) }
    let end = RunEnded(totals: totals, signal: signal, wallNanoseconds: 1_402_000_000)
    return events + [Event(.runEnded(end))]
  }

  /// The events of a case around what happens in it.
  static func testCase(
    _ instance: Int, _ id: String, suite: Int = 0, line: Int = 17, attempt: Int = 1, triesMax: Int = 1,
    _ content: [(UInt64, Event.Kind)], _ outcome: CaseOutcome, isFinal: Bool = true
  ) -> [Event] {
    let key = CaseKey(instance: instance, attempt: attempt)
    let started = CaseStarted(
      suite: suite, id: id, seed: 0x5eed, caseSeed: 0x1234,
      span: SourceSpan(line: line, column: 3, length: 8),
      triesMax: triesMax, slot: 1)
    return [Event(.caseStarted(started), of: key)]
      + content.map { Event($0.1, of: key, at: $0.0) }
      + [Event(isFinal ? .caseEnded(outcome) : .tryEnded(outcome), of: key, at: outcome.duration)]
  }

  /// A case in which nothing happens that is told.
  static func testCase(
    _ instance: Int, _ id: String, attempt: Int = 1, triesMax: Int = 1, _ outcome: CaseOutcome
  ) -> [Event] {
    testCase(instance, id, attempt: attempt, triesMax: triesMax, [], outcome)
  }

  static func passed(milliseconds: UInt64 = 1, seeds: SeedRuns? = nil) -> CaseOutcome {
    CaseOutcome(.passed, duration: 12_000_000, wallNanoseconds: milliseconds * 1_000_000, seeds: seeds)
  }

  static let microsecond: UInt64 = 1_000_000

  static let index2 = StepIndex(2, of: 3)
  static let step2 = StepPlace(
    index: index2, span: SourceSpan(line: 48, column: 9, length: 8),
    excerpt: "      - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 64B, expect: {status: SC}}")

  /// The case of the reference: a lost completion, then an unsupported request.
  static let completionLost = testCase(
    2, "dma.completion-lost", line: 41,
    [
      (
        0,
        .stepStarted(
          StepStarted(
            index: StepIndex(1, of: 3), span: SourceSpan(line: 47, column: 9, length: 8),
            text: "mem_read mem.bar1"))
      ),
      (50_000 * microsecond, .stepEnded(StepEnded(index: StepIndex(1, of: 3), status: .passed))),
      (
        50_000 * microsecond,
        .stepStarted(StepStarted(index: index2, span: step2.span, text: "mem_read mem.bar1"))
      ),
      (50_150 * microsecond, .stepEnded(StepEnded(index: index2, status: .failed))),
      (120 * microsecond, .tlp(memoryRead("02"))),
      (
        150 * microsecond,
        .tlp(
          TLPRecord(
            link: "l0", from: "mem", to: "rc", mnemonic: "CplD", tag: "02", status: "SC", bytes: 64,
            fault: "dropped by fault 1, cpl.timeout (Suites/dma.yaml:44:9)"))
      ),
      (50_130 * microsecond, .tlp(memoryRead("03"))),
      (
        50_150 * microsecond,
        .tlp(
          TLPRecord(
            link: "l0", from: "mem", to: "rc", mnemonic: "Cpl", tag: "03", status: "UR"))
      ),
    ],
    CaseOutcome(
      .failed(.expectation), message: "expected status SC, got UR",
      failure: FailureDetail(
        step: step2, links: [LinkTotal(link: "l0", tlps: 7)], nodes: ["rc", "mem"],
        captures: ["dma/completion-lost/l0.pcapng"]),
      duration: 50_150 * microsecond, wallNanoseconds: 2_000_000,
      counts: CaseCounts(steps: 2, checks: 2, tlps: 7)))

  static func memoryRead(_ tag: String) -> TLPRecord {
    TLPRecord(
      link: "l0", from: "rc", to: "mem", mnemonic: "MRd", tag: tag, address: "0x0010_0000", bytes: 64)
  }

  static let passing = run(
    [suite(dma, cases: 2)],
    [
      testCase(0, "dma.write-read[length=4B,offset=0x0]", passed()),
      testCase(1, "dma.endpoint-dma", passed(milliseconds: 12)),
    ])

  static let failing = run(
    [suite(dma, cases: 4)],
    [
      testCase(0, "dma.write-read[length=4B,offset=0x0]", passed()),
      testCase(1, "dma.endpoint-dma", passed()),
      completionLost,
      testCase(3, "dma.storm", passed(milliseconds: 1382, seeds: SeedRuns(run: 200, count: 200))),
    ])

  /// A program that tells of its tests, one of them twice; the case before it has none.
  static let tests = run(
    [suite(dma, cases: 2)],
    [
      testCase(0, "dma.first", passed()),
      testCase(
        1, "dma.image",
        [
          (1, .test(TestRecord(node: "fw", name: "link.test_read", .passed, nanoseconds: 12_000_000))),
          (1, .test(TestRecord(node: "fw", name: "link.test_read", .passed))),
          (2, .test(TestRecord(node: "fw", name: "link.test_card", .skipped, lines: ["no card"]))),
          (3, .test(TestRecord(node: "fw", name: "link.test_write", .failed, lines: ["main.c:12: 1 < 0"]))),
          (3, .test(TestRecord(node: "fw", name: "link.test_end", .failed))),
        ],
        CaseOutcome(
          .failed(.expectation), message: "2 of 5 tests of fw failed: link.test_write and 1 more",
          failure: FailureDetail(step: step2, nodes: ["fw"]), wallNanoseconds: 2_000_000)),
    ])

  static let qemuIsOld = "qemu_x86_64 needs qemu-system-x86_64 10.1, found 7.2"

  static let skipped = run(
    [suite(pipe, cases: 3)], clock: .real,
    [
      testCase(
        0, "pipe.exchange[client_board=qemu_x86_64]",
        CaseOutcome(.skipped(.requirement), message: qemuIsOld)),
      testCase(1, "pipe.server-dies", CaseOutcome(.skipped(.requirement), message: "renode is not on PATH")),
      testCase(2, "pipe.masked", CaseOutcome(.skipped(.requirement), message: qemuIsOld)),
    ])

  static let flakyFailure = FailureDetail(step: step2, nodes: ["client", "server"])

  static let flakyTries: [[Event]] = [
    testCase(
      0, "pipe.server-dies", attempt: 1, triesMax: 3,
      [(5, .consoleLine(ConsoleLine(node: "client", text: "\u{1b}[31mno device\u{1b}[0m")))],
      CaseOutcome(
        .failed(.timeout), message: "no answer within 9 s", failure: flakyFailure,
        duration: 9_310_000 * microsecond),
      isFinal: false)
  ]

  static let flaky = run(
    [suite(pipe, cases: 1)], clock: .real,
    flakyTries + [
      testCase(
        0, "pipe.server-dies", attempt: 2, triesMax: 3,
        CaseOutcome(
          .failed(.flaky), message: "passed only on try 2 of 3; --flaky-ok allows that",
          duration: 8_871_000 * microsecond))
    ])

  static let flakyAllowed = run(
    [suite(pipe, cases: 1)], clock: .real,
    flakyTries + [
      testCase(
        0, "pipe.server-dies", attempt: 2, triesMax: 3,
        CaseOutcome(.passed, duration: 8_871_000 * microsecond))
    ])

  static let slowAndTimeout = run(
    [suite(pipe, cases: 1)], clock: .real,
    [
      testCase(
        0, "pipe.exchange[client_board=qemu_x86_64]",
        [
          (
            1,
            .stepStarted(
              StepStarted(index: StepIndex(2, of: 5), span: step2.span, text: "wait console client"))
          ),
          (60_000_000 * microsecond, .slow(SlowMark(elapsed: 60_000_000 * microsecond, clock: .real))),
        ]
          + (1...12).map {
            (
              UInt64($0) * 1_000_000 * microsecond,
              .consoleLine(ConsoleLine(node: "client", text: "line \($0)"))
            )
          },
        CaseOutcome(
          .failed(.timeout), message: "no line matches 'ready' within 2 min",
          failure: FailureDetail(links: [LinkTotal(link: "l0", tlps: 0)], nodes: ["client", "server"]),
          duration: 120_004_000 * microsecond))
    ])

  static let leak = run(
    [suite(pipe, cases: 1)], clock: .real,
    [
      testCase(
        0, "pipe.server-dies[client_board=qemu_x86_64]",
        [
          (
            7,
            .leak(Leak(node: "client", pid: 41213, command: "qemu-system-x86_64 -nodefaults …", killed: true))
          )
        ],
        CaseOutcome(.failed(.leak), message: "case left a process behind", duration: 8_902_000 * microsecond))
    ])

  static let known = run(
    [suite(dma, cases: 2)],
    [
      testCase(
        0, "dma.late",
        CaseOutcome(
          .skipped(.knownFailure), message: "known failure: late data is kept (issue 12)",
          wallNanoseconds: 3_000_000)),
      testCase(
        1, "dma.outside-the-bar",
        CaseOutcome(
          .failed(.unexpectedPass), message: "passed, but is a known failure: no abort (issue 13)",
          wallNanoseconds: 1_000_000)),
    ])

  static let seeds = run(
    [suite(dma, cases: 1)],
    [
      testCase(
        0, "dma.storm",
        [
          (1, .tlp(memoryRead("7f"))),
          (0, .seedStarted(SeedStarted(index: 17, count: 200, seed: 0xabcd_ef01))),
          (
            312_000,
            .tlp(
              TLPRecord(link: "l1", from: "sw", to: "mem", mnemonic: "MWr", address: "0x8000_0000", bytes: 4))
          ),
          (312_000, .note(Note("the doorbell"))),
          (
            1_204_000,
            .tlp(
              TLPRecord(
                link: "uplink", from: "rc", to: "sw", mnemonic: "CfgRd0", tag: "3", address: "01:00.0 +0x010",
                bytes: 4, detail: "poisoned"))
          ),
          (
            1_250_000,
            .finding(
              Finding(
                violation: "unexpected-completion", place: "uplink",
                text: "completion for tag 07 from mem, but rc has no such request outstanding", allowed: false
              ))
          ),
          (1_260_000, .finding(Finding(violation: "surprise-down", place: "l1", text: "", allowed: true))),
        ],
        CaseOutcome(
          .failed(.violation), message: "unexpected-completion at uplink",
          failure: FailureDetail(
            step: StepPlace(
              index: StepIndex(levels: [.init(1, of: 1), .init(2, of: 2, in: .pass(3, of: 50))]),
              span: SourceSpan(line: 101, column: 15, length: 8),
              excerpt: "            - mem_read: {by: rc}"),
            facts: ["expected 10 11 12 13", "got      10 11 ff 13"],
            links: [LinkTotal(link: "uplink", tlps: 9), LinkTotal(link: "l1", tlps: 8)],
            nodes: ["rc", "sw", "mem"]),
          duration: 1_300_000, wallNanoseconds: 120_000_000,
          seeds: SeedRuns(run: 17, count: 200, failing: 0xabcd_ef01)))
    ])

  static let error = run(
    [suite(dma, cases: 2)],
    [
      testCase(
        0, "dma.trap",
        [
          (0, .stepStarted(StepStarted(index: StepIndex(2, of: 3), span: step2.span, text: "mem_read"))),
          (0, .workerLost(WorkerLost(cause: "killed by SIGILL", slot: 2))),
        ], CaseOutcome(.error(.harness), message: "the worker process was lost", wallNanoseconds: 4_000_000)),
      testCase(1, "dma.next", passed()),
    ])

  static let interrupted = run(
    [suite(dma, cases: 21)], signal: 2,
    [
      testCase(0, "dma.first", passed()),
      Array(testCase(1, "dma.second", passed()).dropLast()),
    ])

  static let all: [Stream] = [
    Stream("passing", passing), Stream("failing", failing), Stream("skipped", skipped),
    Stream("flaky", flaky),
    Stream("flaky-allowed", flakyAllowed), Stream("timeout", slowAndTimeout), Stream("leak", leak),
    Stream("known", known), Stream("seeds", seeds), Stream("error", error),
    Stream("interrupted", interrupted),
  ]
}

/// The events of a run under a name, by which test output calls it.
struct Stream: CustomTestStringConvertible, Sendable {
  var name: String
  var events: [Event]

  init(_ name: String, _ events: [Event]) {
    self.name = name
    self.events = events
  }

  var testDescription: String { name }
}
