import Foundation
import Testing

/// Nodes that are processes, from the command line to the reports; whatever happens, nothing is left running.
@Suite(.timeLimit(.minutes(5))) struct ProcessNodeTests {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func suite(_ cases: String) -> String {
    """
    format: 1
    suite: app
    timeout: 60s
    images:
      app: {file: build/app, hint: make app}
    topology:
      nodes:
        rc:  {model: root-complex}
        app: {board: native, image: app}
    cases:
    \(cases)
    """
  }

  private static let talk = """
      talk:
        steps:
          - wait: {console: app, matches: up}
          - send: {to: app, line: ping}
          - wait: {console: app, matches: got ping}

    """

  /// A folder with the board of the product, a suite, and a program as the image.
  private func folder(_ cases: String, script: String?) throws -> Folder {
    let folder = try Folder()
    let board = Self.repository.appending(path: "Boards/native.yaml")
    try folder.write("Boards/native.yaml", try String(contentsOf: board, encoding: .utf8))
    try folder.write("Suites/app.yaml", Self.suite(cases))
    if let script { try folder.write("Suites/build/app", "#!/bin/sh\n\(script)\n", isProgram: true) }
    return folder
  }

  private static let echo = "echo up; while read line; do echo got $line; done"

  /// The process ids that the program of a test wrote into a file.
  private func pids(_ folder: Folder) throws -> [Int32] {
    try folder.text("pids").split(separator: "\n").compactMap { Int32($0) }
  }

  @Test func aProgramIsStartedAndTalksToTheCase() throws {
    let folder = try folder(Self.talk, script: Self.echo)
    let ending = try Program.run("run", "Suites/app.yaml", "--junit", "r.xml", in: folder)
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
    let check = try Program.run("check", "Suites/app.yaml", in: folder)
    #expect(check.status == 0 && check.output == "Suites/app.yaml: 1 case\n", "\(check.errors)")
  }

  /// Two runs of tests, one after the other; the second program tells of a failure, the third of no end.
  @Test func testsOfAProgramAreTold() throws {
    let cases = """
        told:
          steps:
            - wait: {tests: app, form: tap}
            - wait: {tests: app, form: ztest}
            - wait: {exit: app, status: 0}

      """
    let passing = "printf '1..1\\nok 1 a\\nSTART - b\\n PASS - b in 0.002 seconds\\n"
    let end = "PROJECT EXECUTION SUCCESSFUL\\n'"
    let folder = try folder(cases, script: passing + end)
    let ending = try Program.run("run", "Suites/app.yaml", "--junit", "r.xml", "--junit-tests", in: folder)
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
    let report = try folder.text("r.xml")
    #expect(report.contains("tests=\"3\" failures=\"0\""), "\(report)")
    #expect(report.contains("name=\"app.told/app/a\" time=\"0.000\"/>"), "\(report)")
    #expect(report.contains("name=\"app.told/app/b\" time=\"0.002\"/>"), "\(report)")

    let failing = try self.folder(cases, script: "printf '1..2\\nok 1 a\\nnot ok 2 b\\n'")
    let red = try Program.run("run", "Suites/app.yaml", in: failing)
    #expect(red.status == 1 && red.output.contains("1 of 2 tests of app failed: b"), "\(red.output)")

    let early = try self.folder(cases, script: "printf '1..2\\nok 1 a\\n'")
    let cut = try Program.run("run", "Suites/app.yaml", in: early)
    #expect(cut.status == 1, "\(cut.output)")
    let message = "the tests of app did not come to a good end: the summary is missing"
    #expect(
      cut.output.contains(message) && cut.output.contains("1 test has a result so far"), "\(cut.output)")
  }

  @Test func theCommandLineNamesAnotherImage() throws {
    let folder = try folder(Self.talk, script: nil)
    try folder.write("other", "#!/bin/sh\n\(Self.echo)\n", isProgram: true)
    let ending = try Program.run("run", "Suites/app.yaml", "--image", "app=other", in: folder)
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
    let list = try Program.run("list", "Suites/app.yaml", "--image", "app=other", in: folder)
    #expect(list.status == 0 && !list.output.contains("skipped"))
  }

  @Test func anImageThatIsNotThereMakesASkipWithItsHint() throws {
    let folder = try folder(Self.talk, script: nil)
    let ending = try Program.run("run", "Suites/app.yaml", in: folder)
    #expect(ending.status == 0)
    let reason = "needs image 'app', and nothing is at Suites/build/app; make app"
    #expect(ending.output.contains(reason), "\(ending.output)")
    let strict = try Program.run("run", "Suites/app.yaml", "--require-all", in: folder)
    #expect(strict.status == 69)
    let doctor = try Program.run("doctor", in: folder)
    #expect(doctor.output.contains(reason), "\(doctor.output)")
  }

  @Test func aBoardThatIsNotThereIsAnErrorOfTheSuite() throws {
    let folder = try folder(Self.talk.replacing("talk", with: "talk"), script: Self.echo)
    try folder.write(
      "Suites/app.yaml", Self.suite(Self.talk).replacing("board: native", with: "board: nativ"))
    for command in ["check", "run", "list"] {
      let ending = try Program.run(command, "Suites/app.yaml", in: folder)
      #expect(ending.status == 65)
      #expect(
        ending.errors.contains(
          "Suites/app.yaml:9:5: error: no board 'nativ' among those in Boards: native; did you mean 'native'?"
        ),
        "\(ending.errors)")
    }
  }

  @Test func aFailureShowsTheConsole() throws {
    let folder = try folder(Self.talk, script: "echo up; read x; echo cannot; exit 4")
    let ending = try Program.run("run", "Suites/app.yaml", "--junit", "r.xml", in: folder)
    #expect(ending.status == 1)
    #expect(ending.output.contains("node-exit at app: its process exited with status 4"), "\(ending.output)")
    // Each line with the time at which it came.
    let lines = /console app, 2 lines\n +[0-9. ]+ s  up\n +[0-9. ]+ s  cannot\n/
    #expect(ending.output.contains(lines), "\(ending.output)")
    #expect(try folder.text("r.xml").contains("cannot"))
  }

  @Test func aDaemonLeftBehindIsALeak() throws {
    let folder = try folder(
      Self.talk,
      script: "mkfifo up; setsid sh -c 'echo $$ > pids; echo > up; exec tail -f /dev/null' & read x < up; "
        + Self.echo)
    let ending = try Program.run("run", "Suites/app.yaml", in: folder)
    #expect(ending.status == 1)
    let pid = try #require(try pids(folder).first)
    #expect(ending.output.contains("pid \(pid) 'tail -f /dev/null' (killed)"), "\(ending.output)")
    #expect(Program.isGone(pid))
  }

  @Test func aChildOfADaemonIsFoundThoughItsEnvironmentIsEmpty() throws {
    let folder = try folder(
      Self.talk,
      script: "mkfifo up; setsid sh -c 'echo $$ >> pids; env -i /bin/sh -c "
        + "\"echo \\$\\$ >> pids; echo > up; exec tail -f /dev/null\" & wait' & read x < up; \(Self.echo)")
    let ending = try Program.run("run", "Suites/app.yaml", in: folder)
    #expect(ending.status == 1)
    let both = try pids(folder)
    #expect(both.count == 2)
    #expect(ending.output.contains("app left a process behind"), "\(ending.output)")
    #expect(both.allSatisfy(Program.isGone))
  }

  @Test(arguments: [SIGTERM, SIGINT]) func anInterruptedRunLeavesNothingRunning(_ signal: Int32) throws {
    let folder = try folder(
      Self.talk,
      script: "trap '' TERM INT HUP; setsid sh -c 'echo $$ >> pids; exec tail -f /dev/null' & "
        + "echo $$ >> pids; while :; do read x; done < /dev/zero")
    let program = try Program(["run", "Suites/app.yaml"], in: folder)
    #expect(Program.waitUntil { ((try? pids(folder).count) ?? 0) == 2 })
    program.send(signal)
    #expect(try program.wait().status == 128 + signal)
    #expect(try pids(folder).allSatisfy(Program.isGone))
  }

  @Test func aWorkerThatDiesLeavesNothingRunning() throws {
    let folder = try folder(
      Self.talk + Self.talk.replacing("talk:", with: "again:"),
      script: "setsid sh -c 'echo $$ >> pids; exec tail -f /dev/null' & echo $$ >> pids; \(Self.echo)")
    let ending = try Program.run("run", "Suites/app.yaml", "--drill", "trap:app.talk", in: folder)
    #expect(ending.status != 0)
    #expect(try pids(folder).allSatisfy(Program.isGone))
  }
}
