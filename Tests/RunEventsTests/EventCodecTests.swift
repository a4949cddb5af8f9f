import RunEvents
import Testing

/// One event of each kind, every optional field set once and left out once.
enum Samples {
  static let key = CaseKey(instance: 3, attempt: 2)
  static let span = SourceSpan(line: 48, column: 9, length: 8)
  static let place = StepPlace(
    index: StepIndex(2, of: 3), span: span, excerpt: "      - mem_read: {by: rc, from: mem.bar1}")
  static let node = StepPlace(span: span, excerpt: "    ep: {board: native}")
  static let detail = FailureDetail(
    step: place, facts: ["expected 10 11 12", "got      10 11 13"], links: [LinkTotal(link: "l0", tlps: 7)],
    nodes: ["rc", "mem"], captures: ["dma/completion-lost/l0.pcapng"])
  static let suite = SuiteSummary(
    name: "pipe", path: "Suites/pipe.yaml", cases: 10,
    boards: [
      BoardSummary(name: "qemu_x86_64", architecture: "x86_64", version: "10.1"), BoardSummary(name: "x"),
    ])

  static let run: [Event] = [
    Event(
      .runStarted(
        RunStarted(
          run: "7f3a", product: "0.1.0", seed: 0x5eed,
          suites: [
            SuiteSummary(name: "dma", path: "Suites/dma.yaml", cases: 21)
          ]))),
    Event(
      .runStarted(
        RunStarted(
          run: "7f3a", product: "0.1.0", seed: .max, clock: .real, suites: [suite], slots: 4,
          partition: "hash:1/3"))),
    Event(.workerLost(WorkerLost(cause: "killed by SIGKILL"))),
    Event(.workerLost(WorkerLost(cause: "killed by SIGKILL", slot: 2)), of: key, at: 7),
    Event(.runEnded(RunEnded(totals: RunTotals(selected: 21, passed: 20, failed: 1)))),
    Event(
      .runEnded(
        RunEnded(
          totals: RunTotals(
            selected: 9, passed: 3, failed: 1, errors: 1, skipped: 1, knownFailures: 1, flaky: 1),
          signal: 15, wallNanoseconds: 1_400_000_000))),
  ]

  static let cases: [Event] =
    [
      Event.Kind.caseStarted(
        CaseStarted(
          suite: 0, id: "dma.storm[a=1,b=\"2\"]", seed: 0, caseSeed: 0x1234_5678_9abc_def0, span: span)),
      .caseStarted(
        CaseStarted(
          suite: 1, id: "pipe.exchange", seed: 1, caseSeed: 2,
          span: SourceSpan(line: 1, column: 1, file: "Boards/x.yaml"), triesMax: 3, slot: 1)),
      .seedStarted(SeedStarted(index: 17, count: 200, seed: 0xabc)),
      .stepStarted(StepStarted(index: StepIndex(1, of: 3), span: span, text: "mem_write")),
      .stepStarted(
        StepStarted(
          index: StepIndex(3, of: 5).nested(1, of: 4, in: .pass(2, of: 10)), span: span, text: "mem_read",
          excerpt: "  - mem_read: {}\t")),
      .note(Note("line\nand \u{1b}[31mcolour \u{7f} é 😀 \\ /")),
      .tlp(TLPRecord(link: "l0", from: "rc", to: "mem", mnemonic: "MWr")),
      .tlp(
        TLPRecord(
          link: "l0", from: "mem", to: "rc", mnemonic: "CplD", tag: "02", address: "0x10", status: "SC",
          bytes: 64, detail: "poisoned", fault: "dropped by fault 1")),
      .finding(Finding(violation: "ordering", place: "l0", text: "a posted write waited", allowed: false)),
      .fault(
        StruckFault(
          rule: 1, id: "cpl.timeout", verb: "drop", span: span, link: "l0", source: "mem",
          tlp: "CplD tag 02 SC 64 B", words: ["4a000010", "01000040", "00000200"], match: 3, drawn: 7)),
      .fault(
        StruckFault(rule: 2, id: "dll.ack_lost", verb: "drop", span: span, dllp: "Ack", match: 1)),
      .fault(StruckFault(rule: 9, id: "dev.kill", verb: "kill", span: span)),
      .consoleLine(ConsoleLine(node: "rc", text: "*** Booting Zephyr OS ***")),
      .test(TestRecord(node: "fw", name: "link.test_read", .passed, nanoseconds: 12_000_000)),
      .test(TestRecord(node: "fw", name: "a", .failed, lines: ["main.c:12: 1 == 2", "é"])),
      .test(TestRecord(node: "fw", name: "b", .skipped)),
      .slow(SlowMark(elapsed: 60_000_000_000_000, clock: .real)),
      .leak(Leak(node: "client", pid: 41213, command: "qemu-system-x86_64 -nodefaults", killed: true)),
      .tryEnded(CaseOutcome(.failed(.timeout), message: "no answer", duration: 5)),
      .caseEnded(CaseOutcome(.passed, duration: 1_000_000, counts: CaseCounts(steps: 2, checks: 1, tlps: 9))),
      .caseEnded(
        CaseOutcome(
          .failed(.expectation), message: "expected status SC, got UR", failure: detail, duration: .max,
          wallNanoseconds: 2_000_000, seeds: SeedRuns(run: 17, count: 200, failing: 0xabc),
          faults: FaultTally(
            injected: 3, detected: 2, recovered: 1, detectionTime: 50_000,
            matrix: FaultMatrix(
              FaultOutcome.allCases.map { FaultCell(fault: "cpl.timeout", tlp: "CplD", outcome: $0) })))),
      .caseEnded(CaseOutcome(.passed, faults: FaultTally(injected: 1))),
      .capture(CaptureFile(file: "captures/0003-dma.storm.try2.pcapng", records: 0)),
      .capture(CaptureFile(file: "captures/0003-x.pcapng", records: 9, lost: 7, problem: "cannot write")),
    ].map { Event($0, of: key, at: 12_000) }
    + StepStatus.allCases.map {
      Event(.stepEnded(StepEnded(index: StepIndex(1, of: 1), status: $0)), of: key)
    }
    + [Event(.caseEnded(CaseOutcome(.error(.simulator), failure: FailureDetail(step: node))), of: key)]
    + verdicts.map { Event(.caseEnded(CaseOutcome($0, message: "why")), of: key) }

  static let verdicts: [Verdict] =
    [.passed] + FailureType.allCases.map { .failed($0) } + ErrorType.allCases.map { .error($0) }
    + SkipType.allCases.map { .skipped($0) }

  static let all = run + cases
}

/// An event that test output calls by its kind.
struct Sample: CustomTestStringConvertible, Sendable {
  var event: Event

  var testDescription: String { event.kind.name }
}

@Suite("Events as JSON Lines")
struct EventCodecTests {
  @Test("every event comes back as it was written", arguments: Samples.all.map(Sample.init))
  func roundTrip(sample: Sample) throws {
    let event = sample.event
    let line = event.line
    #expect(line.last == 0x0a)
    #expect(line.filter { $0 == 0x0a }.count == 1)
    #expect(line == event.line)
    #expect(try Event(line: line[...]) == event)
  }

  @Test("a record has a fixed order of keys")
  func goldenLines() {
    #expect(
      text(Samples.run[0]) == #"""
        {"version":1,"kind":"run-started","run":"7f3a","product":"0.1.0","seed":"0x5eed","clock":"virtual","suites":[{"name":"dma","path":"Suites/dma.yaml","cases":21}]}

        """#)
    #expect(
      text(Samples.cases[3]) == #"""
        {"version":1,"kind":"step-started","case":3,"try":2,"time":12000,"step":"1/3","line":48,"column":9,"length":8,"text":"mem_write"}

        """#)
    #expect(
      text(Samples.cases[7]) == #"""
        {"version":1,"kind":"tlp","case":3,"try":2,"time":12000,"link":"l0","source":"mem","target":"rc","mnemonic":"CplD","tag":"02","address":"0x10","status":"SC","bytes":64,"detail":"poisoned","fault":"dropped by fault 1"}

        """#)
    #expect(
      text(Samples.cases[9]) == #"""
        {"version":1,"kind":"fault","case":3,"try":2,"time":12000,"rule":1,"id":"cpl.timeout","verb":"drop","line":48,"column":9,"length":8,"link":"l0","source":"mem","tlp":"CplD tag 02 SC 64 B","words":["4a000010","01000040","00000200"],"match":3,"drawn":7}

        """#)
    #expect(
      text(Samples.cases[13]) == #"""
        {"version":1,"kind":"test","case":3,"try":2,"time":12000,"node":"fw","name":"link.test_read","outcome":"passed","nanoseconds":12000000}

        """#)
    #expect(
      text(Samples.cases[19]) == #"""
        {"version":1,"kind":"case-ended","case":3,"try":2,"time":12000,"verdict":"passed","duration_ps":1000000,"steps":2,"checks":1,"tlps":9}

        """#)
  }

  @Test("kinds and fields of later versions are passed over")
  func unknownKind() throws {
    #expect(try read(#"{"version":1,"kind":"credit-plot","case":1,"x":[{}]}"#) == nil)
    #expect(
      try read(
        #"{"kind":"note","shape":null,"text":"a","case":1,"version":1,"try":1,"time":0,"x":{"y":[1e3]}}"#)
        == Event(.note(Note("a")), of: CaseKey(instance: 1)))
  }

  @Test(
    "a bad record is a typed error",
    arguments: [
      (#"[1]"#, "a list instead of an object"),
      (#"{"kind":"note"}"#, "an event without 'version'"),
      (#"{"version":2,"kind":"note"}"#, "format version 2, known up to 1; use a newer pcie-harness"),
      (#"{"version":0,"kind":"note"}"#, "format version 0, known up to 1; use a newer pcie-harness"),
      (#"{"version":1}"#, "an event without 'kind'"),
      (#"{"version":1,"kind":"note","text":"x"}"#, "note without 'case'"),
      (#"{"version":1,"kind":"note","case":1}"#, "note without 'text'"),
      (#"{"version":1,"kind":"note","case":1,"text":5}"#, "'text' of note is not a text"),
      (#"{"version":1,"kind":"note","case":-1,"text":""}"#, "'case' of an event is not a whole number"),
      (#"{"version":1,"kind":"note","case":1e9,"text":""}"#, "'case' of an event is not a whole number"),
      (
        #"{"version":1,"kind":"note","case":3000000000,"text":""}"#,
        "'case' of an event is not at most 2147483647"
      ),
      (
        #"{"version":1,"kind":"step-ended","case":1,"step":"0/3","status":"passed"}"#,
        "'step' of step-ended is not a place such as '2/3'"
      ),
      (
        #"{"version":1,"kind":"step-ended","case":1,"step":"1/3","status":"fine"}"#,
        "'status' of step-ended is not one of passed, failed, cancelled"
      ),
      (
        #"{"version":1,"kind":"case-ended","case":1,"verdict":"passed","type":"timeout"}"#,
        "'verdict' of case-ended is not passed, failed, error or skipped with a type that belongs to it"
      ),
      (
        #"{"version":1,"kind":"case-ended","case":1,"verdict":"failed","type":"harness"}"#,
        "'verdict' of case-ended is not passed, failed, error or skipped with a type that belongs to it"
      ),
      (
        #"{"version":1,"kind":"seed-started","case":1,"index":1,"count":2,"seed":"5eed"}"#,
        "'seed' of seed-started is not a hexadecimal number such as '0x5eed'"
      ),
      (
        #"{"version":1,"kind":"leak","case":1,"node":"a","pid":1,"command":"b","killed":"yes"}"#,
        "'killed' of leak is not true or false"
      ),
      (
        #"{"version":1,"kind":"run-started","suites":[{}]}"#,
        "suites of run-started without 'name'"
      ),
      (#"{"version":1,"kind":"note","#, "no JSON: the text ends within a value (column 28)"),
    ])
  func badRecord(line: String, message: String) {
    let error = #expect(throws: EventError.self) { try read(line) }
    #expect(error?.description == message)
  }

  @Test("no field can be dropped or changed in kind without an error or another event")
  func everyFieldCounts() throws {
    for event in Samples.all {
      guard case .object(let members) = try JSONParser.parse(event.line) else { continue }
      for index in members.indices {
        var fewer = members
        fewer.remove(at: index)
        #expect(
          (try? Event(line: encode(fewer)[...])) != event, "\(members[index].key) of \(event.kind.name)")
        var other = members
        other[index].value = .array([.null])
        #expect(throws: EventError.self, "\(members[index].key) of \(event.kind.name)") {
          try Event(line: encode(other)[...])
        }
      }
    }
  }

  private func text(_ event: Event) -> String { String(decoding: event.line, as: UTF8.self) }

  private func read(_ line: String) throws -> Event? { try Event(line: Array(line.utf8)[...]) }

  private func encode(_ members: [JSONMember]) -> [UInt8] {
    var json = JSONWriter()
    json.value(.object(members))
    return json.bytes
  }
}

extension JSONWriter {
  mutating func value(_ value: JSONValue) {
    switch value {
    case .null: null()
    case .bool(let flag): bool(flag)
    case .unsigned(let number): integer(number)
    case .negative(let number): integer(number)
    case .decimal: Issue.record("no fractions in events")
    case .string(let text): string(text)
    case .array(let elements):
      beginArray()
      for element in elements { self.value(element) }
      endArray()
    case .object(let members):
      beginObject()
      for member in members {
        key(member.key)
        self.value(member.value)
      }
      endObject()
    }
  }
}
