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

  @Test(arguments: ["Suites/suite.schema.json", "Boards/board.schema.json"])
  func usesOnlyKeywordsThatTheTestUnderstands(path: String) throws {
    let text = try #require(Self.files[path])
    var unknown: Set<String> = []
    func walk(_ value: Any, isSchema: Bool) {
      for item in value as? [Any] ?? [] { walk(item, isSchema: isSchema) }
      guard let map = value as? [String: Any] else { return }
      for (key, value) in map {
        if isSchema, !SchemaValidator.keywords.contains(key) { unknown.insert(key) }
        let holdsNames = isSchema && (key == "properties" || key == "$defs")
        if key != "enum" { walk(value, isSchema: !holdsNames) }
      }
    }
    walk(try SchemaValidator(text).document, isSchema: true)
    #expect(unknown == [])
  }

  /// Each fixed key of each example, misspelt in turn: loader and schema must both refuse the file.
  @Test(arguments: Example.suites)
  func everyMisspeltKeyIsRefusedTwice(name: String) throws {
    let text = try Example.text(name)
    try misspellEachKey(of: text, .suite, JSONSchema.suite, least: 30) { text in
      Example.load(text).plan != nil
    }
  }

  @Test func everyMisspeltKeyOfABoardIsRefusedTwice() throws {
    let file = Example.root.appending(path: "Boards/qemu_x86_64.yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    try misspellEachKey(of: text, .board, JSONSchema.board, least: 25) { text in
      BoardLoader.load(path: "b.yaml", bytes: Array(text.utf8)).board != nil
    }
  }

  private func misspellEachKey(
    of text: String, _ object: ObjectID, _ schema: String, least: Int, loads: (String) -> Bool
  ) throws {
    let validator = try SchemaValidator(schema)
    let tree = try #require(Self.tree(text))
    #expect(loads(text))
    #expect(validator.accepts(Self.plain(tree)))
    var keys: [SourceSpan] = []
    Self.collectFixedKeys(tree, .object(object), &keys)
    #expect(keys.count >= least)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for span in keys {
      let kept = lines[span.start.line - 1]
      let place = kept.index(kept.startIndex, offsetBy: span.end.column - 1)
      lines[span.start.line - 1] = kept[..<place] + "qq" + kept[place...]
      let broken = lines.joined(separator: "\n")
      lines[span.start.line - 1] = kept
      let value = try #require(Self.tree(broken))
      let (isLoaded, isAccepted) = (loads(broken), validator.accepts(Self.plain(value)))
      #expect(!isLoaded, "loader took a misspelt key at \(span.start)")
      #expect(!isAccepted, "schema took a misspelt key at \(span.start)")
    }
  }

  private static func tree(_ text: String) -> Node? {
    let bytes = Array(text.utf8)
    return TreeReader.read(
      SourceText(path: "s.yaml", bytes: bytes), bytes: bytes, opening: "suite",
      sink: DiagnosticSink(path: "s.yaml"))
  }

  private static func plain(_ node: Node) -> PlainValue {
    switch node.content {
    case .text(let text): .text(text)
    case .list(let items): .list(items.map(plain))
    case .map(let entries): .map(Dictionary(uniqueKeysWithValues: entries.map { ($0.key, plain($0.value)) }))
    case .refused: .list([])
    }
  }

  /// The keys that the language fixes; ids, matrix names and AMU fields are the author's.
  private static func collectFixedKeys(_ node: Node, _ shape: Shape, _ keys: inout [SourceSpan]) {
    switch shape {
    case .scalar, .choice: break
    case .list(let item): for node in node.items ?? [] { collectFixedKeys(node, item, &keys) }
    case .map(_, _, let value):
      for entry in node.entries ?? [] { collectFixedKeys(entry.value, value, &keys) }
    case .object(let id), .scalarOrObject(_, let id):
      for entry in node.entries ?? [] {
        keys.append(entry.keySpan)
        if let field = Catalogue.object(id).field(entry.key) {
          collectFixedKeys(entry.value, field.shape, &keys)
        }
      }
    }
  }
}
