import Reports
import RunEvents
import Testing

@Suite("Event recorder")
struct EventRecorderTests {
  static func record(_ events: [Event]) -> [UInt8] {
    var recorder = EventRecorder()
    return events.flatMap { recorder.add($0) }
  }

  static func events(_ bytes: [UInt8]) -> [Event] {
    var replay = Replay()
    var events: [Event] = []
    replay.add(bytes) { events.append($0) }
    replay.finish { events.append($0) }
    #expect(replay.problems == [])
    return events
  }

  /// The streams of cases in a random order that keeps each one's own.
  static func mixed(_ cases: [[Event]], seed: UInt64) -> [Event] {
    var (rest, state, output) = (cases.map { $0[...] }.filter { !$0.isEmpty }, seed, [Event]())
    while !rest.isEmpty {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let index = Int(state >> 33) % rest.count
      output.append(rest[index].removeFirst())
      if rest[index].isEmpty { rest.remove(at: index) }
    }
    return output
  }

  static let cases: [[Event]] = (0..<7).map { index in
    Streams.testCase(
      index, "dma.case\(index)",
      [
        (0, .stepStarted(StepStarted(index: StepIndex(1, of: 1), span: Streams.step2.span, text: "note"))),
        (UInt64(index), .note(Note("in \(index)"))),
      ], Streams.passed(milliseconds: UInt64(index)))
  }

  @Test("any order of events gives the record of the plan's order", arguments: UInt64(0)..<50)
  func planOrder(seed: UInt64) {
    let suites = [Streams.suite(Streams.dma, cases: 7)]
    let expected = Self.record(Streams.run(suites, Self.cases))
    #expect(Self.record(Streams.run(suites, [Self.mixed(Self.cases, seed: seed)])) == expected)
  }

  @Test("a case whose turn has come is written while it runs")
  func streaming() {
    var recorder = EventRecorder()
    #expect(!recorder.add(Streams.start(Streams.dma)).isEmpty)
    #expect(!recorder.add(Self.cases[0][0]).isEmpty)
    #expect(recorder.add(Self.cases[1][0]).isEmpty)
    #expect(recorder.add(Self.cases[2][0]).isEmpty)
    for event in Self.cases[2].dropFirst() { #expect(recorder.add(event).isEmpty) }
    #expect(Self.events(recorder.add(Self.cases[0][3])).count == 3)
    #expect(!recorder.add(Self.cases[1][1]).isEmpty)
  }

  @Test("what waits at the end of an interrupted run is written too")
  func interrupted() {
    let cut = [Self.cases[4], Array(Self.cases[1].dropLast()), Array(Self.cases[0].dropLast())].flatMap { $0 }
    let run = Streams.run([Streams.suite(Streams.dma, cases: 7)], signal: 2, [cut])
    let read = Self.events(Self.record(run))
    #expect(read.count == run.count)
    #expect(read.compactMap(\.origin?.instance) == [0, 0, 0, 1, 1, 1, 4, 4, 4, 4])
    #expect(read.last?.kind.name == "run-ended")
  }

  @Test(
    "the record of a virtual run holds nothing that the machine decided", arguments: [Clock.virtual, .real])
  func wallClock(clock: Clock) {
    let key = CaseKey(instance: 0)
    let slow = [SlowMark(elapsed: 5, clock: .real), SlowMark(elapsed: 6, clock: .virtual)]
    var test = Streams.testCase(0, "dma.a", attempt: 1, Streams.passed())
    test.insert(contentsOf: slow.map { Event(.slow($0), of: key) }, at: 1)
    test.insert(Event(.workerLost(WorkerLost(cause: "killed", slot: 3)), of: key), at: 1)
    test.insert(Event(.tryEnded(Streams.passed()), of: key), at: 1)
    let text = String(
      decoding: Self.record(Streams.run([Streams.suite(Streams.dma, cases: 1)], clock: clock, [test])),
      as: UTF8.self)
    for word in ["\"wall_ns\"", "\"slot\"", "\"slots\"", "\"clock\":\"real\",\"elapsed"] {
      #expect(text.contains(word) == (clock == .real && !word.contains("elapsed")), "\(word)")
    }
    #expect(text.contains("\"elapsed_ps\":5") == (clock == .real))
    #expect(text.contains("\"elapsed_ps\":6"))
  }
}

@Suite("Replay")
struct ReplayTests {
  @Test("a recorded run looks as it did, but for the wall clock", arguments: Streams.all)
  func replay(stream: Stream) {
    let events = stream.events
    let replayed = EventRecorderTests.events(EventRecorderTests.record(events))
    #expect(EventRecorderTests.record(replayed) == EventRecorderTests.record(events))
    if case .runStarted(let run) = events[0].kind, run.clock == .real {
      #expect(replayed == events)
      #expect(ConsoleReportTests.text(replayed) == ConsoleReportTests.text(events))
      #expect(JUnitReportTests.document(replayed) == JUnitReportTests.document(events))
    }
  }

  @Test("a damaged record: bad lines are told, later kinds passed over, a missing end is made")
  func damaged() throws {
    var lines = Streams.failing.map { String(decoding: $0.line, as: UTF8.self) }
    lines.removeLast()
    lines[1] = "{\"version\":1,\"kind\":\"credits\",\"case\":0}\n"
    lines.insert("not json\n", at: 2)
    let text = lines.joined() + "{\"version\":1,\"ki"
    var (replay, events) = (Replay(), [Event]())
    for byte in text.utf8 { replay.add([byte]) { events.append($0) } }
    replay.finish { events.append($0) }
    #expect(
      replay.problems.map(\.description) == [
        "line 3: no JSON: 'o' cannot stand here (column 2)",
        "line \(lines.count + 1): the stream ends within a line, after 16 bytes of it",
      ])
    #expect(replay.problemCount == 2)
    #expect(replay.end == nil)
    #expect(replay.totals == RunTotals(selected: 4, passed: 3, failed: 1))
    guard case .runEnded(let end)? = events.last?.kind else {
      Issue.record("no end was made")
      return
    }
    #expect(end.totals == replay.totals)
    // The case whose first event is gone is in no report: the document says that one is missing.
    #expect(JUnitReportTests.document(events).contains("1 of 4 cases without a result"))
  }

  @Test("more problems than are kept are counted")
  func manyProblems() {
    var replay = Replay()
    replay.add(Array(String(repeating: "x\n", count: 100).utf8)) { _ in Issue.record("no event") }
    #expect(replay.problems.count == Replay.problemsMax)
    #expect(replay.problemCount == 100)
  }

  @Test("no order of events makes a report trap", arguments: UInt64(1)..<30)
  func anyOrder(seed: UInt64) {
    let all = Streams.all.flatMap(\.events)
    let events = EventRecorderTests.mixed(all.map { [$0] }, seed: seed)
    _ = ConsoleReportTests.text(events)
    _ = ConsoleTerminalTests.screen(events, columns: 80, rows: 24)
    _ = EventRecorderTests.record(events)
    #expect(throws: Never.self) { try XMLElement.parse(JUnitReportTests.document(events)) }
  }
}
