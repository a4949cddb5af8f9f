/// Turns the bytes of a suite file into a plan; reads no file and starts nothing.
public enum SuiteLoader {
  /// What loading gives.
  public struct Result: Sendable {
    /// Nil when any diagnostic is an error.
    public var plan: Plan?
    /// In the order of the file, at most 20 and one that counts the rest.
    public var diagnostics: [Diagnostic]
    /// The text, for rendering the diagnostics.
    public var source: SourceText
  }

  /// Reads, types, checks and expands a suite.
  ///
  /// Total: any bytes give a plan or at least one error, never a trap.
  /// - Complexity: O(bytes + instances · steps).
  public static func load(path: String, bytes: [UInt8]) -> Result {
    let source = SourceText(path: path, bytes: bytes)
    let sink = DiagnosticSink(path: path)
    let root = TreeReader.read(source, bytes: bytes, opening: "suite", sink: sink)
    let plan = root.flatMap { makePlan(of: $0, source, sink) }
    return Result(plan: sink.errorCount == 0 ? plan : nil, diagnostics: sink.sorted, source: source)
  }

  private static func makePlan(of root: Node, _ source: SourceText, _ sink: DiagnosticSink) -> Plan? {
    guard let entries = FileOpening.check(root, opening: "suite", sink: sink) else { return nil }
    let checked = SuiteShape(root: root, entries: entries, sink: sink).check()
    guard checked.isUsable else { return nil }
    do throws(AlreadyReported) {
      var builder = PlanBuilder(root: root, source: source, sink: sink, suite: try suite(root))
      return builder.build(checkedCases: checked.cases)
    } catch { return nil }
  }

  private static func suite(_ root: Node) throws(AlreadyReported) -> Suite {
    let fields = Fields(root, values: [:])
    var suite = Suite(name: try fields.required("suite", Scalar.name))
    suite.about = try fields.text("about")
    suite.tags = try fields.texts("tags")
    suite.seed = try fields.value("seed", Scalar.hex)
    for entry in fields.entry("images")?.value.entries ?? [] {
      let own = Fields(entry.value, values: [:])
      suite.images.append(
        Image(
          name: entry.key, file: try own.required("file"), hint: try own.required("hint"), span: entry.keySpan
        ))
    }
    return suite
  }
}

/// The first keys of a file, which say what it is.
enum FileOpening {
  /// The entries of a file that this version can read; nil when it cannot.
  static func check(_ root: Node, opening: String, sink: DiagnosticSink) -> [Entry]? {
    guard let entries = root.entries else {
      if case .refused = root.content { return nil }
      sink.report(.notAMap(opening), at: root.span)
      return nil
    }
    if let format = entries.first(where: { $0.key == "format" }) {
      if let text = format.value.text, text != "1" {
        // Another version may mean anything else, so nothing more can be said.
        sink.report(.format(text), at: format.value.span)
        return nil
      }
      if entries[0].key != "format" { sink.report(.formatFirst, at: format.keySpan) }
    }
    return entries
  }
}
