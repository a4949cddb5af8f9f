public import SuiteLanguage

/// Finds out whether this machine has what cases require; each tool is asked once.
public struct ToolCheck: Sendable {
  /// What a check gave.
  public enum Answer: Hashable, Sendable {
    /// The tool is there, with the version it tells when one was asked for.
    case present(path: String, version: String?)
    /// It is absent or does not do: why, in the words of a skip reason.
    case absent(String)
  }

  /// Paths of tools that the command line gives, by name.
  private let given: [String: String]
  private let searchPath: [String]
  private var answers: [Requirement: Answer] = [:]

  /// Makes a check that looks along PATH, after the tools that were given by path.
  public init(given: [String: String] = [:], searchPath: String? = Machine.environment("PATH")) {
    self.given = given
    self.searchPath = (searchPath ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
  }

  /// Whether a requirement is met.
  public mutating func check(_ requirement: Requirement) -> Answer {
    if let known = answers[requirement] { return known }
    let answer = Self.answer(requirement, path: locate(requirement.tool))
    answers[requirement] = answer
    return answer
  }

  /// Why a case must be skipped here: the first requirement that is not met, with its hint; nil when all
  /// are.
  public mutating func skipReason(_ instance: CaseInstance) -> String? {
    for requirement in instance.settings.requirements {
      if case .absent(let reason) = check(requirement) { return "\(reason); \(requirement.hint)" }
    }
    return nil
  }

  private func locate(_ tool: String) -> String? {
    if let path = given[tool] { return path }
    if tool.contains("/") { return tool }
    return searchPath.map { "\($0)/\(tool)" }.first(where: FileStore.isExecutable)
  }

  private static func answer(_ requirement: Requirement, path: String?) -> Answer {
    let wanted = requirement.version.map { "\(requirement.tool) \($0)" } ?? requirement.tool
    guard let path else { return .absent("needs \(wanted); \(requirement.tool) is not on PATH") }
    guard FileStore.isExecutable(path) else { return .absent("needs \(wanted); \(path) is no program") }
    guard requirement.version != nil || requirement.matches != nil || !requirement.probe.isEmpty else {
      return .present(path: path, version: nil)
    }
    let output: String
    do throws(ToolProbe.Failure) {
      output = try ToolProbe.output(of: path, arguments: requirement.probe)
    } catch { return .absent("needs \(wanted); \(error)") }
    if let pattern = requirement.matches, !ToolProbe.holds(output, pattern) {
      return .absent("needs \(wanted); its answer does not hold '\(pattern)'")
    }
    guard let least = requirement.version else { return .present(path: path, version: nil) }
    guard let found = ToolProbe.version(in: output) else {
      return .absent("needs \(wanted); its answer names no version")
    }
    if found < least { return .absent("needs \(wanted), found \(found)") }
    return .present(path: path, version: found.description)
  }
}
