import Foundation
import Testing

/// Suites that cannot be understood: each is refused at its place, and nothing is started.
@Suite(.timeLimit(.minutes(5))) struct BadSuiteTests {
  /// A suite with one thing wrong, and the place and code of the finding.
  struct Bad: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var place: String?
    var code: String
    var testDescription: String { name }
  }

  private static func with(_ old: String, _ new: String) -> String {
    SuiteText.green.replacing(old, with: new)
  }

  static let all: [Bad] = [
    Bad(
      name: "unknown key", text: with("offset: 0x0, length: 16B", "offest: 0x0, length: 16B"),
      code: "suite.unknown-key"),
    Bad(name: "wrong unit", text: with("bar1: 2KiB", "bar1: 2048"), code: "scalar.unit"),
    Bad(
      name: "duplicate id", text: SuiteText.green + "  read-only: {steps: [{note: {text: x}}]}\n",
      code: "yaml.duplicate-key"),
    Bad(name: "tab", text: with("cases:\n", "cases:\n\t\n"), code: "yaml.tab"),
    Bad(name: "anchor", text: with("memory: 1MiB", "memory: &a 1MiB"), code: "yaml.anchor"),
    Bad(
      name: "alias bomb",
      text: "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + (1...9).map { "b\($0): &b\($0) [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n" }.joined(), place: "1:",
      code: "yaml.anchor"),
    Bad(
      name: "deep nesting", text: "format: " + String(repeating: "[", count: 100_000), place: "1:",
      code: "yaml."),
    Bad(name: "empty file", text: "", place: "1:1", code: ""),
    Bad(name: "two documents", text: SuiteText.green + "---\na: 1\n", code: "yaml.documents"),
    Bad(
      name: "link that loops", text: with("upstream: rc, downstream: mem", "upstream: mem, downstream: mem"),
      code: "topology."),
    Bad(
      name: "two roots", text: with("    mem:", "    rc2: {model: root-complex, memory: 1MiB}\n    mem:"),
      code: "topology."),
    Bad(
      name: "unlinked node", text: with("    mem:", "    lost: {model: memory-mock}\n    mem:"),
      code: "topology."),
    Bad(name: "BAR not a power of two", text: with("bar1: 2KiB", "bar1: 3KiB"), code: ""),
    Bad(
      name: "read past a BAR", text: with("offset: 0x0, length: 16B", "offset: 0x78, length: 16B"),
      code: "suite.out-of-bar"),
    Bad(
      name: "node that is not there", text: with("from: mem.bar0", "from: men.bar0"),
      code: "suite.unknown-name"),
    Bad(name: "model that is not there", text: with("model: memory-mock", "model: memory-mok"), code: ""),
  ]

  @Test(arguments: all) func isRefusedAtItsPlace(_ bad: Bad) throws {
    let folder = try Folder()
    try folder.write("bad.yaml", bad.text)
    for command in [["run", "bad.yaml", "--junit", "r.xml"], ["check", "bad.yaml"]] {
      let ending = try Program(command, in: folder).wait()
      #expect(ending.status == 65, "\(ending.errors)")
      let heads = ending.errors.split(separator: "\n").filter { $0.contains(": error: ") }
      for head in heads {
        #expect(
          head.wholeMatch(of: /bad\.yaml:\d+:\d+: error: .+   \[[a-z]+\.[a-z0-9-]+\]/) != nil, "\(head)")
      }
      let isNamed = heads.contains {
        $0.contains("[" + bad.code) && $0.hasPrefix("bad.yaml:" + (bad.place ?? ""))
      }
      #expect(isNamed, "\(ending.errors)")
    }
    #expect(try folder.names() == ["bad.yaml"])
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    let folder = try Folder()
    try Data(SuiteText.green.utf8 + [0xff, 0xfe, 0x0a]).write(to: URL(filePath: "\(folder.path)/bad.yaml"))
    let ending = try Program.run("check", "bad.yaml", in: folder)
    #expect(ending.status == 65 && ending.errors.contains("bad.yaml:"), "\(ending.errors)")
  }

  @Test func aFolderNamedLikeASuiteIsAFolder() throws {
    let folder = try Folder()
    try folder.write("dma.yaml/inner.yaml", SuiteText.green)
    let ending = try Program.run("check", "dma.yaml", in: folder)
    #expect(ending.status == 0 && ending.output == "dma.yaml/inner.yaml: 7 cases of 2 descriptions\n")
  }

  @Test func allErrorsOfAllFilesAreTold() throws {
    let folder = try Folder()
    try folder.write(
      "Suites/a.yaml", Self.with("bar1: 2KiB", "bar1: 2048").replacing("memory: 1MiB", with: "memory: 1"))
    try folder.write("Suites/b.yaml", Self.with("from: mem.bar0", "from: men.bar0"))
    let ending = try Program.run("run", "Suites", in: folder)
    #expect(ending.status == 65)
    #expect(ending.errors.matches(of: /Suites\/a\.yaml:\d+:\d+: error/).count == 2, "\(ending.errors)")
    #expect(ending.errors.matches(of: /Suites\/b\.yaml:\d+:\d+: error/).count == 1)
  }

  @Test func oneNameForTwoSuitesIsRefused() throws {
    let folder = try Folder()
    try folder.write("Suites/a.yaml", SuiteText.green)
    try folder.write("Suites/b.yaml", SuiteText.green)
    let ending = try Program.run("run", "Suites", in: folder)
    #expect(ending.status == 65)
    #expect(ending.errors.contains("suite 'dma' is also the name of Suites/a.yaml"))
  }

  @Test func findingsForEditorsAreObjects() throws {
    let folder = try Folder()
    try folder.write("bad.yaml", Self.with("bar1: 2KiB", "bar1: 2048"))
    let ending = try Program.run("check", "bad.yaml", "--format", "json", in: folder)
    #expect(ending.status == 65 && ending.errors.isEmpty)
    let line = try #require(ending.output.split(separator: "\n").first)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["code"] as? String == "scalar.unit" && object["path"] as? String == "bad.yaml")
  }

  @Test func findingsBecomeAnnotationsOnGitHub() throws {
    let folder = try Folder()
    try folder.write("bad.yaml", Self.with("bar1: 2KiB", "bar1: 2048"))
    let ending = try Program.run("check", "bad.yaml", in: folder, environment: ["GITHUB_ACTIONS": "true"])
    #expect(ending.errors.contains("::error file=bad.yaml,line="), "\(ending.errors)")
  }

  @Test func aCaseThatNeedsAMissingPartIsRefusedByName() throws {
    let folder = try Folder()
    let text = SuiteText.suite("f", "lost:\n  steps: [{note: {text: hello}}]")
    let model = "memory-mock, bars: {bar0: 128B, bar1: 2KiB}, msix: 4"
    try folder.write("f.yaml", text.replacing(model, with: "\(model), start: manual"))
    let message =
      "case 'lost' needs models that are started and stopped, but for those below a program, which this version "
      + "does not have   [suite.unbuilt]"
    for command in [["check", "f.yaml"], ["run", "f.yaml"]] {
      let ending = try Program(command, in: folder).wait()
      #expect(ending.status == 65 && ending.errors.contains(message), "\(ending.errors)")
    }
  }
}
