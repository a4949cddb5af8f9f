import Foundation
import Testing

/// Faults of the machine: each gets a clear error and loses nothing.
@Suite(.timeLimit(.minutes(5))) struct MachineFaultTests {
  /// Three cases, the first of which a drill can hit.
  private static let text = SuiteText.suite(
    "s",
    """
    a: {timeout: 1s, steps: [{note: {text: one}}, {note: {text: two}}]}
    b: {steps: [{note: {text: x}}]}
    c: {steps: [{note: {text: x}}]}
    """)

  private func folder() throws -> Folder {
    let folder = try Folder()
    try folder.write("s.yaml", Self.text)
    return folder
  }

  @Test func aTrapCostsOneCase() throws {
    let folder = try folder()
    for jobs in ["1", "2"] {
      let ending = try Program.run(
        "run", "s.yaml", "--drill", "trap:s.a", "--jobs", jobs, "--junit", "r.xml", in: folder)
      #expect(ending.status == 3, "\(ending.output)\(ending.errors)")
      #expect(ending.output.contains("the worker was killed by SIGILL in step 1/2"), "\(ending.output)")
      #expect(ending.output.contains("3 cases: 2 passed, 1 error"))
      #expect(try folder.text("r.xml").contains("<error type=\"harness\""))
    }
  }

  @Test func aWorkerThatLeavesCostsOneCase() throws {
    let ending = try Program.run("run", "s.yaml", "--drill", "exit:s.a", in: folder())
    #expect(ending.status == 3)
    #expect(ending.output.contains("the worker exited with status 0 in step 1/2"), "\(ending.output)")
  }

  @Test func aTrapIsTriedAgainAndThenFlaky() throws {
    let line = ["run", "s.yaml", "--drill", "trap:s.a", "--retries", "1"]
    let flaky = try Program(line, in: folder()).wait()
    #expect(flaky.status == 1)
    #expect(flaky.output.contains("TRY 1 FAIL") && flaky.output.contains("FLAKY 2/2"), "\(flaky.output)")
    #expect(try Program(line + ["--flaky-ok"], in: folder()).wait().status == 0)
  }

  @Test func aHangIsATimeout() throws {
    let folder = try folder()
    let ending = try Program.run(
      "run", "s.yaml", "--drill", "hang:s.a", "--timeout-scale", "0.1", "--grace", "100ms", "--junit",
      "r.xml",
      in: folder)
    #expect(ending.status == 1)
    #expect(ending.output.contains("SLOW [>") && ending.output.contains("TIMEOUT ["), "\(ending.output)")
    #expect(ending.output.contains("no end within 100ms and a grace of 100ms on the wall clock"))
    #expect(try folder.text("r.xml").contains("<failure type=\"timeout\""))
  }

  @Test func aRunHasATimeToo() throws {
    let ending = try Program.run(
      "run", "s.yaml", "--drill", "hang:s.a", "--jobs", "1", "--timeout", "200ms", in: folder())
    #expect(ending.status == 1)
    #expect(ending.output.contains("the run has used up its 200ms"), "\(ending.output)")
    #expect(ending.output.contains("2 not run"), "\(ending.output)")
  }

  @Test func aKilledWorkerCostsOneCaseAndKeepsItsLastEvents() throws {
    let program = try Program(
      ["run", "s.yaml", "--drill", "hang:s.a", "--jobs", "1", "--events", "-"], in: folder())
    // The supervisor reads the events of a case as they come once it has lasted a while.
    #expect(program.waitForOutput("\"kind\":\"step-started\""))
    let worker = try #require(program.children.first)
    kill(worker, SIGKILL)
    let ending = try program.wait()
    #expect(ending.status == 3)
    #expect(ending.errors.contains("the worker was killed by SIGKILL in step 1/2"), "\(ending.errors)")
    #expect(ending.output.contains("\"kind\":\"worker-lost\",\"case\":0,\"cause\":\"killed by SIGKILL\""))
    #expect(ending.errors.contains("3 cases: 2 passed, 1 error"))
  }

  @Test(arguments: [SIGINT: Int32(130), SIGTERM: 143, SIGHUP: 143])
  func aSignalTearsDownAndReports(_ signal: Int32, _ status: Int32) throws {
    let folder = try folder()
    let program = try Program(
      ["run", "s.yaml", "--drill", "hang:s.a", "--jobs", "2", "--events", "-", "--junit", "r.xml"], in: folder
    )
    #expect(program.waitForOutput("\"kind\":\"step-started\""))
    let workers = program.children
    #expect(!workers.isEmpty)
    program.send(signal)
    let ending = try program.wait()
    #expect(ending.status == status)
    #expect(ending.output.hasSuffix("\"signal\":\(signal == SIGINT ? 2 : 15)}\n"), "\(ending.output)")
    #expect(try folder.text("r.xml").hasSuffix("</testsuites>\n"))
    for worker in workers { #expect(Program.isGone(worker)) }
  }

  @Test func workersEndWithTheirSupervisor() throws {
    let program = try Program(
      ["run", "s.yaml", "--drill", "hang:s.a", "--jobs", "1", "--events", "-"], in: folder())
    #expect(program.waitForOutput("\"kind\":\"step-started\""))
    let worker = try #require(program.children.first)
    program.send(SIGKILL)
    #expect(try program.wait().status == 256 + SIGKILL)
    #expect(Program.waitUntil { Program.isGone(worker) })
  }

  @Test(arguments: ["--junit", "--events"]) func aFullDiskLeavesTheVerdicts(_ option: String) throws {
    let ending = try Program.run("run", "s.yaml", option, "/dev/full", in: folder())
    #expect(ending.status == 70)
    #expect(ending.output.contains("3 cases: 3 passed"), "\(ending.output)")
    #expect(ending.errors == "error: cannot write /dev/full: No space left on device\n")
  }

  @Test func aLimitOnFileSizesLeavesTheVerdicts() throws {
    let ending = try Program.shell("ulimit -f 0; $P run s.yaml --junit r.xml", in: folder())
    #expect(ending.status == 70, "\(ending.errors)")
    #expect(ending.output.contains("3 cases: 3 passed"), "\(ending.output)")
    #expect(ending.errors.contains("File too large"), "\(ending.errors)")
  }

  @Test func aFolderThatCannotBeMadeLeavesTheVerdicts() throws {
    let folder = try folder()
    let ending = try Program.run("run", "s.yaml", "--output", "/proc/nowhere", "--junit", "r.xml", in: folder)
    #expect(ending.status == 70)
    #expect(ending.output.contains("3 cases: 3 passed"))
    #expect(ending.errors.contains("cannot make folder /proc/nowhere"), "\(ending.errors)")
    #expect(try folder.text("r.xml").contains("tests=\"3\" failures=\"0\" errors=\"0\""))
    let report = try Program.run("run", "s.yaml", "--junit", "/proc/nowhere/r.xml", in: folder)
    #expect(report.status == 70 && report.output.contains("3 cases: 3 passed"))
  }

  @Test(arguments: ["$P run s.yaml --junit r.xml >&-", "$P run s.yaml --junit r.xml >&- 2>&-"])
  func aClosedOutputLosesNoReport(_ line: String) throws {
    let folder = try folder()
    let ending = try Program.shell(line, in: folder)
    #expect(ending.status == 0, "\(ending.errors)")
    #expect(try folder.text("r.xml").contains("tests=\"3\" failures=\"0\" errors=\"0\""))
    if !line.contains("2>&-") { #expect(ending.errors.contains("standard output is closed")) }
  }

  @Test func aReaderThatLeavesLosesNoReport() throws {
    let folder = try folder()
    let program = try Program(["run", "s.yaml", "--junit", "r.xml"], in: folder)
    try program.closeOutput()
    let ending = try program.wait(readingOutput: false)
    #expect(ending.status == 0, "\(ending.errors)")
    #expect(ending.errors.contains("note: cannot write to standard output: Broken pipe"))
    #expect(try folder.text("r.xml").contains("tests=\"3\" failures=\"0\" errors=\"0\""))
  }
}
