import Foundation
import Testing

@testable import SuiteLanguage

/// What the subset of YAML refuses, each with its message and place.
struct ReadingTests {
  static let refused: [(String, String)] = [
    (
      "format: &a 1\n",
      "1:9: anchors are not part of this format; write the value again where it is needed [yaml.anchor]"
    ),
    (
      "format: 1\nsuite: *a\n",
      "2:8: aliases are not part of this format; write the value again here [yaml.alias]"
    ),
    (
      "format: !!int 1\n",
      "1:9: tags are not part of this format; every value is text and its key gives the type [yaml.tag]"
    ),
    (
      "format: ! 1\n",
      "1:9: tags are not part of this format; every value is text and its key gives the type [yaml.tag]"
    ),
    (
      "format: 1\n<<: {a: 1}\n",
      "2:1: merge key '<<' is not part of this format; write the keys out [yaml.merge-key]"
    ),
    (
      "format: 1\nsuite:\tx\n",
      "2:7: tab in a line; this format allows spaces only, and \"\\t\" in quotes stands for one [yaml.tab]"
    ),
    ("format: 1\nformat: 1\n", "2:1: 'format' is defined twice; first at 1:1 [yaml.duplicate-key]"),
    ("format: 1\n---\nsuite: x\n", "2:1: a second document begins; a file holds one [yaml.documents]"),
    (
      "format: 1\nsuite:\n",
      "2:1: 'suite' has no value; write one, or '' for an empty text [yaml.empty-value]"
    ),
    (
      "format: 1\ntags: [a, , b]\n",
      "2:11: a value is missing here; take out a ',' or write the value [yaml.syntax]"
    ),
    (
      "%YAML 1.1\n---\nformat: 1\n",
      "1:1: directives are not part of this format; begin with 'format: 1' [yaml.directive]"
    ),
    ("format: 1\n? [a]\n: b\n", "2:3: a map or list cannot be a key; keys are plain words [yaml.key]"),
    ("format: 1\n? {a: 1}\n: b\n", "2:3: a map or list cannot be a key; keys are plain words [yaml.key]"),
    ("format: 1\nseed: {? : b}\n", "2:10: a key is missing before ':'; keys are plain words [yaml.key]"),
    (
      "format: 1\nabout: one\n  two\n",
      "2:8: plain text runs over several lines and reads as 'one two'; close a bracket, add a comma or quote it [yaml.multiline]"
    ),
    (
      "format: 1\nabout: >\n  one\n",
      "2:8: folded text '>' is not part of this format; use '|' or a quoted text [yaml.folded]"
    ),
    (
      "format: 1\nabout: @x\n",
      "2:8: no value can begin with this character; put a text with '@', '`' or '%' in front in quotes [yaml.syntax]"
    ),
    (
      "format: 1\nabout: a: b\n",
      "2:9: a ':' where none can stand; two on one line need quotes or {…}, else the indentation is wrong [yaml.syntax]"
    ),
    (
      "format: 1\ntags: [a, b\nsuite: x\n", "3:6: expected ',' or ']' in the list opened at 2:7 [yaml.syntax]"
    ),
    ("", "1:1: file is empty; it must begin with 'format: 1' and 'suite: NAME' [yaml.empty]"),
    (
      "# only a comment\n",
      "1:1: file is empty; it must begin with 'format: 1' and 'suite: NAME' [yaml.empty]"
    ),
    ("---\n", "1:1: file is empty; it must begin with 'format: 1' and 'suite: NAME' [yaml.empty]"),
    ("[]\n", "1:1: the file must be a map that begins with 'format: 1' and 'suite: NAME' [suite.kind]"),
    (
      "format: 1\nabout: \u{1}\n",
      "2:8: a control character; write it as an escape in double quotes [yaml.encoding]"
    ),
  ]

  @Test(arguments: refused)
  func refuses(text: String, head: String) {
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
