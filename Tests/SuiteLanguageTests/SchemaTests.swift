import Foundation
import Testing

@testable import SuiteLanguage

struct SchemaTests {
  static let files = [
    "Suites/suite.schema.json": JSONSchema.suite, "Boards/board.schema.json": JSONSchema.board,
  ]

  @Test(arguments: ["Suites/suite.schema.json", "Boards/board.schema.json"])
  func committedSchemaIsTheWrittenOne(path: String) throws {
    let text = try #require(Self.files[path])
    let file = Example.root.appending(path: path)
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == text, "write it with UPDATE_SNAPSHOTS=1")
  }
}
