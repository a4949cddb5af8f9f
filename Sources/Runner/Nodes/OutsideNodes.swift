import Nodes
import SuiteLanguage

/// The outside nodes of a case, and the one epoll set by which all of them are watched.
final class OutsideNodes {
  private var poller: Poller
  private var alarm: Alarm
  /// In the order of the suite.
  let nodes: [OutsideNode]
  private static let alarmToken = UInt64.max

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
      nodes.append(OutsideNode(start, token: UInt64(index)))
    }
    self.nodes = nodes
    do throws(SystemError) {
      poller = try Poller()
      alarm = try Alarm()
      try poller.add(alarm.number, token: Self.alarmToken)
    } catch { throw .system(node: nodes.first?.name ?? "", error) }
  }

  /// The names of all, for what belongs to any of them.
  var names: String { nodes.map(\.name).joined(separator: " or ") }

  subscript(name: String) -> OutsideNode? { nodes.first { $0.name == name } }

  func launch(_ node: OutsideNode) throws(NodeProblem) { try node.launch(in: poller) }

  /// Goes on with the stop of a node, and answers whether nothing of it is left.
  func attend(_ node: OutsideNode) -> Bool { node.attend(at: .now, in: poller) }

  /// Takes what is there without waiting, and answers whether there was anything.
  func look() throws(SystemError) -> Bool { take(try poller.wait(milliseconds: 0)) }

  /// Waits until something happens, an instant comes, or a stop is due; answers whether a node has news.
  func wait(until instant: MonotonicInstant?) throws(SystemError) -> Bool {
    let due = nodes.compactMap { $0.process?.deadline }.min()
    alarm.set([instant, due].compactMap(\.self).min())
    let hasNews = take(try poller.wait())
    return hasNews || due.map { $0 <= .now } ?? false
  }

  private func take(_ ready: ArraySlice<UInt64>) -> Bool {
    var hasNews = false
    for bits in ready {
      if bits == Self.alarmToken {
        alarm.acknowledge()
        continue
      }
      hasNews = true
      let token = bits >> NodeProcess.channelBits
      guard let channel = NodeProcess.Channel(rawValue: bits & (1 << NodeProcess.channelBits - 1)),
        let process = nodes[Int(token)].process
      else { continue }
      process.take(channel, in: poller)
    }
    return hasNews
  }

  /// Stops all nodes, and waits until nothing of them is left.
  ///
  /// - Complexity: as long as the longest grace of the nodes that do not end when they are asked to.
  func end() throws(SystemError) {
    let now = MonotonicInstant.now
    for node in nodes { node.beginStop(at: now) }
    var open = nodes.filter { !attend($0) }
    while !open.isEmpty {
      _ = try wait(until: nil)
      open = open.filter { !attend($0) }
    }
  }
}
