import RunEvents
public import SuiteLanguage

/// Where the programs of outside nodes come from: board files, and the places of tools and images.
public struct NodePlaces: Sendable {
  /// The boards by their names.
  public var boards: [String: LoadedBoard] = [:]
  /// The paths of tools that the command line gives, by name.
  public var tools: [String: String]
  /// The paths of images that the command line gives, by name.
  public var images: [String: String]
  /// The boards whose machines KVM runs, by name; it has booted each of them.
  public var accelerated: Set<String> = []

  /// Makes places without boards.
  public init(tools: [String: String] = [:], images: [String: String] = [:]) {
    self.tools = tools
    self.images = images
  }

  /// The boards of the outside nodes of a case, each once, in the order of the nodes.
  public func boards(of instance: CaseInstance) -> [Board] {
    var names: [String] = []
    for node in instance.topology.outsideNodes where !names.contains(node.board.board) {
      names.append(node.board.board)
    }
    return names.compactMap { boards[$0]?.board }
  }

  /// What a worker is told of them.
  var commands: [WorkerCommand] {
    let boards = boards.values.sorted { $0.path < $1.path }.map {
      WorkerCommand.board(path: $0.path, text: $0.text)
    }
    let tools = tools.sorted { $0.key < $1.key }.map {
      WorkerCommand.place(.tool, name: $0.key, path: $0.value)
    }
    let images = images.sorted { $0.key < $1.key }.map {
      WorkerCommand.place(.image, name: $0.key, path: $0.value)
    }
    let accelerated = accelerated.sorted().map {
      WorkerCommand.place(.accelerator, name: $0, path: Accelerator.kvm.rawValue)
    }
    return boards + tools + images + accelerated
  }

  /// The file of an image: what the command line gives, else the suite's own, which is relative to the suite.
  func file(of image: Image, suitePath: String) -> String {
    if let given = images[image.name] { return given }
    if image.file.hasPrefix("/") { return image.file }
    return (suitePath.lastIndex(of: "/").map { String(suitePath[...$0]) } ?? "") + image.file
  }
}

/// A board file that was read and understood.
public struct LoadedBoard: Sendable {
  /// The path of the file.
  public var path: String
  /// The bytes that the workers get, so that all see the same file.
  public var text: [UInt8]
  /// What it says.
  public var board: Board

  /// Makes a board.
  public init(path: String, text: [UInt8], board: Board) {
    self.path = path
    self.text = text
    self.board = board
  }
}

extension Topology {
  /// The nodes that simulators play.
  var outsideNodes: [(name: String, board: BoardNode)] {
    nodes.compactMap { node in
      if case .board(let board) = node.player { (node.name, board) } else { nil }
    }
  }
}

extension CaseInstance {
  /// Whether a node of the case is a process of its own, so that its clock is the real one.
  public var hasOutsideNodes: Bool { !topology.outsideNodes.isEmpty }

  /// Whether it runs after the parallel phase: it says so, or a port is its own that others may have too.
  var runsAlone: Bool {
    settings.isExclusive || topology.outsideNodes.contains { $0.board.port != nil }
  }

  /// The clock that the case's times count on.
  var clock: Clock { hasOutsideNodes ? .real : .virtual }
}
