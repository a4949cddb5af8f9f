import Foundation
import Testing

/// Runs from the command line to the reports.
@Suite(.timeLimit(.minutes(5))) struct RunTests {
  private func folder(_ suites: (String, String)...) throws -> Folder {
    let folder = try Folder()
    for (name, text) in suites { try folder.write(name, text) }
    return folder
  }

  @Test func aGreenRunEndsWithItsReports() throws {
    let folder = try folder(("dma.yaml", SuiteText.green))
    let ending = try Program.run("run", "dma.yaml", "--seed", "0x5eed", "--junit", "out/r.xml", in: folder)
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)\(ending.output)")
    let lines = ending.output.split(separator: "\n")
    #expect(try #require(lines.first).contains("seed 0x5eed  1 suite, 7 cases"))
    #expect(lines.count { $0.contains("        PASS [") } == 7)
    #expect(try #require(lines.last).contains("report   out/r.xml"))
    let report = try folder.text("out/r.xml")
    #expect(report.contains("<testsuite name=\"dma\" tests=\"7\" failures=\"0\" errors=\"0\" skipped=\"0\""))
    #expect(report.matches(of: /<testcase [^>]*\/>/).count == 7)
    let runs = try folder.names("harness-out")
    #expect(runs.count == 1 && runs[0].wholeMatch(of: /[0-9a-f]{4}/) != nil)
    #expect(try folder.text("harness-out/\(runs[0])/events.jsonl").split(separator: "\n").count > 14)
  }

  @Test func aRedRunShowsTheStepAndEndsWithOne() throws {
    let folder = try folder(("red.yaml", SuiteText.red))
    let ending = try Program.run("run", "red.yaml", "--seed", "7", "--junit", "r.xml", in: folder)
    #expect(ending.status == 1)
    #expect(ending.output.contains("FAIL ["))
    #expect(ending.output.contains("red.yaml:16:9   step 2 of 2"), "\(ending.output)")
    #expect(ending.output.contains("replay   pcie-harness run red.yaml --case bad --seed 0x7"))
    let report = try folder.text("r.xml")
    #expect(report.contains("file=\"red.yaml\" line=\"16\"") && report.contains("type=\"expectation\""))
  }

  @Test func theSameSeedGivesTheSameBytesWithAnyNumberOfJobs() throws {
    let folder = try folder(("Suites/dma.yaml", SuiteText.green), ("Suites/red.yaml", SuiteText.red))
    var records: Set<String> = []
    for jobs in ["1", "2", "3"] {
      let path = "events-\(jobs).jsonl"
      _ = try Program.run("run", "Suites", "--seed", "0x5eed", "--jobs", jobs, "--events", path, in: folder)
      records.insert(try folder.text(path))
    }
    #expect(records.count == 1)
    #expect(try #require(records.first).hasSuffix("\"flaky\":0}\n"))
    let other = try Program.run("run", "Suites", "--seed", "0x5eee", "--events", "-", in: folder)
    #expect(!records.contains(other.output))
  }

  @Test func filteringNeverChangesTheSeedOfACase() throws {
    let folder = try folder(("dma.yaml", SuiteText.green))
    func seed(_ arguments: String...) throws -> Substring? {
      let line = ["run", "dma.yaml", "--seed", "9", "--events", "-"] + arguments
      let output = try Program(line, in: folder).wait().output
      return output.split(separator: "\n").first { $0.contains("\"id\":\"dma.read-only\"") }?
        .firstMatch(of: /"case_seed":"(0x[0-9a-f]+)"/)?.1
    }
    let all = try #require(try seed())
    #expect(try seed("--case", "read-only") == all)
  }

  @Test func eventsOnTheOutputLeaveTheConsoleToTheErrors() throws {
    let folder = try folder(("dma.yaml", SuiteText.green))
    let ending = try Program.run("run", "dma.yaml", "--events", "-", in: folder)
    #expect(ending.status == 0)
    for line in ending.output.split(separator: "\n") { #expect(line.hasPrefix("{\"version\":1,\"kind\":")) }
    #expect(ending.errors.contains("Summary"))
  }

  @Test func aRecordIsRenderedAgain() throws {
    let folder = try folder(("red.yaml", SuiteText.red))
    let run = try Program.run("run", "red.yaml", "--events", "e.jsonl", "--junit", "a.xml", in: folder)
    let replay = try Program.run("replay", "e.jsonl", "--junit", "b.xml", in: folder)
    #expect(run.status == 1 && replay.status == 1)
    #expect(replay.output.contains("red.yaml:16:9   step 2 of 2"))
    #expect(try folder.text("b.xml").contains("tests=\"2\" failures=\"1\""))
    let cut = try folder.text("e.jsonl").split(separator: "\n").dropLast().joined(separator: "\n") + "\n"
    try folder.write("cut.jsonl", cut)
    let rest = try Program.run("replay", "cut.jsonl", in: folder)
    #expect(rest.errors.contains("note: cut.jsonl has no end; the run was cut off"))
    try folder.write("bad.jsonl", "nonsense\n" + cut)
    let bad = try Program.run("replay", "bad.jsonl", in: folder)
    #expect(bad.status == 65 && bad.errors.contains("bad.jsonl: line 1: "), "\(bad.errors)")
  }

  @Test func selectionByCaseTagAndExpression() throws {
    let text = SuiteText.suite(
      "s", "a: {tags: [one], steps: [{note: {text: x}}]}\nb: {slow: true, steps: [{note: {text: x}}]}")
    let folder = try folder(("s.yaml", text))
    for (option, value) in [("--case", "a"), ("--tag", "one"), ("-E", "not slow()")] {
      let ending = try Program.run("run", "s.yaml", option, value, in: folder)
      #expect(ending.status == 0 && ending.output.contains("1 suite, 1 case "), "\(ending.output)")
    }
    let none = try Program.run("run", "s.yaml", "--case", "aa", in: folder)
    #expect(none.status == 4)
    #expect(
      none.errors == "error: none of 2 cases selected by --case 'aa'; did you mean 'a'?   [cli.no-cases]\n")
    let allowed = try Program.run(
      "run", "s.yaml", "--case", "aa", "--no-cases=ok", "--junit", "r.xml", in: folder)
    #expect(allowed.status == 0, "\(allowed.errors)")
  }

  @Test func skipsAreToldByReasonAndCountAsAsked() throws {
    let tool = "a: {requires: [{tool: no-such-tool, hint: install it}], steps: [{note: {text: x}}]}"
    let folder = try folder(("s.yaml", SuiteText.suite("s", tool)))
    let plain = try Program.run("run", "s.yaml", "--junit", "r.xml", in: folder)
    #expect(plain.status == 0)
    #expect(plain.output.contains("1 skipped: needs no-such-tool; no-such-tool is not on PATH; install it"))
    #expect(try folder.text("r.xml").contains("<skipped type=\"requirement\""))
    #expect(try Program.run("run", "s.yaml", "--require-all", in: folder).status == 69)
    #expect(try Program.run("run", "s.yaml", "--skip-exit-code", "77", in: folder).status == 77)
    try folder.write("no-such-tool", "#!/bin/sh\n", isProgram: true)
    let given = try Program.run("run", "s.yaml", "--tool", "no-such-tool=no-such-tool", in: folder)
    #expect(given.output.contains("1 passed"), "\(given.output)\(given.errors)")
  }

  @Test func knownFailuresAreTurnedRound() throws {
    let text = SuiteText.red.replacing(
      "  bad:\n", with: "  bad:\n    known_failure: {reason: wrong bytes, issue: '#9'}\n"
    ).replacing("  good:\n", with: "  good:\n    known_failure: {reason: none, issue: '#8'}\n")
    let folder = try folder(("red.yaml", text))
    let bad = try Program.run("run", "red.yaml", "--case", "bad", "--junit", "r.xml", in: folder)
    #expect(bad.status == 0, "\(bad.output)")
    #expect(try folder.text("r.xml").contains("<skipped type=\"known-failure\""))
    let good = try Program.run("run", "red.yaml", "--case", "good", "--junit", "r.xml", in: folder)
    #expect(good.status == 1)
    #expect(try folder.text("r.xml").contains("type=\"unexpected-pass\""))
  }

  @Test func seedsOfOneCaseAreOneCase() throws {
    let folder = try folder(
      ("s.yaml", SuiteText.suite("s", "a: {seeds: 20, exclusive: true, steps: [{note: {text: x}}]}")))
    let ending = try Program.run("run", "s.yaml", in: folder)
    #expect(ending.status == 0 && ending.output.contains("(20 seeds)"), "\(ending.output)")
  }

  @Test func twoRunsInOneFolderKeepApart() throws {
    let folder = try folder(("dma.yaml", SuiteText.green))
    let line = ["run", "dma.yaml", "--seed", "1"]
    let runs = try (1...3).map { number in try Program(line + ["--junit", "r\(number).xml"], in: folder) }
    for run in runs { #expect(try run.wait().status == 0) }
    let names = try folder.names("harness-out")
    #expect(names.count == 3 && Set(names.map { $0.prefix(4) }).count == 1, "\(names)")
    let records = try names.map { try folder.text("harness-out/\($0)/events.jsonl") }
    #expect(Set(records).count == 1)
  }
}
