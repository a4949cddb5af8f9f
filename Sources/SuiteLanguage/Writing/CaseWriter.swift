import PCIe

/// Writes a case as YAML that the loader reads to the same case.
///
/// Matrix values are written in as a matrix of one value each, so that the case keeps its id, and with it the
/// seed of all that is drawn.
public struct CaseWriter: Sendable {
  private let instance: CaseInstance

  public init(_ instance: CaseInstance) { self.instance = instance }

  /// A whole suite with this one case: topology and setup are written as they are for it.
  public func suite(_ suite: Suite) -> String {
    var lines = ["format: 1", "suite: \(suite.name)"]
    if !suite.images.isEmpty { lines.append("images:") }
    for image in suite.images {
      var fields = YAMLFlow()
      fields.add("file", image.file)
      fields.add("hint", image.hint)
      lines.append("  \(image.name): \(fields.text)")
    }
    lines += TopologyWriter.lines(instance.topology)
    if !instance.setup.isEmpty { lines += ["setup:"] + StepWriter.lines(instance.setup, indent: 2) }
    return (lines + ["cases:"]).joined(separator: "\n") + "\n" + entry
  }

  /// The case alone, to stand under `cases` of a suite with the same topology and setup.
  public var entry: String {
    var lines = ["  \(instance.caseName):"]
    lines += settings.map { "    \($0)" }
    if !instance.assignment.isEmpty {
      var matrix = YAMLFlow()
      for value in instance.assignment { matrix.add(value.key, yaml: YAMLFlow.list([value.value])) }
      lines.append("    matrix: \(matrix.text)")
    }
    if !instance.faults.isEmpty { lines.append("    faults:") }
    for rule in instance.faults { lines.append("      - \(FaultWriter.text(rule))") }
    let allowed = Violation.allCases.filter(instance.allowed.contains).map(\.rawValue)
    if !allowed.isEmpty { lines.append("    allow: \(YAMLFlow.list(allowed))") }
    lines += instance.steps.isEmpty ? ["    steps: []"] : ["    steps:"]
    lines += StepWriter.lines(instance.steps, indent: 6)
    return lines.joined(separator: "\n") + "\n"
  }

  private var settings: [String] {
    let settings = instance.settings
    var lines: [String] = []
    if let about = settings.about { lines.append("about: \(YAMLFlow.scalar(about))") }
    if !settings.tags.isEmpty { lines.append("tags: \(YAMLFlow.list(settings.tags))") }
    if settings.isSlow { lines.append("slow: true") }
    if settings.isExclusive { lines.append("exclusive: true") }
    lines.append("timeout: \(settings.timeout.suiteText)")
    if let seed = settings.seed { lines.append("seed: \(YAMLFlow.hex(seed))") }
    if settings.seedCount > 1 { lines.append("seeds: \(settings.seedCount)") }
    if settings.retries > 0 { lines.append("retries: \(settings.retries)") }
    if !settings.requirements.isEmpty { lines.append("requires:") }
    for requirement in settings.requirements { lines.append("  - \(Self.text(requirement))") }
    if let failure = settings.knownFailure {
      var fields = YAMLFlow()
      fields.add("reason", failure.reason)
      fields.add("issue", failure.issue)
      lines.append("known_failure: \(fields.text)")
    }
    return lines
  }

  private static func text(_ requirement: Requirement) -> String {
    var fields = YAMLFlow()
    fields.add("tool", requirement.tool)
    fields.add("version", requirement.version?.description)
    fields.add("probe", yaml: YAMLFlow.list(requirement.probe))
    fields.add("matches", requirement.matches)
    fields.add("hint", requirement.hint)
    return fields.text
  }
}
