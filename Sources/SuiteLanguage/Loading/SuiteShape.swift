/// Checks the shape of a whole suite, giving each part the references it may use.
struct SuiteShape {
  let root: Node
  let entries: [Entry]
  let sink: DiagnosticSink

  /// What can be built although something else is wrong.
  struct Checked {
    /// True when everything outside the cases is in order.
    var isUsable: Bool
    /// The cases that are in order.
    var cases: Set<String>
  }

  func check() -> Checked {
    let suite = Catalogue.object(.suite)
    let before = sink.errorCount
    let suiteValues = Self.matrixValues(root)
    for entry in entries {
      guard let field = suite.field(entry.key) else {
        sink.report(.unknownKey(entry.key, in: suite), at: entry.keySpan)
        continue
      }
      switch entry.key {
      case "cases": continue
      case "topology", "setup":
        ShapeChecker(sink: sink, scope: ReferenceScope(values: suiteValues)).check(
          entry.value, field.shape, key: entry)
      default: ShapeChecker(sink: sink, scope: nil).check(entry.value, field.shape, key: entry)
      }
    }
    let hasUnknown = sink.errorCount > before
    let keys = Set(entries.map(\.key))
    for field in suite.fields where field.isRequired && !keys.contains(field.name) && !hasUnknown {
      sink.report(
        .missingKey(field.name, in: suite), at: SourceSpan(start: root.span.start, end: root.span.start))
    }
    let isUsable = sink.errorCount == before
    return Checked(isUsable: isUsable, cases: checkCases(suiteValues))
  }

  private func checkCases(_ suiteValues: [String: [Node]]) -> Set<String> {
    guard let cases = entries.first(where: { $0.key == "cases" }) else { return [] }
    if case .refused = cases.value.content { return [] }
    guard let entries = cases.value.entries else {
      sink.report(.kind("cases", "a map", cases.value), at: cases.value.span)
      return []
    }
    if entries.isEmpty { sink.report(.noCases, at: cases.keySpan) }
    var legal: Set<String> = []
    for entry in entries {
      let before = sink.errorCount
      if !Scalar.isName(entry.key) { sink.report(.freeKey("case", entry.key, .name), at: entry.keySpan) }
      let scope = ReferenceScope(values: suiteValues.merging(Self.matrixValues(entry.value)) { $1 })
      // A matrix lists values, and a reference among them would name itself.
      ShapeChecker(sink: sink, scope: scope).check(entry.value, .object(.caseDescription), key: entry)
      if sink.errorCount == before { legal.insert(entry.key) }
    }
    return legal
  }

  private static func matrixValues(_ node: Node) -> [String: [Node]] {
    var values: [String: [Node]] = [:]
    for entry in node.value("matrix")?.entries ?? [] { values[entry.key] = entry.value.items ?? [] }
    return values
  }
}
