import Foundation
import PCIe
import Testing

@testable import SuiteLanguage

@Suite("Cases written as YAML")
struct CaseWriterTests {
  static let examples = Example.suites.map { "Tests/SuiteLanguageTests/Examples/\($0).yaml" }
  static let products: [String] = {
    let folder = Example.root.appending(path: "Suites").path(percentEncoded: false)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".yaml") }.sorted().map { "Suites/\($0)" }
  }()

  @Test("a written case loads to the same case", arguments: examples + products)
  func roundTrip(path: String) throws {
    let bytes = Array(try Data(contentsOf: Example.root.appending(path: path)))
    let plan = try #require(SuiteLoader.load(path: path, bytes: bytes).plan)
    #expect(!plan.instances.isEmpty)
    for instance in plan.instances {
      let text = CaseWriter(instance).suite(plan.suite)
      let result = SuiteLoader.load(path: path, bytes: Array(text.utf8))
      let complaints = result.diagnostics.map { $0.text(in: result.source) }.joined()
      let read = try #require(result.plan?.instances.first, "\(complaints)\n\(text)")
      #expect(result.diagnostics.isEmpty, "\(complaints)")
      expectEqual(read, instance, text)
      #expect(result.plan.map { CaseWriter(read).suite($0.suite) } == text)
    }
  }

  private func expectEqual(_ read: CaseInstance, _ instance: CaseInstance, _ text: String) {
    #expect(read.id == instance.id)
    #expect(read.assignment == instance.assignment)
    #expect(read.setup.map(\.unplaced) == instance.setup.map(\.unplaced), "\(text)")
    #expect(read.steps.map(\.unplaced) == instance.steps.map(\.unplaced), "\(text)")
    #expect(read.faults.map(\.unplaced) == instance.faults.map(\.unplaced), "\(text)")
    #expect(read.allowed == instance.allowed)
    #expect(read.topology.unplaced == instance.topology.unplaced, "\(text)")
    #expect(read.settings.unplaced == instance.settings.unplaced)
    #expect(read.requiresUnbuilt == instance.requiresUnbuilt)
  }

  @Test("every row of the catalogue is written as it was read", arguments: FaultCatalogueTests.written)
  func catalogue(entry: FaultEntry) throws {
    let read = try FaultCatalogueTests.instance([FaultCatalogueTests.rule(of: entry)]).faults[0]
    let again = try FaultCatalogueTests.instance([FaultWriter.text(read)]).faults[0]
    #expect(again.unplaced == read.unplaced, "\(FaultWriter.text(read))")
  }

  @Test("a case looks as a person would write it")
  func text() throws {
    let instance = try FaultCatalogueTests.instance(
      [
        "delay: {link: l0, tlp: any, probability: 0.25%, by: 10us..2ms, times: 3}",
        "drop: {link: l0, tlp: MRd, address: mem.bar1, length: 64B..4KiB, requester: rc, every: 1, expect: {rc: []}}",
        "link_down: {link: l0, after: {tlp: MWr, count: 3, from: mem}, for: 5ms}",
      ],
      steps: [
        "mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 4B, timeout: 1ms, expect: {status: timeout}}",
        "repeat: {times: 2, steps: [{note: {text: 'it''s: 5 % # done'}}]}",
      ])
    #expect(
      CaseWriter(instance).entry == """
          one:
            timeout: 1min
            faults:
              - delay: {link: l0, tlp: any, by: 10us..2ms, probability: 0.25%, times: 3}
              - drop: {link: l0, tlp: MRd, address: mem.bar1, length: 64B..4KiB, requester: rc, every: 1, expect: {rc: []}}
              - link_down: {link: l0, after: {tlp: MWr, count: 3, from: mem}, for: 5ms}
            steps:
              - mem_read: {by: rc, from: mem.bar1, offset: 0x0, length: 4B, timeout: 1ms, expect: {status: timeout}}
              - repeat:
                  times: 2
                  steps:
                    - note: {text: 'it''s: 5 % # done'}

        """)
  }

  @Test(
    "scalars are quoted where a reader would take them for something else",
    arguments: [
      ("plain words", "plain words"), ("00:02.0", "00:02.0"), ("10us..2ms", "10us..2ms"), ("", "''"),
      (" a", "' a'"),
      ("a ", "'a '"), ("a: b", "'a: b'"), ("a:", "'a:'"), ("-a", "'-a'"), ("a, b", "'a, b'"),
      ("it's", "'it''s'"),
      ("a #b", "'a #b'"), ("[a]", "'[a]'"), ("{", "'{'"), ("a\nb", "\"a\\x0ab\""),
      ("\t\"\\", "\"\\x09\\\"\\\\\""),
      ("é", "'é'"), ("*** ok ***", "'*** ok ***'"), ("0x10", "0x10"), ("~", "'~'"),
    ])
  func scalars(text: String, yaml: String) throws {
    #expect(YAMLFlow.scalar(text) == yaml)
    let instance = try FaultCatalogueTests.instance(
      ["drop: {link: l0, msix: 0, nth: 1}"], steps: ["note: {text: \(yaml)}"])
    guard case .note(let read) = instance.steps[0].action else { return #expect(Bool(false)) }
    #expect(read == text)
  }

  @Test(arguments: [(1, "0.0001%"), (5000, "0.5%"), (50_000, "5%"), (1_000_000, "100%"), (123_400, "12.34%")])
  func shares(millionths: UInt32, text: String) throws {
    #expect(FaultWriter.share(millionths) == text)
    #expect(try Scalar.share(text) == millionths)
  }

  @Test("a time below the least unit is rounded up, never to nothing")
  func times() {
    #expect(TimeSpan(picoseconds: 1).suiteText == "1ns")
    #expect(TimeSpan(picoseconds: 1500).suiteText == "2ns")
    #expect(TimeSpan(picoseconds: 0).suiteText == "0ns")
    #expect(TimeSpan.milliseconds(90).suiteText == "90ms")
  }
}
