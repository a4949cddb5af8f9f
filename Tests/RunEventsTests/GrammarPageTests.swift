import Foundation
import RunEvents
import Testing

@Suite("The page of the events grammar")
struct GrammarPageTests {
  static let page: String = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let url = root.appending(path: "Sources/PCIeHarness/Documentation.docc/EventsGrammar.md")
    return (try? String(contentsOf: url, encoding: .utf8)) ?? ""
  }()

  /// The text of the page below a heading, up to the next one.
  static func section(_ name: String) -> Substring? {
    guard let start = page.firstRange(of: "\n### \(name)\n") else { return nil }
    let rest = page[start.upperBound...]
    return rest[..<(rest.firstRange(of: "\n##")?.lowerBound ?? rest.endIndex)]
  }

  @Test("names every kind and every field that is written")
  func complete() throws {
    let common: Set = ["version", "kind", "case", "try", "time", "line", "column", "length", "file"]
    for event in Samples.all {
      let name = event.kind.name == "try-ended" ? "case-ended" : event.kind.name
      let section = try #require(Self.section(name), "no section for \(name)")
      for key in keys(of: try JSONParser.parse(event.line)) {
        let place = common.contains(key) ? Self.page[...] : section
        #expect(place.contains("`\(key)`") || place.contains("| `\(key)` |"), "\(key) of \(name)")
      }
    }
    #expect(Self.section("try-ended") != nil)
  }

  @Test("names no kind that is not there")
  func noOther() {
    let names = Set(Samples.all.map(\.kind.name))
    let headings = Self.page.matches(of: /\n### ([a-z-]+)\n/).map { String($0.1) }
    #expect(Set(headings) == names)
    #expect(headings.count == names.count)
  }

  @Test("names every word of the closed lists")
  func words() {
    let words =
      FailureType.allCases.map(\.rawValue) + ErrorType.allCases.map(\.rawValue)
      + SkipType.allCases.map(\.rawValue)
      + StepStatus.allCases.map(\.rawValue) + Clock.allCases.map(\.rawValue)
      + Samples.verdicts.map(\.word) + FaultOutcome.allCases.map(\.rawValue)
    for word in words { #expect(Self.page.contains("`\(word)`"), "\(word)") }
  }

  @Test("shows lines that are read, and written the same")
  func example() throws {
    let lines = Self.page.split(separator: "\n").filter { $0.hasPrefix("{") }
    #expect(lines.count == 7)
    for line in lines {
      let event = try #require(try Event(line: Array(line.utf8)[...]))
      #expect(String(decoding: event.line, as: UTF8.self) == line + "\n")
    }
  }

  private func keys(of value: JSONValue) -> [String] {
    switch value {
    case .object(let members): members.flatMap { [$0.key] + keys(of: $0.value) }
    case .array(let elements): elements.flatMap { keys(of: $0) }
    default: []
    }
  }
}
