import Nodes
public import SuiteLanguage

/// Finds and reads the board files that suites name.
public struct BoardFinder {
  /// Something that is wrong with a board, or with a node that names one.
  public struct Problem: Sendable {
    /// What is wrong, and where.
    public var diagnostic: Diagnostic
    /// The text it is about.
    public var source: SourceText
  }

  /// The boards that were found and understood, by name.
  public private(set) var boards: [String: LoadedBoard] = [:]
  /// Everything that is wrong, in the order of the suites.
  public private(set) var problems: [Problem] = []
  private var failed: Set<String> = []
  private var toldNeeds: Set<String> = []

  /// Makes a finder that has found nothing.
  public init() {}

  /// Finds the boards of a plan: in the folder Boards beside the suite, beside the suite's folder, or here.
  public mutating func find(for plan: Plan) {
    var told: Set<BoardMismatch> = []
    let steps = plan.instances.flatMap { $0.setup + $0.steps }
    let requesters = Set(steps.flatMap(\.requesters))
    let plugged = Set(steps.flatMap(\.startedOrStopped))
    for topology in plan.topologies {
      for node in topology.nodes {
        guard case .board(let wanted) = node.player else { continue }
        if boards[wanted.board] == nil, failed.insert(wanted.board).inserted {
          read(wanted.board, node, plan)
        }
        guard let board = boards[wanted.board]?.board else { continue }
        if wanted.role == .rootComplex, !(board.reach.agent?.isSystem ?? false) {
          reportSystemNeeds(of: plan, board, node)
        }
        let wire = topology.wire(of: node.name)
        guard
          let mismatch = BoardMismatch.find(
            board, for: wanted, named: node.name, on: wire, isRequester: requesters.contains(node.name),
            plugging: Self.plugged(below: node.name, in: topology, plugged)),
          told.insert(mismatch).inserted
        else { continue }
        report(mismatch.code, "\(mismatch)", at: node.span, in: plan.source)
      }
    }
  }

  /// The first model below a node that comes or goes while it runs.
  private static func plugged(below node: String, in topology: Topology, _ names: Set<String>) -> String? {
    topology.linksBelow(node).lazy.compactMap { topology.node($0.downstream) }
      .first { $0.model != nil && (!$0.startsAutomatically || names.contains($0.name)) }?.name
  }

  /// What the cases with this topology ask of a host whose own software sets it up.
  private mutating func reportSystemNeeds(of plan: Plan, _ board: Board, _ node: NodeDescription) {
    for need in plan.instances.lazy.filter({ $0.topology.root == node }).flatMap(\.systemNeeds)
    where toldNeeds.insert("\(plan.source.path) \(need)").inserted {
      report(
        "suite.requester",
        "\(need.what) needs a host that the harness sets up: model: root-complex, or a board with "
          + "agent: qtest; '\(node.name)' is a program of board '\(board.name)', which sets up its functions "
          + "itself",
        at: need.span, in: plan.source)
    }
  }

  private mutating func read(_ name: String, _ node: NodeDescription, _ plan: Plan) {
    let folders = Self.folders(plan.source.path)
    guard let path = folders.map({ "\($0)/\(name).yaml" }).first(where: { FileStore.kind($0) == .file })
    else {
      return report(
        "suite.unknown-board", Self.absent(name, folders), at: node.span, in: plan.source)
    }
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try FileStore.read(path) } catch {
      return report("suite.unreadable-board", "\(error)", at: node.span, in: plan.source)
    }
    let result = BoardLoader.load(path: path, bytes: bytes)
    problems += result.diagnostics.map { Problem(diagnostic: $0, source: result.source) }
    guard let board = result.board else { return }
    guard board.name == name else {
      let start = SourcePosition(line: 1, column: 1)
      return report(
        "board.other-name", "the file describes board '\(board.name)'; rename it to \(board.name).yaml",
        at: SourceSpan(start: start, end: start), in: result.source)
    }
    boards[name] = LoadedBoard(path: path, text: bytes, board: board)
  }

  private static func folders(_ suite: String) -> [String] {
    guard let folder = parent(suite) else { return ["Boards"] }
    return ["\(folder)/Boards", parent(folder).map { "\($0)/Boards" } ?? "Boards", "Boards"]
  }

  /// The folder that holds what a path names; nil for the current one.
  private static func parent(_ path: String) -> String? {
    path.lastIndex(of: "/").map { String(path[..<$0]) }
  }

  private static func absent(_ name: String, _ folders: [String]) -> String {
    guard let folder = folders.first(where: { FileStore.kind($0) == .folder }) else {
      return "no board '\(name)': there is no folder \(folders.joined(separator: ", "))"
    }
    let names = ((try? FileStore.entries(folder)) ?? [])
      .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(".yaml".count)) }
    let near = NearName.find(name, among: names).map { "; did you mean '\($0)'?" } ?? ""
    return names.isEmpty
      ? "no board '\(name)': \(folder) has no board files"
      : "no board '\(name)' among those in \(folder): \(names.joined(separator: ", "))\(near)"
  }

  private mutating func report(_ code: String, _ message: String, at span: SourceSpan, in source: SourceText)
  {
    problems.append(
      Problem(
        diagnostic: Diagnostic(code: code, message: message, path: source.path, span: span), source: source))
  }
}

extension Step {
  /// The nodes that it reads or writes by, with those of the steps inside.
  fileprivate var requesters: [String] {
    switch action {
    case .configurationRead(let read): [read.requester]
    case .configurationWrite(let write): [write.requester]
    case .memoryRead(let read): [read.requester]
    case .memoryWrite(let write): [write.requester]
    case .repeat(_, let steps): steps.flatMap(\.requesters)
    case .parallel(let branches): branches.joined().flatMap(\.requesters)
    default: []
    }
  }
}

extension Step {
  /// The nodes that it starts or stops, with those of the steps inside.
  fileprivate var startedOrStopped: [String] {
    switch action {
    case .start(let node), .stop(let node): [node]
    case .repeat(_, let steps): steps.flatMap(\.startedOrStopped)
    case .parallel(let branches): branches.joined().flatMap(\.startedOrStopped)
    default: []
    }
  }
}
