/// Collects the findings about one file, each message at a place once.
final class DiagnosticSink {
  private struct Place: Hashable {
    var code: String
    var start: SourcePosition
    /// Nil for what instances repeat in words of their own.
    var text: String?
  }

  private struct Finding {
    var diagnostic: Diagnostic
    var weight: UInt64
    /// Further instances of the same case with the same finding.
    var repeats = 0
  }

  let path: String
  private var findings: [Finding] = []
  private var known: [Place: Int] = [:]
  /// Errors reported so far, repeats included.
  private(set) var errorCount = 0

  /// More findings than this are counted, not kept: nobody reads them, and memory stays bounded.
  private static let keptMax = 1000
  /// The number of errors a report shows.
  static let shownMax = 20

  init(path: String) { self.path = path }

  /// Adds a finding; of what instances of a case repeat at a place the heaviest stays.
  func report(
    _ message: Message, at span: SourceSpan, notes: [Diagnostic.Note] = [],
    severity: Diagnostic.Severity = .error,
    weight: UInt64 = 0, isRepeatable: Bool = false
  ) {
    if severity == .error { errorCount += 1 }
    let place = Place(code: message.code, start: span.start, text: isRepeatable ? nil : message.text)
    let diagnostic = Diagnostic(
      severity: severity, code: message.code, message: message.text, path: path, span: span,
      notes: message.notes.map { Diagnostic.Note($0) } + notes,
      fix: message.replacement.map { Diagnostic.Fix(span: span, replacement: $0) })
    if let index = known[place] {
      if isRepeatable { findings[index].repeats += 1 }
      if weight > findings[index].weight {
        findings[index].diagnostic = diagnostic
        findings[index].weight = weight
      }
      return
    }
    guard findings.count < Self.keptMax else { return }
    known[place] = findings.count
    findings.append(Finding(diagnostic: diagnostic, weight: weight))
  }

  /// The findings by place: at most 20, then one that counts the rest.
  var sorted: [Diagnostic] {
    let all = findings.map { finding in
      var diagnostic = finding.diagnostic
      if finding.repeats > 0 { diagnostic.notes.append(.init(Message.sameElsewhere(finding.repeats))) }
      return diagnostic
    }
    let byPlace = all.enumerated().sorted { ($0.element.span, $0.offset) < ($1.element.span, $1.offset) }
    let ordered = byPlace.map(\.element)
    guard ordered.count > Self.shownMax else { return ordered }
    let rest = Message.moreErrors(ordered.count - Self.shownMax)
    let next = ordered[Self.shownMax]
    return ordered.prefix(Self.shownMax)
      + [Diagnostic(code: rest.code, message: rest.text, path: path, span: next.span)]
  }
}
