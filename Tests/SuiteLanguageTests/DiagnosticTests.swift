import Testing

@testable import SuiteLanguage

struct DiagnosticTests {
  let source = SourceText(path: "a.yaml", bytes: Array("one\ntwo: {thrée: 4}\n".utf8))
  let span = SourceSpan(start: SourcePosition(line: 2, column: 7), end: SourcePosition(line: 2, column: 12))

  @Test func textShowsTheLineAndCarets() {
    let diagnostic = Diagnostic(
      code: "suite.unknown-key", message: "unknown key 'thrée' in two", path: "a.yaml", span: span,
      notes: [.init("two takes three")])
    #expect(
      diagnostic.text(in: source) == """
        a.yaml:2:7: error: unknown key 'thrée' in two   [suite.unknown-key]
         2 | two: {thrée: 4}
           |       ^^^^^
            note: two takes three

        """)
  }

  @Test func jsonKeepsPlacesNotesAndFix() {
    let diagnostic = Diagnostic(
      code: "x.y", message: "say \"no\"\u{1}", path: "a.yaml", span: span, notes: [.init("n", at: span)],
      fix: .init(span: span, replacement: "three"))
    let place = #""line": 2, "column": 7, "end_line": 2, "end_column": 12"#
    #expect(
      diagnostic.json
        == #"{"severity": "error", "code": "x.y", "message": "say \"no\"\u0001", "path": "a.yaml", "#
        + place + #", "notes": [{"message": "n", "# + place + #"}], "fix": {"# + place
        + #", "replacement": "three"}}"#)
  }

  @Test func placesPastTheTextAreHarmless() {
    let far = SourcePosition(line: 2, column: 400)
    let text = Diagnostic(
      code: "x.y", message: "m", path: "a.yaml", span: SourceSpan(start: far, end: far)
    ).text(in: source)
    #expect(text.hasSuffix("   |                ^\n"))
    #expect(source.line(0) == nil)
    #expect(source.line(9) == nil)
    #expect(source.position(ofByte: 12) == SourcePosition(line: 2, column: 9))
    #expect(source.position(ofByte: 4000).line == 3)
  }

  @Test func timesPrintInTheirLargestUnit() {
    #expect(TimeSpan.milliseconds(50).description == "50ms")
    #expect(TimeSpan.seconds(120).description == "2min")
    #expect(TimeSpan(picoseconds: 1500).description == "1500ps")
  }
}
