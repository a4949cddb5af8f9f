import RunEvents
import Testing

@testable import Nodes
@testable import Runner

/// Faults that strike processes, and processes that misbehave by themselves.
@Suite struct ProcessFaultTests {
  private let echo = "echo up; while read line; do echo got $line; done"

  @Test func aKillIsSeenAndMustBeAllowed() throws {
    var fixture = ProcessFixture()
    fixture.keys = "faults: [{kill: {node: app, after: 20ms}}]\n    allow: [node-exit]"
    let run = try fixture.run(script: echo, "wait: {exit: app, signal: KILL}")
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
    #expect(run.findings.map(\.violation) == ["node-exit"] && run.findings.allSatisfy(\.allowed))
    fixture.keys = "faults: [{kill: {node: app, after: 20ms}}]"
    let other = try fixture.run(script: echo, "wait: {console: app, matches: never}")
    #expect(other.outcome.verdict == .failed(.violation))
    #expect(other.outcome.message.hasPrefix("node-exit at app"))
  }

  @Test func aKillMayWaitForALine() throws {
    var fixture = ProcessFixture()
    fixture.keys =
      "faults: [{kill: {node: app, after: {console: app, matches: got 2}}}]\n    allow: [node-exit]"
    let run = try fixture.run(
      script: echo, "send: {to: app, line: '1'}", "send: {to: app, line: '2'}",
      "wait: {exit: app, signal: KILL}")
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
    #expect(run.console == ["up", "got 1", "got 2"])
  }

  @Test func aHangLastsAsLongAsTheFaultSays() throws {
    var fixture = ProcessFixture()
    fixture.keys = "faults: [{hang: {node: app, after: 1ms, for: 30ms}}]"
    let run = try fixture.run(
      script: echo, "wait: {console: app, matches: up}", "send: {to: app, line: x}",
      "wait: {console: app, matches: got x}")
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test func aNodeThatHangsForGoodIsKilledAtTheEnd() throws {
    var fixture = ProcessFixture()
    fixture.keys = "faults: [{hang: {node: app, after: {console: app, matches: up}}}]"
    let run = try fixture.run(
      script: echo, "wait: {console: app, matches: up}", "send: {to: app, line: x}",
      "wait: {console: app, matches: got x, timeout: 100ms}")
    #expect(run.outcome.verdict == .failed(.timeout))
    #expect(run.leaks == [] && run.notes == [])
  }

  @Test func aProcessThatIgnoresItsStopIsKilledAndNamed() throws {
    var fixture = ProcessFixture()
    fixture.board = "stop: {signal: TERM, grace: 50ms}"
    let run = try fixture.run(
      script: "trap '' TERM; echo up; while :; do read x; done < /dev/zero",
      "wait: {console: app, matches: up}")
    #expect(run.outcome.verdict == .passed)
    #expect(run.notes == ["app did not end within 50ms of SIGTERM and was killed"])
  }

  @Test func aFloodWithoutEndHoldsNobodyUp() throws {
    let run = try ProcessFixture().run(
      script: "head -c 1073741824 /dev/zero; echo; echo done; read x",
      "wait: {console: app, matches: done}")
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
    #expect(run.console.last == "done")
    #expect(run.console.count <= Console.headLines + Console.tailLines)
    let omitted = run.events.compactMap {
      if case .consoleLine(let line) = $0.kind { line.omittedBytes } else { nil }
    }
    #expect(omitted.contains { $0 > 1 << 29 })
  }

  @Test func aFloodOfLinesHoldsNobodyUp() throws {
    let run = try ProcessFixture().run(
      script: "yes | head -c 67108864; echo done; read x", "wait: {console: app, matches: '^do[n]e'}")
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test func aCaseThatFailsLeavesNothingRunning() throws {
    let run = try ProcessFixture().run(
      script: "echo pid $$; \(echo)", "wait: {console: app, matches: up}",
      "mem_read: {by: rc, address: 0xf0000000, length: 4B}")
    let pid = try #require(run.console.first?.split(separator: " ").last.flatMap { Int($0) })
    #expect(run.outcome.verdict != .passed)
    #expect(ProcessFacts(Int32(pid)) == nil)
  }
}
