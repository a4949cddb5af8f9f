import Runner
import SuiteLanguage

/// Everything that is wrong with the suite files of a command, in the order of the files.
struct Findings {
  /// A finding with the text it is about.
  struct Finding {
    var diagnostic: Diagnostic
    var source: SourceText
  }

  private(set) var all: [Finding] = []

  init(_ sources: [SuiteOptions.Source]) {
    var first: [String: String] = [:]
    for source in sources {
      all += source.result.diagnostics.map { Finding(diagnostic: $0, source: source.result.source) }
      guard let plan = source.result.plan else { continue }
      if let other = first[plan.suite.name] {
        let message = "suite '\(plan.suite.name)' is also the name of \(other); ids of cases must differ"
        let start = SourcePosition(line: 1, column: 1)
        all.append(
          Finding(
            diagnostic: Diagnostic(
              code: "suite.duplicate-name", message: message, path: source.path,
              span: SourceSpan(start: start, end: start)),
            source: source.result.source))
      }
      first[plan.suite.name] = source.path
    }
  }

  /// What is wrong with boards.
  init(_ problems: [BoardFinder.Problem]) {
    all = problems.map { Finding(diagnostic: $0.diagnostic, source: $0.source) }
  }

  /// What the cases need and this version does not have, once for each case as its author wrote it.
  init(unbuiltIn instances: [(instance: CaseInstance, plan: Plan)]) {
    var told: Set<String> = []
    for (instance, plan) in instances where !instance.requiresUnbuilt.isEmpty {
      guard told.insert("\(plan.suite.name).\(instance.caseName)").inserted else { continue }
      let parts = instance.requiresUnbuilt.joined(separator: " and ")
      let diagnostic = Diagnostic(
        code: "suite.unbuilt",
        message: "case '\(instance.caseName)' needs \(parts), which this version does not have",
        path: plan.source.path, span: instance.span)
      all.append(Finding(diagnostic: diagnostic, source: plan.source))
    }
  }

  mutating func add(_ other: Findings) { all += other.all }

  var hasErrors: Bool { all.contains { $0.diagnostic.severity == .error } }

  /// Tells all findings on the standard error, and to a workflow of GitHub as annotations too.
  func tell() {
    for finding in all {
      Speech.complain(finding.diagnostic.text(in: finding.source))
      if Machine.environment("GITHUB_ACTIONS") == "true" {
        Speech.complain(Self.annotation(finding.diagnostic))
      }
    }
  }

  /// - Source: GitHub Actions, workflow commands, "Setting an error message".
  static func annotation(_ finding: Diagnostic) -> String {
    let place =
      "file=\(escaped(finding.path)),line=\(finding.span.start.line),col=\(finding.span.start.column)"
    let message = finding.message.reduce(into: "") { $0 += $1 == "%" ? "%25" : String($1) }
    return "::\(finding.severity.rawValue) \(place),title=\(escaped(finding.code))::\(message)"
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "%": result += "%25"
      case ":": result += "%3A"
      case ",": result += "%2C"
      default: result.append(character)
      }
    }
  }
}
