import Foundation
import Testing

/// What the program says without running anything.
@Suite(.timeLimit(.minutes(5))) struct CommandLineTests {
  @Test func tellsItsVersion() throws {
    let ending = try Program.run("--version", in: Folder())
    #expect(ending.status == 0 && ending.output == "pcie-harness 0.1.0\n" && ending.errors.isEmpty)
  }

  @Test(arguments: [
    "run", "list", "check", "graph", "replay", "schema", "doctor", "completions", "faults", "coverage",
    "dissector",
  ])
  func helpsWithExamples(_ command: String) throws {
    let ending = try Program.run(command, "--help", in: Folder())
    #expect(ending.status == 0)
    #expect(ending.output.contains("EXAMPLES:\n  pcie-harness \(command)"))
    for hidden in ["--drill", "--grace", "worker "] { #expect(!ending.output.contains("  \(hidden)")) }
  }

  static let wrongLines: [([String], String)] = [
    (["run"], "Missing expected argument"), (["fly"], "fly"), (["run", "--fly", "a.yaml"], "--fly"),
    (["run", "a.yaml", "--seed", "0xzz"], "0xzz"),
    (["run", "a.yaml", "--jobs", "0"], "takes 1 to 1024, got 0"),
    (["run", "a.yaml", "--retries", "-1"], "retries"), (["run", "a.yaml", "--timeout", "10"], "10"),
    (["run", "a.yaml", "--skip-exit-code", "5"], "takes 77 only, got 5"),
    (["run", "a.yaml", "--tool", "qemu"], "qemu"), (["run", "a.yaml", "--timeout-scale", "0"], "0"),
    (["run", "a.yaml", "--tool", "qemu=/nowhere"], "no program at /nowhere"),
    (["run", "a.yaml", "-E", "cas(x)"], "did you mean 'case'?"), (["run", ""], "an empty path"),
    (
      ["run", "nowhere.yaml"],
      "no suite at nowhere.yaml; did you mean nowhere-near.yaml?   [cli.no-such-suite]"
    ),
    (["list", "nowhere.yaml", "else.yaml"], "no suite at else.yaml   [cli.no-such-suite]"),
    (["check", "empty"], "no suites (*.yaml) in folder empty   [cli.no-suites]"),
    (["run", "/proc/self/mem"], "cannot read /proc/self/mem: Input/output error   [cli.unreadable]"),
    (["replay", "nowhere.jsonl"], "no record at nowhere.jsonl   [cli.no-such-record]"),
    (["completions", "csh"], "csh"), (["run", "a.yaml", "--capture", "some"], "some"),
    (["run", "a.yaml", "--capture-snaplen", "35"], "takes 36 or more, got 35"),
    (["run", "a.yaml", "--capture-limit", "0"], "takes 1 to 65536, got 0"),
  ]

  @Test(arguments: wrongLines) func refusesWithSixtyFour(_ arguments: [String], _ message: String) throws {
    let folder = try Folder()
    try folder.write("a.yaml", SuiteText.green)
    try folder.write("nowhere-near.yaml", SuiteText.green)
    try FileManager.default.createDirectory(atPath: "\(folder.path)/empty", withIntermediateDirectories: true)
    let ending = try Program(arguments, in: folder).wait()
    #expect(ending.status == 64)
    #expect(ending.errors.contains(message), "\(ending.errors)")
    #expect(ending.output.isEmpty)
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completes(_ shell: String) throws {
    let ending = try Program.run("completions", shell, in: Folder())
    #expect(ending.status == 0)
    for word in ["run", "list", "junit", "always"] { #expect(ending.output.contains(word)) }
  }

  @Test func bashAcceptsItsCompletions() throws {
    let ending = try Program.shell("$P completions bash | bash -n", in: Folder())
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
  }

  @Test func findsAFolderWhateverTheCase() throws {
    let folder = try Folder()
    try folder.write("Suites/dma.yaml", SuiteText.green)
    let ending = try Program.run("list", "suites/DMA.yaml", "--format", "names", in: folder)
    #expect(ending.status == 0)
    #expect(ending.errors == "note: no suites/DMA.yaml; using Suites/dma.yaml\n")
    #expect(ending.output.split(separator: "\n").count == 7)
  }

  @Test func listsInEveryForm() throws {
    let folder = try Folder()
    try folder.write("dma.yaml", SuiteText.green)
    let tree = try Program.run(
      "list", "dma.yaml", "--case", "write-read[length=4B,*", "--case", "read-only", in: folder)
    #expect(
      tree.output == """
        dma  dma.yaml  3 cases
          write-read  (2 cases)
            write-read[length=4B,offset=0x0]
            write-read[length=4B,offset=0x40]
          read-only
        3 cases in 1 suite

        """)
    let json = try Program.run("list", "dma.yaml", "--format", "json", in: folder)
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let suites = try #require(object?["suites"] as? [[String: Any]])
    let cases = try #require(suites.first?["cases"] as? [[String: Any]])
    #expect(cases.count == 7 && cases[1]["id"] as? String == "dma.write-read[length=4B,offset=0x40]")
    #expect(cases[1]["matrix"] as? [String: String] == ["length": "4B", "offset": "0x40"])
    let cmake = try Program.run("list", "dma.yaml", "--format", "cmake", "--case", "read-only", in: folder)
    #expect(cmake.output.contains("add_test([[dma.read-only]] [["))
    #expect(cmake.output.contains("set_tests_properties([[dma.read-only]] PROPERTIES SKIP_RETURN_CODE 77)"))
  }

  @Test func drawsATopologyInEveryForm() throws {
    let folder = try Folder()
    try folder.write("dma.yaml", SuiteText.green)
    let ascii = try Program.run("graph", "dma.yaml", in: folder)
    #expect(ascii.output == "rc (root-complex) ── l0 8GT/s x4 ── mem (memory-mock, endpoint)\n")
    let mermaid = try Program.run("graph", "dma.yaml", "--format", "mermaid", in: folder)
    #expect(
      mermaid.output == """
        graph TD
          n_rc["rc (root-complex)"]
          n_mem["mem (memory-mock, endpoint)"]
          n_rc -- "l0 8GT/s x4" --- n_mem

        """)
    let dot = try Program.run("graph", "dma.yaml", "--format", "dot", in: folder)
    #expect(dot.output.contains("\"rc\" -- \"mem\" [label=\"l0 8GT/s x4\"];"))
  }

  @Test func drawsATree() throws {
    let folder = try Folder()
    let text = SuiteText.suite("tree", "a:\n  steps: [{note: {text: hello}}]")
    let nodes = """
          sw:  {model: switch}
          m1:  {model: memory-mock}
          m2:  {model: memory-mock}
        links:
          l1: {upstream: rc, downstream: sw, speed: 8GT/s, width: 4, max_payload: 256B}
          l2: {upstream: sw, downstream: m1, speed: 8GT/s, width: 1, max_payload: 256B}
          l3: {upstream: sw, downstream: m2, speed: 8GT/s, width: 2, max_payload: 256B}

      """
    try folder.write("t.yaml", text.replacing("  links:\n", with: nodes))
    let ending = try Program.run("graph", "t.yaml", in: folder)
    #expect(
      ending.output == """
        rc (root-complex)
        ├─ l1 8GT/s x4 ── sw (switch)
        │  ├─ l2 8GT/s x1 ── m1 (memory-mock, endpoint)
        │  └─ l3 8GT/s x2 ── m2 (memory-mock, endpoint)
        └─ l0 8GT/s x4 ── mem (memory-mock, endpoint)

        """, "\(ending.errors)")
  }

  @Test func doctorTellsWhatRunsHere() throws {
    let folder = try Folder()
    try folder.write("Suites/dma.yaml", SuiteText.green)
    let tool = "a: {requires: [{tool: no-such-tool, hint: install it}], steps: [{note: {text: hello}}]}"
    try folder.write("Suites/tool.yaml", SuiteText.suite("tool", tool))
    let ending = try Program.run("doctor", in: folder)
    #expect(ending.status == 0)
    #expect(ending.output.contains("  ok    broker         subreaper, "))
    #expect(ending.output.contains("  dma runs here in full\n"))
    #expect(ending.output.contains("  tool: 1 of 1 cases cannot run\n"))
    #expect(ending.output.contains("    1: needs no-such-tool; no-such-tool is not on PATH; install it\n"))
  }

  @Test func doctorTellsHowToMendABoard() throws {
    let folder = try Folder()
    let board = Self.repository.appending(path: "Boards/qemu_x86_64.yaml")
    try folder.write("Boards/qemu_x86_64.yaml", try String(contentsOf: board, encoding: .utf8))
    let emulator = try folder.write(
      "emulator", "#!/bin/sh\necho QEMU emulator version 7.2.22\n", isProgram: true)
    let ending = try Program.run("doctor", "--tool", "qemu-system-x86_64=\(emulator)", in: folder)
    #expect(ending.status == 0)
    #expect(
      ending.output.contains("  miss  qemu_x86_64    needs qemu-system-x86_64 10.1, found 7.2.22\n"),
      "\(ending.output)")
    #expect(ending.output.contains("\n                       fix: "))
  }

  @Test func writesTheCommittedSchemas() throws {
    let folder = try Folder()
    let ending = try Program.run("schema", in: folder)
    #expect(ending.output == "wrote Suites/suite.schema.json\nwrote Boards/board.schema.json\n")
    for path in ["Suites/suite.schema.json", "Boards/board.schema.json"] {
      let committed = try String(contentsOf: Self.repository.appending(path: path), encoding: .utf8)
      #expect(try folder.text(path) == committed)
    }
    #expect(
      try Program.run("schema", "--print", "board", in: folder).output
        == folder.text("Boards/board.schema.json"))
  }

  private static let repository = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
