/// The assignments that a matrix and its `exclude` leave.
struct Matrix {
  /// The most assignments one case may have.
  static let assignmentsMax = 10_000

  var keys: [String]
  /// One value for each key, in the order of the keys.
  var assignments: [[Node]]

  func values(of assignment: [Node]) -> [String: Node] {
    Dictionary(uniqueKeysWithValues: zip(keys, assignment))
  }

  /// Expands a matrix, the first key slowest; nil when anything was reported.
  ///
  /// - Complexity: O(assignments · excludes · keys).
  static func expand(
    _ matrix: Entry?, exclude: Entry?, taken: [String], owner: String, sink: DiagnosticSink
  ) -> Matrix? {
    let before = sink.errorCount
    let entries = matrix?.value.entries ?? []
    var product = 1
    for entry in entries {
      let values = entry.value.items ?? []
      if values.isEmpty { sink.report(.emptyMatrix(entry.key), at: entry.keySpan) }
      if taken.contains(entry.key) { sink.report(.shadowedMatrix(entry.key), at: entry.keySpan) }
      checkValues(values, entry.key, sink)
      product = product > assignmentsMax ? product : product * values.count
    }
    if product > assignmentsMax, let matrix {
      sink.report(.matrixSize(limit: assignmentsMax), at: matrix.keySpan)
    }
    let partials = (exclude?.value.items ?? []).map { $0.entries ?? [] }
    for partial in partials { checkPartial(partial, entries, sink) }
    guard sink.errorCount == before else { return nil }
    var assignments: [[Node]] = [[]]
    for entry in entries {
      let values = entry.value.items ?? []
      assignments = assignments.flatMap { head in values.map { head + [$0] } }
    }
    let keys = entries.map(\.key)
    assignments.removeAll { assignment in
      partials.contains { partial in
        partial.allSatisfy { wanted in
          guard let index = keys.firstIndex(of: wanted.key) else { return false }
          return assignment[index].text == wanted.value.text
        }
      }
    }
    if assignments.isEmpty, let exclude { sink.report(.nothingLeft(owner), at: exclude.keySpan) }
    return sink.errorCount == before ? Matrix(keys: keys, assignments: assignments) : nil
  }

  /// Values become part of case ids, so they must be one word apart from each other.
  private static func checkValues(_ values: [Node], _ key: String, _ sink: DiagnosticSink) {
    var places: [String: SourcePosition] = [:]
    for value in values {
      guard let text = value.text else { continue }
      if ReferenceScope.isReference(text) {
        sink.report(.referenceOutOfPlace(text), at: value.span)
      } else if text.isEmpty || !text.unicodeScalars.allSatisfy(isIDScalar) {
        sink.report(.matrixValue(text), at: value.span)
      } else if let first = places[text] {
        sink.report(.repeatedValue(text, key, first: first), at: value.span)
      }
      places[text] = places[text] ?? value.span.start
    }
  }

  private static func isIDScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "[", "]", ",", "=": false
    default: scalar.value > 0x20 && scalar.value != 0x7f
    }
  }

  private static func checkPartial(_ partial: [Entry], _ entries: [Entry], _ sink: DiagnosticSink) {
    for wanted in partial {
      guard let entry = entries.first(where: { $0.key == wanted.key }) else {
        sink.report(.excludeKey(wanted.key, entries.map(\.key)), at: wanted.keySpan)
        continue
      }
      let known = (entry.value.items ?? []).compactMap(\.text)
      if let text = wanted.value.text, !known.contains(text) {
        sink.report(.excludeValue(text, wanted.key, known), at: wanted.value.span)
      }
    }
  }
}
