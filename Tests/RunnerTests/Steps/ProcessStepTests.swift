import RunEvents
import Testing

@testable import Nodes
@testable import Runner

/// Steps that start, feed, await and stop processes.
@Suite struct ProcessStepTests {
  private let echo = "echo up; while read line; do echo got $line; done"

  @Test func linesGoInAndComeOut() throws {
    let run = try ProcessFixture().run(
      script: echo, "wait: {console: app, matches: up}", "send: {to: app, line: hello there}",
      "wait: {console: app, matches: 'got hel+o there'}", "expect: {console: app, matches: got}",
      "expect: {console: app, lacks: FATAL}")
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
    #expect(run.console == ["up", "got hello there"])
    #expect(run.leaks == [] && run.findings == [] && run.notes == [])
    let times = run.events.compactMap { if case .consoleLine = $0.kind { $0.time } else { nil } }
    #expect(times == times.sorted())
  }

  @Test func modelsWorkBesideAProcess() throws {
    let run = try ProcessFixture().run(
      script: echo, "wait: {console: app, matches: up}",
      "mem_write: {by: rc, to: mem.bar1, offset: 0x0, data: {random: 64B}, save: a}",
      "mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 64B, expect: {data: {saved: a}}}")
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
    #expect(run.outcome.counts.tlps > 0)
  }

  @Test func aCaseBeginsWhenTheBoardSaysThatTheNodeIsUp() throws {
    var fixture = ProcessFixture()
    fixture.board += "\nready: {matches: 'up [0-9]', timeout: 30s}"
    let run = try fixture.run(
      script: "read x < /dev/null; echo up 1; cat", "expect: {console: app, matches: up}")
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test func aNodeThatIsNeverUpFails() throws {
    var fixture = ProcessFixture()
    fixture.board += "\nready: {matches: never, timeout: 50ms}"
    let run = try fixture.run(script: echo, "note: {text: x}")
    #expect(run.outcome.verdict == .failed(.timeout))
    #expect(run.outcome.message == "app was not up within 50ms")
    #expect(run.outcome.failure?.facts == ["its board waits for 'never' on its console"])
  }

  @Test func aNodeThatEndsBeforeItIsUpFails() throws {
    var fixture = ProcessFixture()
    fixture.board += "\nready: {matches: never, timeout: 30s}"
    let run = try fixture.run(script: "echo no license >&2; exit 7", "note: {text: x}")
    #expect(run.outcome.verdict == .failed(.violation))
    #expect(run.outcome.message == "app exited with status 7 before it was up")
    #expect(run.console == ["no license"])
  }

  @Test(arguments: [
    ("/nowhere/app", "cannot start /nowhere/app: No such file or directory"),
    ("/etc/passwd", "cannot start /etc/passwd: Permission denied"),
    ("no-such-tool", "no-such-tool is not on PATH; --tool no-such-tool=PATH names another place"),
  ])
  func aProgramThatCannotBeStartedIsNoFailureOfTheTestedSide(_ program: String, _ reason: String) throws {
    let run = try ProcessFixture().run("launch: {program: \(program)}", ["note: {text: x}"])
    #expect(run.outcome.verdict == .error(.simulator))
    #expect(run.outcome.message == "node 'app' did not start: \(reason)")
  }

  @Test func anExitThatNobodyAllowsIsAViolation() throws {
    let run = try ProcessFixture().run(
      script: "echo bad news; exit 3", "wait: {console: app, matches: never}")
    #expect(run.outcome.verdict == .failed(.violation))
    #expect(
      run.outcome.message
        == "node-exit at app: its process exited with status 3; its last line was 'bad news'")
    #expect(run.outcome.failure?.facts.first == "allow: [node-exit] in the case would permit it")
  }

  @Test func anExitMayBeAllowed() throws {
    var fixture = ProcessFixture()
    fixture.keys = "allow: [node-exit]"
    let run = try fixture.run(
      script: "echo a; read x; kill -ABRT $$", "wait: {console: app, matches: a}",
      "send: {to: app, line: go}", "wait: {link: l0, state: up}")
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test(arguments: [
    ("exit 3", "status: 3", nil), ("exit 0", "", nil), ("kill -TERM $$", "signal: TERM", nil),
    ("exit 3", "status: 0", "expected app to exit with status 0; it exited with status 3"),
    ("kill -KILL $$", "status: 9", "expected app to exit with status 9; it was killed by SIGKILL"),
    ("exit 15", "signal: TERM", "expected app to be killed by SIGTERM; it exited with status 15"),
  ])
  func anExitIsAwaitedAndJudged(_ script: String, _ wanted: String, _ message: String?) throws {
    let run = try ProcessFixture().run(
      script: "read x; \(script)", "send: {to: app, line: go}",
      "wait: {exit: app\(wanted.isEmpty ? "" : ", \(wanted)")}")
    #expect(run.outcome.verdict == (message == nil ? .passed : .failed(.expectation)))
    #expect(run.outcome.message == message ?? "")
  }

  @Test func aNodeIsStoppedAndStartedAgain() throws {
    let run = try ProcessFixture().run(
      script: echo, "wait: {console: app, matches: up}", "stop: {node: app}", "start: {node: app}",
      "wait: {console: app, matches: up}", "send: {to: app, line: x}", "wait: {console: app, matches: got x}")
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
    #expect(run.console == ["up", "up", "got x"] && run.findings == [])
  }

  @Test func aNodeWaitsForItsStart() throws {
    var fixture = ProcessFixture()
    fixture.node = ", start: manual"
    fixture.board += "\nready: {matches: up, timeout: 30s}"
    let run = try fixture.run(
      script: echo, "expect: {console: app, lacks: up}", "start: {node: app}",
      "expect: {console: app, matches: up}")
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test(arguments: [
    ("send: {to: app, line: x}", "app does not run"), ("stop: {node: app}", "app does not run"),
    ("expect: {console: app, matches: x}", "no line of the console of app holds 'x'"),
  ])
  func aNodeThatWasNotStartedDoesNothing(_ step: String, _ message: String) throws {
    var fixture = ProcessFixture()
    fixture.node = ", start: manual"
    let run = try fixture.run(script: echo, step)
    #expect(run.outcome.verdict == .failed(.expectation) && run.outcome.message == message)
  }

  @Test func aStartOfWhatRunsFails() throws {
    let run = try ProcessFixture().run(script: echo, "start: {node: app}")
    #expect(run.outcome.message == "app runs already")
  }

  @Test func aLineThatDoesNotComeIsATimeout() throws {
    let run = try ProcessFixture().run(
      script: echo, "wait: {console: app, matches: never, timeout: 50ms}")
    #expect(run.outcome.verdict == .failed(.timeout))
    #expect(run.outcome.message == "'never' on the console of app did not come within 50ms")
  }

  @Test func aLineThatCannotComeAnyMoreIsNotWaitedFor() throws {
    var fixture = ProcessFixture()
    fixture.keys = "allow: [node-exit]"
    let run = try fixture.run(
      script: "echo last", "wait: {console: app, matches: last}", "wait: {console: app, matches: never}")
    #expect(run.outcome.verdict == .failed(.noProgress))
    #expect(run.outcome.message == "app exited with status 0, and 'never' had not come on its console")
  }

  @Test func whatMustNotBeOnTheConsoleFails() throws {
    let run = try ProcessFixture().run(
      script: "echo FATAL; cat", "wait: {console: app, matches: FATAL}",
      "expect: {console: app, lacks: FATAL}")
    #expect(run.outcome.message == "the console of app shows 'FATAL'")
  }

  @Test func aBrokenExpressionIsToldWhereItIsUsed() throws {
    let run = try ProcessFixture().run(script: echo, "wait: {console: app, matches: 'a{2,1}'}")
    #expect(run.outcome.message == "'a{2,1}' is no regular expression")
  }

  @Test func aTerminalIsAConsoleToo() throws {
    var fixture = ProcessFixture()
    fixture.console = "pty"
    let run = try fixture.run(
      script: "test -t 0 && echo terminal; read x; echo got $x; read y", "send: {to: app, line: x}",
      "wait: {console: app, matches: terminal}", "wait: {console: app, matches: got x}")
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
  }

  @Test func aDeviceIsOpenedByItsPath() throws {
    let run = try ProcessFixture(console: "pty").run(
      "launch: {program: /bin/sh, args: [[-c, 'echo serial > $0; echo aside; cat $0'], [$console]]}",
      ["wait: {console: app, matches: serial}", "wait: {console: app, matches: aside}"])
    #expect(run.outcome.verdict == .passed, "\(run.outcome.message)")
    #expect(run.console.sorted() == ["aside", "serial"])
  }
}
