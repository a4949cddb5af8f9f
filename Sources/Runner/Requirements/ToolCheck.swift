import Nodes
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

  /// The folder of tools that `make qemu` provides, in the current folder; a machine's own may be too old.
  static let ownFolder = ".tools/bin"

  /// Makes a check that looks among given tools, then in the folder of our own, then along PATH.
  public init(given: [String: String] = [:], searchPath: String? = nil) {
    self.given = given
    let path = Machine.environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
    self.searchPath = (searchPath ?? "\(Self.ownFolder):\(path)").split(separator: ":").map(String.init)
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
    unmet(instance.settings.requirements)
  }

  /// Why a case must be skipped here, what the boards and the images of its nodes need included.
  public mutating func skipReason(_ instance: CaseInstance, of plan: Plan, places: NodePlaces) -> String? {
    if let reason = unmet(instance.settings.requirements) { return reason }
    for node in instance.topology.outsideNodes {
      if let board = places.boards[node.board.board]?.board {
        if let reason = unmet(board.requirements) { return reason }
        if let reason = absentProgram(of: board) { return reason }
      }
      guard let image = plan.suite.images.first(where: { $0.name == node.board.image }) else { continue }
      let file = places.file(of: image, suitePath: plan.source.path)
      if FileStore.kind(file) == nil {
        return "needs image '\(image.name)', and nothing is at \(file); \(image.hint)"
      }
    }
    return nil
  }

  private mutating func unmet(_ requirements: [Requirement]) -> String? {
    for requirement in requirements {
      if case .absent(let reason) = check(requirement) { return "\(reason); \(requirement.hint)" }
    }
    return nil
  }

  /// A board that asks for no tool is still of no use without its program.
  private func absentProgram(of board: Board) -> String? {
    guard case .text(let program)? = board.launch.program.pieces.first,
      board.launch.program.pieces.count == 1, locate(program) == nil
    else { return nil }
    return "needs \(program); \(program) is not on PATH; pass --tool \(program)=PATH"
  }

  /// The program of that name: the one given, else the first on the search path.
  func locate(_ tool: String) -> String? {
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
