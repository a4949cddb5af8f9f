import SuiteLanguage

/// Why a board cannot play a node.
enum BoardMismatch: Hashable {
  case noImage(board: String, node: String)
  /// The board names host or port, of which only one kind of wire has any.
  case noWire(BoardReference, board: String, node: String)
  /// The board says who calls, which nobody does on its wire.
  case noCall(BoardCall, board: String, node: String)
  /// The board runs a guest, which finds no variable and so needs a socket that its simulator serves.
  case noWay(simulator: String, board: String, node: String)
  case noPort(board: String, node: String)
  case noSocket(board: String, node: String)
  /// A wire on which the program learns nothing of its end but a path, which the board does not name.
  case socketNeeded(board: String, node: String)
  /// The suite describes the function of a program that is asked itself what it is.
  case describesItself(LinkWire, node: String)
  /// Steps read or write by the node, and nobody in its guest does that.
  case noAgent(board: String, node: String)
  /// The node is to stay from case to case, and nobody in its guest brings it back to what it was.
  case noRenewal(board: String, node: String)
  /// A model below the node comes and goes, and nothing adds a device to its machine.
  case noMonitor(board: String, node: String, device: String)

  /// The first thing that does not fit, if there is any.
  static func find(
    _ board: Board, for node: BoardNode, named name: String, on wire: LinkWire?, isRequester: Bool = false,
    plugging device: String? = nil
  ) -> Self? {
    if let device, board.reach.monitor == nil {
      return .noMonitor(board: board.name, node: name, device: device)
    }
    if node.scope == .suite, board.reach.agent != .console {
      return .noRenewal(board: board.name, node: name)
    }
    if isRequester, board.reach.agent == nil { return .noAgent(board: board.name, node: name) }
    if node.image == nil, board.uses(.image) { return .noImage(board: board.name, node: name) }
    if wire.map(board.wire(on:)) == .vfioUser, !board.uses(.socket) {
      return .socketNeeded(board: board.name, node: name)
    }
    if node.function != nil, let wire = wire.map(board.wire(on:)), wire != .pcieLink {
      return .describesItself(wire, node: name)
    }
    guard wire == .warpPipe else {
      if let stray = [BoardReference.port, .host].first(where: board.uses) {
        return .noWire(stray, board: board.name, node: name)
      }
      if let call = board.reach.call { return .noCall(call, board: board.name, node: name) }
      if wire == nil || !guestSimulators.contains(board.simulator) || board.uses(.socket) { return nil }
      return .noWay(simulator: board.simulator, board: board.name, node: name)
    }
    if node.port == nil, !board.uses(.port) { return .noPort(board: board.name, node: name) }
    return board.uses(.socket) ? .noSocket(board: board.name, node: name) : nil
  }

  /// The simulators whose guests see nothing of the process around them, by the names that Zephyr gives them.
  private static let guestSimulators = ["qemu", "renode"]

  var code: String {
    switch self {
    case .noImage: "suite.no-image"
    case .noAgent: "suite.requester"
    case .noMonitor: "suite.hot-plug"
    case .noRenewal: "suite.scope"
    case .describesItself, .noWire, .noCall, .noWay, .noPort, .noSocket, .socketNeeded: "suite.wire"
    }
  }
}

extension BoardMismatch: CustomStringConvertible {
  var description: String {
    switch self {
    case .noImage(let board, let node):
      "board '\(board)' runs $image, and '\(node)' names none; add image: NAME"
    case .noAgent(let board, let node):
      "steps read or write by '\(node)', and board '\(board)' has no agent: key that takes them; its own "
        + "software sends its requests"
    case .noRenewal(let board, let node):
      "'\(node)' has scope: suite, and board '\(board)' has no agent: console, which brings a guest back to "
        + "what it was"
    case .noMonitor(let board, let node, let device):
      "'\(device)' comes or goes while '\(node)' runs, and board '\(board)' has no monitor: key that adds "
        + "a device"
    case .describesItself(let wire, let node):
      "the suite describes the function of '\(node)', and on wire: \(wire.rawValue) its program tells that "
        + "itself; leave out id, bars, msix and msi"
    case .noWire(let reference, let board, let node):
      "board '\(board)' runs $\(reference.rawValue), and '\(node)' has no link of wire: warp-pipe"
    case .noCall(let call, let board, let node):
      "board '\(board)' has call: \(call.rawValue), and '\(node)' has no link of wire: warp-pipe, "
        + "the only wire on which somebody calls"
    case .noWay(let simulator, let board, let node):
      "board '\(board)' runs a guest of \(simulator), which has no way to the link of '\(node)'; "
        + "give \(simulator) $socket in per_link"
    case .noPort(let board, let node):
      "the program of '\(node)' learns no port: give it $port in board '\(board)', or the node a port: NUMBER"
    case .socketNeeded(let board, let node):
      "the program of '\(node)' learns of no wire: vfio-user: give it $socket in board '\(board)'"
    case .noSocket(let board, let node):
      "board '\(board)' runs $socket; the link of '\(node)' has wire: warp-pipe, and so $host and $port"
    }
  }
}

extension Board {
  /// How its program joins a link.
  func wire(on wire: LinkWire) -> LinkWire { wire == .pcieLink ? reach.wire : wire }

  /// Whether its program, an argument or a variable names something.
  func uses(_ reference: BoardReference) -> Bool {
    let texts =
      [launch.program] + launch.arguments + launch.argumentsPerLink + launch.argumentsPerDevice
      + launch.environment.map(\.value)
    return texts.contains { $0.pieces.contains(.reference(reference)) }
  }
}
