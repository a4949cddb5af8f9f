import Foundation
import Testing

@testable import SuiteLanguage

/// What the subset of YAML refuses, each with its message and place.
struct ReadingTests {
  static let refused = Example.mistakes("refused", lines: 2)

  @Test(arguments: refused)
  func refuses(mistake: [String]) {
    let (text, head) = (mistake[0], mistake[1])
    #expect(Example.heads(text).contains(head), "\(Example.heads(text))")
  }

  @Test func refusesBytesThatAreNotUTF8() {
    let bytes = Array("format: 1\nabout: gr".utf8) + [0xfc, 0x6e, 0x0a]
    let result = SuiteLoader.load(path: "s.yaml", bytes: bytes)
    #expect(result.plan == nil)
    #expect(
      result.diagnostics.map { "\($0.span.start): \($0.message) [\($0.code)]" } == [
        "2:10: bytes that are not UTF-8; save the file as UTF-8 [yaml.encoding]"
      ])
  }

  @Test func refusesUTF16() {
    let bytes: [UInt8] = [0xff, 0xfe] + Array("format: 1\n".utf8).flatMap { [$0, 0] }
    #expect(SuiteLoader.load(path: "s.yaml", bytes: bytes).diagnostics.map(\.code) == ["yaml.encoding"])
  }

  @Test func refusesAnAliasBombWithoutExpandingIt() {
    var text = "format: 1\na0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<10 {
      let list = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(list)]\n"
    }
    let result = Example.load(text)
    #expect(result.plan == nil)
    #expect(Set(result.diagnostics.map(\.code)).isSuperset(of: ["yaml.anchor", "yaml.alias"]))
    #expect(result.diagnostics.count == 21)
  }

  @Test func refusesDeepNesting() {
    let deep = "format: 1\ncases: " + String(repeating: "[", count: 100_000)
    #expect(
      Example.heads(deep) == ["2:71: maps and lists are nested more than 64 deep [yaml.depth]"])
  }

  @Test func refusesHugeFiles() {
    let bytes = [UInt8](repeating: UInt8(ascii: "#"), count: TreeReader.bytesMax + 1)
    #expect(SuiteLoader.load(path: "s.yaml", bytes: bytes).diagnostics.map(\.code) == ["yaml.size"])
  }

  @Test func takesAByteOrderMarkAndCarriageReturns() throws {
    let plain = try Example.text("dma")
    let windows = "\u{feff}" + plain.replacingOccurrences(of: "\n", with: "\r\n")
    let result = Example.load(windows)
    #expect(result.diagnostics.isEmpty)
    #expect(result.plan?.instances.count == 21)
    let broken = "\u{feff}formatt: 1\n"
    #expect(Example.heads(broken).contains { $0.hasPrefix("1:1: unknown key 'formatt'") })
  }

  @Test func keepsPlacesOfEveryKindOfNode() {
    let text = """
      a: 'q'
      b: |
        one
        two

      c: [x, {y: z}]
      d:
        - e: f

      g: h
      """
    let sink = DiagnosticSink(path: "s.yaml")
    let source = SourceText(path: "s.yaml", bytes: Array(text.utf8))
    let root = TreeReader.read(source, bytes: Array(text.utf8), opening: "suite", sink: sink)
    func span(_ key: String) -> String {
      root?.value(key).map { "\($0.span.start)-\($0.span.end)" } ?? "absent"
    }
    #expect(sink.errorCount == 0)
    #expect(span("a") == "1:4-1:7")
    #expect(span("b") == "2:4-5:1")
    #expect(root?.value("b")?.text == "one\ntwo\n")
    #expect(span("c") == "6:4-6:15")
    #expect(span("d") == "8:3-8:9")
    #expect(span("g") == "10:4-10:5")
  }
}
