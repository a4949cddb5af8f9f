import Foundation
import Testing

@testable import SuiteLanguage

@Suite("Documentation of the suite format")
struct DocumentationTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources/PCIeHarness/Documentation.docc")
  static let page = folder.appending(path: "SuiteFormat.md")
  static let texts = ["SuiteFormat.md": VerbReference.markdown, "Faults.md": FaultReference.markdown]
  static let start =
    "<!-- generated: UPDATE_SNAPSHOTS=1 swift test --filter SuiteLanguageTests.DocumentationTests -->\n"
  static let end = "<!-- end of the generated part -->\n"

  @Test(
    "the generated part of a page is what the descriptions say", arguments: ["SuiteFormat.md", "Faults.md"])
  func generatedPart(name: String) throws {
    let page = Self.folder.appending(path: name)
    let text = try String(contentsOf: page, encoding: .utf8)
    let head = try #require(text.range(of: Self.start))
    let tail = try #require(text.range(of: Self.end))
    let generated = "\n" + (try #require(Self.texts[name])) + "\n"
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
      let new = text[..<head.upperBound] + generated + text[tail.lowerBound...]
      try String(new).write(to: page, atomically: true, encoding: .utf8)
    } else {
      #expect(String(text[head.upperBound..<tail.lowerBound]) == generated)
    }
  }

  @Test("the example on the page loads without a complaint")
  func example() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let head = try #require(text.range(of: "```yaml\n"))
    let tail = try #require(text.range(of: "\n```", range: head.upperBound..<text.endIndex))
    let yaml = String(text[head.upperBound..<tail.lowerBound]) + "\n"
    let result = SuiteLoader.load(path: "first.yaml", bytes: Array(yaml.utf8))
    #expect(result.diagnostics.isEmpty)
    #expect(result.plan?.instances.count == 2)
  }
}
