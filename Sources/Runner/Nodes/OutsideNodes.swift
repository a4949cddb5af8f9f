import Glibc
import LinkBroker
import Nodes
import Simulation
import SuiteLanguage
import Synchronization
import Transports

/// The outside nodes of a case, and the one epoll set by which all of them are watched.
final class OutsideNodes {
  private var poller: Poller
  /// The programs at their links.
  var loop = OutsideLoop()
  /// When the case has begun, on the machine's clock.
  let start = MonotonicInstant.now
  /// Whether something came of a process that no step has looked at.
  var hasNews = false
  private var waits = 0
  /// In the order of the suite.
  let nodes: [OutsideNode]
  /// Tells the doors of this process apart.
  private static let doors = Atomic<Int>(0)
  /// A program that is always at work must not keep the others' news from being seen.
  private static let waitsBetweenLooks = 32

  /// Prepares the nodes of a case; nothing is started yet.
  init(_ task: CaseTask) throws(NodeProblem) {
    var nodes: [OutsideNode] = []
    for (index, node) in task.instance.topology.outsideNodes.enumerated() {
      guard let loaded = task.places.boards[node.board.board] else {
        throw .noBoard(node: node.name, board: node.board.board)
      }
      var start = BoardStart(board: loaded.board, node: node.name)
      start.tools = task.places.tools
      if let image = task.plan.suite.images.first(where: { $0.name == node.board.image }) {
        start.image = task.places.file(of: image, suitePath: task.plan.source.path)
      }
      let door = node.board.role == .portless ? nil : try Self.door(of: node.name)
      // The address is unix:PATH#NODE; boards name the path.
      if let door { start.sockets = [door.path] }
      nodes.append(OutsideNode(start, door: door, token: UInt64(index)))
    }
    self.nodes = nodes
    do throws(SystemError) {
      poller = try Poller()
    } catch { throw .system(node: nodes.first?.name ?? "", error) }
  }

  /// Opens the door for the program of a node, under an abstract name that nobody else has.
  private static func door(of node: String) throws(NodeProblem) -> LinkReception {
    let number = doors.add(1, ordering: .relaxed).newValue
    do throws(LinkError) {
      return try LinkReception(path: "@pcie-harness.\(getpid()).\(number)", node: node)
    } catch { throw .link(node: node, error) }
  }

  /// The names of all, for what belongs to any of them.
  var names: String { nodes.map(\.name).joined(separator: " or ") }

  subscript(name: String) -> OutsideNode? { nodes.first { $0.name == name } }

  func launch(_ node: OutsideNode) throws(NodeProblem) { try node.launch(in: poller) }

  /// Goes on with the stop of a node, and answers whether nothing of it is left.
  func attend(_ node: OutsideNode) -> Bool { node.attend(at: .now, in: poller) }

  /// Takes what is there without waiting, and answers whether there was anything.
  func look() throws(SystemError) -> Bool { take(try poller.wait(milliseconds: 0)) }

  /// Waits until something happens, or an instant of the fabric's clock comes.
  func wait(
    _ fabric: borrowing Fabric, on clock: CaseClock, until time: VirtualTime
  ) throws(SystemError) {
    let due = nodes.compactMap { $0.process?.deadline }.min()
    let own = TransportWait(descriptor: poller.number, isForWriting: false)
    let hasSlept = loop.wait(fabric, for: [own], until: min(time, due.map(clock.time) ?? .never)) {
      clock.now ?? .never
    }
    waits += 1
    guard hasSlept || waits % Self.waitsBetweenLooks == 0 else { return }
    _ = try look()
    if let due, due <= .now { hasNews = true }
  }

  /// Waits until something happens to a process or at a door, an instant comes, or a stop is due.
  func wait(until instant: MonotonicInstant?) throws(SystemError) {
    let due = nodes.compactMap { $0.process?.deadline }.min()
    let own = TransportWait(descriptor: poller.number, isForWriting: false)
    let end = [instant, due].compactMap(\.self).min()
    _ = Readiness.wait(
      for: nodes.compactMap(\.door).flatMap(\.waits) + [own],
      nanoseconds: end.map { $0.nanoseconds(since: .now) })
    _ = try look()
  }

  private func take(_ ready: ArraySlice<UInt64>) -> Bool {
    for bits in ready {
      hasNews = true
      let token = bits >> NodeProcess.channelBits
      guard let channel = NodeProcess.Channel(rawValue: bits & (1 << NodeProcess.channelBits - 1)),
        let process = nodes[Int(token)].process
      else { continue }
      process.take(channel, in: poller)
    }
    return !ready.isEmpty
  }

  /// Stops all nodes, and waits until nothing of them is left.
  ///
  /// - Complexity: as long as the longest grace of the nodes that do not end when they are asked to.
  func end() throws(SystemError) {
    let now = MonotonicInstant.now
    for node in nodes {
      // Whoever comes now comes too late.
      node.door = nil
      node.beginStop(at: now)
    }
    var open = nodes.filter { !attend($0) }
    while !open.isEmpty {
      try wait(until: nil)
      open = open.filter { !attend($0) }
    }
  }
}
