import LinkBroker
import Nodes
import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// Which captures become files, by what names, and what is told of them.
@Suite struct CaptureFileTests {
  private static let read = "mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 64B"
  private static let green = "steps: [{\(read)}}]"
  private static let red = "steps: [{\(read), expect: {status: UR}}}]"

  private struct Result {
    var outcome: CaseOutcome
    var files: [CaptureFile]
  }

  private func run(_ lines: String, in folder: String, all: Bool, attempt: Int = 1, limit: Int = 1 << 20)
    throws
    -> Result
  {
    let text =
      StepFixture.topology
      + lines.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
    let result = SuiteLoader.load(path: "t.yaml", bytes: Array(text.utf8))
    let plan = try #require(result.plan, "\(result.diagnostics.map(\.message))")
    var task = CaseTask(plan: plan, instance: plan.instances[0], seed: 1, attempt: attempt)
    task.capture = CaseCapture(
      request: CaptureRequest(folder: folder, keepsPassed: all, snapLength: 0, bytesMax: limit), number: 7)
    var performer = FabricPerformer()
    var files: [CaptureFile] = []
    let outcome = CaseRun.perform(task, by: &performer) { kind, _ in
      if case .capture(let file) = kind { files.append(file) }
    }
    return Result(outcome: outcome, files: files)
  }

  @Test func aPassIsKeptOnlyWhenAllAre() throws {
    let folder = try Folder()
    let quiet = try run(Self.green, in: folder.path, all: false)
    #expect(quiet.outcome.verdict == .passed && quiet.files.isEmpty)
    let all = try run(Self.green, in: folder.path, all: true)
    #expect(all.files == [CaptureFile(file: "captures/0007-t.c.pcapng", records: 2)])
    let bytes = try FileStore.read("\(folder.path)/captures/0007-t.c.pcapng")
    #expect(CaptureLines.records(bytes).count == 2)
  }

  @Test(arguments: [false, true]) func aFailureNamesIts(all: Bool) throws {
    let folder = try Folder()
    let failed = try run(Self.red, in: folder.path, all: all, attempt: 2)
    #expect(failed.outcome.failure?.captures == ["captures/0007-t.c.try2.pcapng"])
    #expect(failed.files.map(\.file) == ["captures/0007-t.c.try2.pcapng"])
    #expect(FileStore.kind("\(folder.path)/captures/0007-t.c.try2.pcapng") == .file)
  }

  @Test func eachSeedHasItsOwn() throws {
    let folder = try Folder()
    let all = try run("seeds: 3\n\(Self.green)", in: folder.path, all: true)
    #expect(all.files.map(\.file) == (1...3).map { "captures/0007-t.c.seed\($0).pcapng" })
    let none = try run("seeds: 3\n\(Self.green)", in: folder.path, all: false)
    #expect(none.files.isEmpty)
  }

  @Test func aFaultThatNeverStruckLeavesTheLastRun() throws {
    let folder = try Folder()
    let rule = "faults: [{drop: {link: l0, tlp: Msg, probability: 50%}}]\n"
    let failed = try run("seeds: 2\n\(rule)\(Self.green)", in: folder.path, all: false)
    #expect(failed.outcome.verdict == .failed(.neverHit), "\(failed.outcome.message)")
    #expect(failed.outcome.failure?.captures == ["captures/0007-t.c.seed2.pcapng"])
    #expect(failed.files.map(\.file) == ["captures/0007-t.c.seed2.pcapng"])
    let all = try run("seeds: 2\n\(rule)\(Self.green)", in: folder.path, all: true)
    #expect(all.files.map(\.file) == (1...2).map { "captures/0007-t.c.seed\($0).pcapng" })
  }

  @Test func lossesAreCounted() throws {
    let folder = try Folder()
    let steps = "steps: [{repeat: {times: 2000, steps: [{\(Self.read)}}]}}]"
    let full = try run(steps, in: folder.path, all: true, limit: CaptureSettings.bytesMin)
    let file = try #require(full.files.first)
    #expect(file.lost > 1000 && file.lost + file.records == 4000)
    let bytes = try FileStore.read("\(folder.path)/\(file.file)")
    #expect(UInt64(CaptureLines.records(bytes).count) == file.records)
  }

  @Test func whatCannotBeWrittenIsAProblemAndNoFailure() throws {
    let folder = try Folder()
    try folder.write("captures", "a file")
    let passed = try run(Self.green, in: folder.path, all: true)
    #expect(passed.outcome.verdict == .passed)
    #expect(passed.files.first?.problem?.hasPrefix("cannot ") == true, "\(passed.files)")
    let failed = try run(Self.red, in: folder.path, all: true)
    #expect(failed.outcome.failure?.captures == [])
    #expect(try folder.text("captures") == "a file")
  }

  static let names: [(String, String)] = [
    ("dma.completion-lost", "captures/0007-dma.completion-lost.pcapng"),
    ("dma.write-read[length=4B,offset=0x0]", "captures/0007-dma.write-read_length=4B,offset=0x0.pcapng"),
    ("a.b[path=\"/etc/x y\"]", "captures/0007-a.b_path=_etc_x_y.pcapng"),
    ("../../x|y]]\u{1b}é", "captures/0007-.._.._x_y.pcapng"), ("", "captures/0007-.pcapng"),
    (String(repeating: "a", count: 300), "captures/0007-\(String(repeating: "a", count: 120)).pcapng"),
  ]

  @Test(arguments: names) func namesAreSafe(id: String, path: String) {
    let name = CaptureName.path(case: 7, id: id)
    #expect(name == path)
    #expect(name.firstMatch(of: /^captures\/[A-Za-z0-9._=,-]{1,200}$/) != nil)
    #expect(
      CaptureName.path(case: 12345, id: "x", attempt: 3, seed: 9) == "captures/12345-x.try3.seed9.pcapng")
  }

  @Test func workersAreToldAll() {
    let request = CaptureRequest(folder: "a b/--drill", keepsPassed: true, snapLength: 64, bytesMax: 1 << 26)
    #expect(CaptureRequest(["worker", "--drill", "x"] + request.arguments) == request)
    #expect(CaptureRequest(["worker"]) == nil)
    #expect(CaptureRequest(["--capture", "all", "x", "1", "y"]) == nil)
    #expect(CaptureRequest(["--capture", "all"]) == nil)
  }
}
