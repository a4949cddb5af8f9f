import Nodes
import SuiteLanguage
import Transports

/// Turns what a board says of starting a program into the program with its arguments.
struct BoardStart {
  let board: Board
  /// The name of the node.
  let node: String
  /// The file of the node's image; nil where it names none.
  var image: String?
  /// The path of the console's terminal; nil where the console is the program's own.
  var console: String?
  /// The node's links with the paths of their sockets, in the order of the links.
  var sockets: [(link: String, path: String, isLibrary: Bool)] = []
  /// Links of it at which nothing is yet.
  var unplugged: Set<String> = []
  /// What plays the program's processor, where QEMU calls with its test interface; nil elsewhere.
  var processor: QTestProcessor?
  /// What adds devices to it while it runs, where its board can.
  var monitor: QEMUMonitor?
  /// Where the program calls or listens on a Warp Pipe wire; nil on another.
  var calling: (host: String, port: UInt16)?
  /// How QEMU runs the machine's code.
  var accelerator = Accelerator.tcg
  /// The paths of tools by name.
  var tools: [String: String] = [:]

  /// The program with its arguments and variables.
  ///
  /// A program that joins its links through the link library finds the first of them in `PCIE_LINK`, and each
  /// in `PCIE_LINK_` with the link's name in capitals, where a dash is an underscore.
  /// - Throws: what cannot be resolved, such as a program that is not on PATH.
  func launch() throws(NodeProblem) -> NodeLaunch {
    let program = try text(board.launch.program)
    var arguments: [String] = []
    for argument in board.launch.arguments { arguments.append(try text(argument)) }
    for (index, socket) in sockets.enumerated() {
      let devices = unplugged.contains(socket.link) ? [] : board.launch.argumentsPerDevice
      for argument in board.launch.argumentsPerLink + devices {
        arguments.append(try text(argument, socket: socket.path, index: index + 1))
      }
    }
    var environment: [(name: String, value: String)] = []
    let library = sockets.filter(\.isLibrary)
    if let first = library.first { environment.append(("PCIE_LINK", "unix:\(first.path)#\(node)")) }
    for socket in library {
      environment.append((LinkDescription.variable(of: socket.link), "unix:\(socket.path)#\(node)"))
    }
    for variable in board.launch.environment {
      environment.append((variable.name, try text(variable.value)))
    }
    return NodeLaunch(try locate(program), arguments: arguments, environment: environment)
  }

  /// The command that adds the device of a link, or removes it; nil where the board has none.
  func command(
    _ which: KeyPath<BoardMonitor, BoardArgument>, link: String
  ) throws(NodeProblem) -> String? {
    guard let monitor = board.reach.monitor, let index = sockets.firstIndex(where: { $0.link == link }) else {
      return nil
    }
    return try text(monitor[keyPath: which], socket: sockets[index].path, index: index + 1)
  }

  /// How the console is connected: a board that names its path gets a terminal beside the program.
  static func consoleKind(_ board: Board) -> ConsoleKind {
    if board.console == .pipe { return .pipe }
    return board.uses(.console) ? .device : .terminal
  }

  private func text(
    _ argument: BoardArgument, socket: String? = nil, index: Int? = nil
  ) throws(NodeProblem) -> String {
    var text = ""
    for piece in argument.pieces {
      switch piece {
      case .text(let own): text += own
      case .reference(.image):
        guard let image else { throw .noImage(node: node, board: board.name) }
        text += image
      case .reference(.console): text += console ?? ""
      case .reference(.socket): text += socket ?? ""
      case .reference(.index): text += index.map { "\($0)" } ?? ""
      case .reference(.qtest): text += processor?.path ?? ""
      case .reference(.monitor): text += monitor?.path ?? ""
      case .reference(.accelerator): text += accelerator.rawValue
      case .reference(.host): text += calling?.host ?? ""
      case .reference(.port): text += calling.map { "\($0.port)" } ?? ""
      }
    }
    return text
  }

  private func locate(_ program: String) throws(NodeProblem) -> String {
    if program.contains("/") { return program }
    guard let path = ToolCheck(given: tools).locate(program) else {
      // An image in the current folder has no slash either.
      if program == image { return "./" + program }
      throw .noProgram(node: node, program: program)
    }
    return path
  }
}

/// Why an outside node cannot be started.
enum NodeProblem: Error, Hashable {
  case noBoard(node: String, board: String)
  case noImage(node: String, board: String)
  case noProgram(node: String, program: String)
  case noMonitor(node: String, board: String)
  case system(node: String, SystemError)
  case link(node: String, LinkError)
  case socket(node: String, SocketError)
}

extension NodeProblem {
  var node: String {
    switch self {
    case .noBoard(let node, _), .noImage(let node, _), .noProgram(let node, _), .noMonitor(let node, _): node
    case .system(let node, _), .link(let node, _), .socket(let node, _): node
    }
  }
}

extension NodeProblem: CustomStringConvertible {
  var description: String {
    switch self {
    case .noBoard(let node, let board): "node '\(node)' needs board '\(board)', which was not given"
    case .noImage(let node, let board):
      "node '\(node)' names no image, and board '\(board)' runs $image"
    case .noMonitor(let node, let board):
      "nothing adds a device to node '\(node)': board '\(board)' has no monitor: key"
    case .noProgram(let node, let program):
      "node '\(node)' did not start: \(program) is not on PATH; --tool \(program)=PATH names another place"
    case .system(let node, let error): "node '\(node)' did not start: \(error)"
    case .socket(let node, let error): "node '\(node)' has no end of its link: \(error)"
    case .link(let node, let error): "node '\(node)' got no end of its link: \(error)"
    }
  }
}
