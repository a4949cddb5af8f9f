import Glibc
import Testing

@testable import Nodes

@Suite struct NodeProcessTests {
  @Test func consoleLinesAndTheExitStatusAreSeen() throws {
    let bench = try NodeBench(script: "echo hello; echo trouble >&2; exit 3")
    try bench.drive { $0.end != nil }
    #expect(bench.node.end == .exited(3))
    #expect(bench.node.console.last(9).map(\.text) == ["hello", "trouble"])
    try bench.stop()
    #expect(bench.node.left == [] && !bench.node.wasForced)
  }

  @Test func aSignalIsTheEndToo() throws {
    let bench = try NodeBench(script: "kill -SEGV $$")
    try bench.drive { $0.end != nil }
    #expect(bench.node.end == .killed(SIGSEGV))
    #expect(bench.node.end?.ending == "was killed by SIGSEGV")
  }

  @Test func linesAreSentToTheProgram() throws {
    let bench = try NodeBench(script: "while read line; do echo got $line; done; echo end")
    #expect(bench.node.send("one") == .taken && bench.node.send("two") == .taken)
    try bench.waitFor("got two")
    #expect(bench.node.send(String(repeating: "x", count: 4096)) == .tooLong)
    try bench.stop()
    #expect(bench.node.send("three") == .closed)
  }

  @Test func aProgramThatReadsNothingTakesNoMoreThanItsBuffer() throws {
    let bench = try NodeBench("/bin/cat", ["/dev/zero"])
    bench.node.freeze()
    var outcome = ConsoleInput.taken
    let line = String(repeating: "x", count: 4095)
    for _ in 0..<10_000 where outcome == .taken { outcome = bench.node.send(line) }
    #expect(outcome == .full)
  }

  @Test(arguments: [ConsoleKind.terminal, .device]) func aTerminalNeitherEchoesNorTranslates(
    _ kind: ConsoleKind
  )
    throws
  {
    let connection = try ConsoleConnection(kind)
    let path = connection.devicePath
    #expect((path == nil) == (kind == .terminal))
    let console = path.map { "<\($0) >\($0)" } ?? ""
    let script =
      "{ test -t 0 && echo terminal; read line; echo got $line; } \(console); echo aside >&2; read x"
    let bench = try NodeBench(NodeLaunch("/bin/sh", arguments: ["-c", script]), on: connection)
    #expect(bench.node.send("hello") == .taken)
    try bench.waitFor("aside")
    try bench.waitFor("got hello")
    #expect(Set(bench.node.console.last(9).map(\.text)) == ["terminal", "got hello", "aside"])
    try bench.stop()
  }

  @Test func variablesAreAddedAndReplaced() throws {
    let bench = try NodeBench(
      "/bin/sh", ["-c", "echo $A $HOME"], environment: [("A", "1"), ("HOME", "/nowhere")])
    try bench.drive { $0.end != nil }
    #expect(bench.node.console.last(1).map(\.text) == ["1 /nowhere"])
  }

  @Test func nothingButTheConsoleIsInherited() throws {
    let bench = try NodeBench(script: "ls /proc/self/fd | tr '\\n' ' '; echo")
    try bench.drive { $0.end != nil }
    // The last one is the folder that ls reads.
    #expect(bench.node.console.last(1).map(\.text) == ["0 1 2 3 "])
  }

  @Test(arguments: [
    ("/nowhere/program", "cannot start /nowhere/program: No such file or directory"),
    ("/etc/passwd", "cannot start /etc/passwd: Permission denied"),
  ])
  func whatIsNoProgramDoesNotStart(_ path: String, _ text: String) throws {
    let error = #expect(throws: SystemError.self) { _ = try NodeBench(path) }
    #expect(error?.description == text)
  }

  @Test func aProcessThatIgnoresTheSignalIsKilledAfterTheGrace() throws {
    let bench = try NodeBench(script: "trap '' TERM; echo up; while :; do read x; done < /dev/zero")
    try bench.waitFor("up")
    try bench.stop(graceMilliseconds: 50)
    #expect(bench.node.end == .killed(SIGKILL) && bench.node.wasForced && bench.node.left == [])
  }

  @Test func aFrozenProcessIsKilledAtOnce() throws {
    let bench = try NodeBench(script: "echo up; read x")
    try bench.waitFor("up")
    bench.node.freeze()
    try bench.stop()
    #expect(bench.node.end == .killed(SIGKILL) && !bench.node.wasForced)
  }

  @Test func aFrozenProcessSaysNothingAndGoesOnWhenItMay() throws {
    let bench = try NodeBench(script: "while read x; do echo got $x; done")
    _ = bench.node.send("1")
    try bench.waitFor("got 1")
    bench.node.freeze()
    _ = bench.node.send("2")
    bench.node.thaw()
    try bench.waitFor("got 2")
    try bench.stop()
  }

  @Test func theGroupGetsTheSignalTooAndItsGrace() throws {
    let bench = try NodeBench(
      script: "sh -c 'trap \"exit 0\" TERM; echo child; while :; do read x; done' & wait")
    try bench.waitFor("child")
    try bench.stop()
    #expect(bench.node.left == [])
  }

  @Test func aGigabyteWithoutALineEndNeitherBlocksNorGrows() throws {
    let bench = try NodeBench(script: "head -c 1073741824 /dev/zero; echo; echo done")
    try bench.drive { $0.end != nil }
    #expect(bench.node.end == .exited(0))
    #expect(bench.node.console.byteCount == 1 << 30 + 6)
    #expect(
      bench.node.console.byteCount - bench.node.console.droppedBytes <= UInt64(2 * ConsoleBuffer.bytesKept))
    #expect(bench.node.console.last(1).map(\.text) == ["done"])
  }

  @Test func aFloodOfShortLinesNeitherBlocksNorGrows() throws {
    let bench = try NodeBench(script: "yes | head -c 268435456; echo done")
    try bench.drive { $0.end != nil }
    #expect(bench.node.console.byteCount == 1 << 28 + 5)
    #expect(bench.node.console.last(2).map(\.text) == ["y", "done"])
  }

  @Test func aNodeThatIsDroppedIsKilled() throws {
    var pid = 0
    do {
      let bench = try NodeBench(script: "echo up; read x")
      try bench.waitFor("up")
      pid = bench.node.pid
    }
    #expect(!NodeBench.isRunning(pid))
  }
}
