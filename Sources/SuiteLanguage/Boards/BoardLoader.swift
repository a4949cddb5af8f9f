/// Turns the bytes of a board file into a typed board; reads no file and starts nothing.
public enum BoardLoader {
  /// What loading gives.
  public struct Result: Sendable {
    /// Nil when any diagnostic is an error.
    public var board: Board?
    public var diagnostics: [Diagnostic]
    /// The text, for rendering the diagnostics.
    public var source: SourceText
  }

  /// Reads, types and checks a board.
  ///
  /// Total: any bytes give a board or at least one error, never a trap.
  /// - Complexity: O(bytes).
  public static func load(path: String, bytes: [UInt8]) -> Result {
    let source = SourceText(path: path, bytes: bytes)
    let sink = DiagnosticSink(path: path)
    let root = TreeReader.read(source, bytes: bytes, opening: "board", sink: sink)
    let board = root.flatMap { makeBoard(of: $0, sink) }
    return Result(board: sink.errorCount == 0 ? board : nil, diagnostics: sink.sorted, source: source)
  }

  /// The keys inside which references may stand.
  private static let referring = ["launch", "monitor"]

  private static func makeBoard(of root: Node, _ sink: DiagnosticSink) -> Board? {
    guard FileOpening.check(root, opening: "board", sink: sink) != nil else { return nil }
    // Which reference may stand where depends on the place and is checked while building.
    let scope = ReferenceScope(
      values: Dictionary(uniqueKeysWithValues: BoardReference.allCases.map { ($0.rawValue, [Node]()) }),
      kind: "reference of boards")
    let opening = SourceSpan(start: root.span.start, end: root.span.start)
    for entry in root.entries ?? [] where !referring.contains(entry.key) {
      guard let field = Catalogue.object(.board).field(entry.key) else { continue }
      ShapeChecker(sink: sink, scope: nil).check(entry.value, field.shape, key: entry)
    }
    let rest = (root.entries ?? []).map { entry in
      referring.contains(entry.key)
        ? entry : Entry(key: entry.key, keySpan: entry.keySpan, value: .checked(entry.value))
    }
    let remainder = Entry(
      key: "board", keySpan: opening, value: Node(content: .map(rest), span: root.span))
    ShapeChecker(sink: sink, scope: scope).check(remainder.value, .object(.board), key: remainder)
    guard sink.errorCount == 0 else { return nil }
    do throws(AlreadyReported) {
      return try BoardBuilder(sink: sink).build(Fields(root, values: [:]))
    } catch { return nil }
  }
}

extension Node {
  /// The place of a value whose inside has been checked.
  fileprivate static func checked(_ node: Node) -> Node { Node(content: .refused, span: node.span) }
}
