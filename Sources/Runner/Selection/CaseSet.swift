public import SuiteLanguage

/// A set of cases, as `-E`, `--case` and `--tag` describe it.
public indirect enum CaseSet: Hashable, Sendable {
  case suite(String)
  case named(String)
  case tag(String)
  case board(String)
  case model(String)
  case fault(String)
  case slow
  case both(CaseSet, CaseSet)
  case either(CaseSet, CaseSet)
  case not(CaseSet)

  /// The predicates of the language, in the order in which help names them.
  static let predicates = ["suite", "case", "tag", "board", "model", "fault", "slow"]

  /// Whether a case of a suite belongs to the set.
  public func contains(_ instance: CaseInstance, suite: String) -> Bool {
    switch self {
    case .suite(let pattern): return Glob(pattern).matches(suite)
    case .named(let pattern): return Self.isNamed(instance, suite: suite, by: Glob(pattern))
    case .tag(let pattern): return instance.settings.tags.contains(where: Glob(pattern).matches)
    case .board(let pattern): return Self.boards(of: instance).contains(where: Glob(pattern).matches)
    case .model(let pattern): return Self.models(of: instance).contains(where: Glob(pattern).matches)
    case .fault(let pattern):
      let glob = Glob(pattern)
      return instance.exercisedFaults.contains { glob.matches($0.rawValue) }
    case .slow: return instance.settings.isSlow
    case .both(let one, let other):
      return one.contains(instance, suite: suite) && other.contains(instance, suite: suite)
    case .either(let one, let other):
      return one.contains(instance, suite: suite) || other.contains(instance, suite: suite)
    case .not(let set): return !set.contains(instance, suite: suite)
    }
  }

  // Never inlined: within the loop over the nodes, Swift 6.3.1's optimiser breaks on the payload of a player.
  @inline(never)
  private static func isPlayed(_ node: NodeDescription, byBoard glob: Glob) -> Bool {
    if case .board(let board) = node.player { glob.matches(board.board) } else { false }
  }

  @inline(never)
  private static func isPlayed(_ node: NodeDescription, byModel glob: Glob) -> Bool {
    node.model.map { glob.matches($0.rawValue) } ?? false
  }

  private static func boards(of instance: CaseInstance) -> [String] {
    var names: [String] = []
    for node in instance.topology.nodes {
      switch node.player {
      case .board(let board): names.append(board.board)
      case .model: continue
      }
    }
    return names
  }

  private static func models(of instance: CaseInstance) -> [String] {
    instance.topology.nodes.compactMap { $0.model?.rawValue }
  }

  /// The id, the part behind the suite, or the name without the matrix, which stands for all its instances.
  private static func isNamed(_ instance: CaseInstance, suite: String, by glob: Glob) -> Bool {
    if glob.matches(instance.id) || glob.matches(instance.id.dropFirst(suite.utf8.count + 1)) { return true }
    return glob.isExact && (glob.matches(instance.caseName) || glob.matches("\(suite).\(instance.caseName)"))
  }

  /// The sets joined by `or`; nil without any.
  public static func any(of sets: [CaseSet]) -> CaseSet? {
    guard let first = sets.first else { return nil }
    return sets.dropFirst().reduce(first) { .either($0, $1) }
  }

  /// The sets joined by `and`; nil without any.
  public static func all(of sets: [CaseSet?]) -> CaseSet? {
    let given = sets.compactMap(\.self)
    guard let first = given.first else { return nil }
    return given.dropFirst().reduce(first) { .both($0, $1) }
  }
}
