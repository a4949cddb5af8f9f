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
  var start = MonotonicInstant.now
  /// Whether something came of a process that no step has looked at.
  var hasNews = false
  private var waits = 0
  /// In the order of the suite.
  let nodes: [OutsideNode]
  /// What devices may map of host memory, and where it is; nil where they may map none.
  var sharedMemory: (memory: PassedDescriptor, address: UInt64, bytes: UInt64)?
  /// What hosts may map of models, by the names of these.
  var mappedBars: [String: [MappedBar]] = [:]
  /// Tells the doors of this process apart.
  private static let doors = Atomic<Int>(0)
  /// A program that is always at work must not keep the others' news from being seen.
  private static let waitsBetweenLooks = 8

  /// Prepares the nodes of a case; nothing is started yet.
  init(_ task: CaseTask) throws(NodeProblem) {
    var nodes: [OutsideNode] = []
    for (index, node) in task.instance.topology.outsideNodes.enumerated() {
      guard let loaded = task.places.boards[node.board.board] else {
        throw .noBoard(node: node.name, board: node.board.board)
      }
      var start = BoardStart(board: loaded.board, node: node.name)
      start.tools = task.places.tools
      if task.places.accelerated.contains(loaded.board.name) { start.accelerator = .kvm }
      if let image = task.plan.suite.images.first(where: { $0.name == node.board.image }) {
        start.image = task.places.file(of: image, suitePath: task.plan.source.path)
      }
      let ends = try Self.ends(of: node, loaded.board, task.instance.topology, &start)
      start.processor = try Self.processor(of: node, loaded.board)
      start.monitor = try Self.monitor(of: node, loaded.board)
      nodes.append(OutsideNode(start, ends: ends, token: UInt64(index)))
    }
    self.nodes = nodes
    do throws(SystemError) {
      poller = try Poller()
    } catch { throw .system(node: nodes.first?.name ?? "", error) }
  }

  /// Opens a door for the program of a node at each of its links, and says in its start where that is.
  private static func ends(
    of node: (name: String, board: BoardNode), _ board: Board, _ topology: Topology,
    _ start: inout BoardStart
  ) throws(NodeProblem) -> [OutsideNodeEnd] {
    var ends: [OutsideNodeEnd] = []
    for link in topology.links where [link.upstream, link.downstream].contains(node.name) {
      var doorway = try doorway(of: node, board, at: link)
      let isLater = topology.comesLater(link, at: node.name)
      if isLater { start.unplugged.insert(link.name) }
      let door = isLater ? nil : try doorway.open(for: node.name)
      // The address is unix:PATH#NODE; boards name the path.
      switch doorway {
      case .rings(let path, _): start.sockets.append((link.name, path, isLibrary: true))
      case .vfioUser(_, let path): start.sockets.append((link.name, path, isLibrary: false))
      case .warpPipe: break
      }
      if let door = door as? WarpPipeReception, case .tcp(let host, let port) = door.address {
        start.calling = (host, port)
        // The next program comes to the same port.
        if case .warpPipe(let role, .listen) = doorway { doorway = .warpPipe(role, .listen(door.address)) }
      }
      ends.append(OutsideNodeEnd(link: link.name, doorway: doorway, door: door))
    }
    return ends
  }

  private static func doorway(
    of node: (name: String, board: BoardNode), _ board: Board, at link: SuiteLanguage.LinkDescription
  ) throws(NodeProblem) -> OutsideDoorway {
    switch board.wire(on: link.wire) {
    case .pcieLink:
      let function = node.board.function.map {
        LinkDescription($0, maxPayloadBytes: link.maxPayload)
      }
      // An abstract name that nobody else has.
      return .rings(path: "@\(doorName())", function)
    case .vfioUser:
      return .vfioUser(
        node.board.role == .rootComplex ? .host : .device, path: SocketFolder.path(of: doorName))
    case .warpPipe: break
    }
    let wanted = SocketAddress.tcp(host: "127.0.0.1", port: node.board.port ?? 0)
    do throws(SocketError) {
      return .warpPipe(
        node.board.role == .rootComplex ? .host : .device,
        board.reach.call == .listen ? .connect(try .free(wanted), isPatient: true) : .listen(wanted))
    } catch { throw .socket(node: node.name, error) }
  }

  /// Listens where the test interface of a QEMU without guest will call.
  private static func processor(
    of node: (name: String, board: BoardNode), _ board: Board
  ) throws(NodeProblem) -> QTestProcessor? {
    guard node.board.role == .rootComplex, let agent = board.reach.agent, agent.isSystem else { return nil }
    do throws(SocketError) {
      return try QTestProcessor(path: SocketFolder.path(of: doorName), stepsClock: agent == .qtest)
    } catch { throw .socket(node: node.name, error) }
  }

  /// Listens where the monitor of a QEMU will call.
  private static func monitor(
    of node: (name: String, board: BoardNode), _ board: Board
  ) throws(NodeProblem) -> QEMUMonitor? {
    guard board.reach.monitor != nil else { return nil }
    do throws(SocketError) { return try QEMUMonitor(path: SocketFolder.path(of: doorName)) } catch {
      throw .socket(node: node.name, error)
    }
  }

  private static func doorName() -> String {
    SocketFolder.prefix(ofProcess: Int(getpid())) + "\(doors.add(1, ordering: .relaxed).newValue)"
  }

  /// The doors at which somebody may be let in.
  private var openDoors: [any LinkDoor] { nodes.flatMap(\.ends).filter(\.isOpen).compactMap(\.door) }

  /// Tells a processor how requests of its machine have failed, before the machine answers with data alone.
  private func tellFailures() {
    for node in nodes {
      guard let processor = node.processor else { continue }
      for peer in loop.peers where peer.name == node.name {
        if let failure = peer.transport.takeFailure() { processor.note(failure) }
      }
    }
  }

  private var monitorWaits: [TransportWait] { nodes.flatMap { $0.monitor?.waits ?? [] } }

  /// Whether somebody is at an end of a link: a model always is, a program from its hello to its end.
  func isPresent(_ node: String, at link: (name: String, number: Int)) -> Bool {
    guard let end = self[node]?.ends.first(where: { $0.link == link.name }) else { return true }
    return !end.isIn && end.door?.hello != nil
      || loop.peers.contains { $0.name == node && $0.link == link.number }
  }

  /// What plays the processor of the root complex, where the harness does.
  var processor: QTestProcessor? { nodes.lazy.compactMap(\.processor).first }

  /// The names of all, for what belongs to any of them.
  var names: String { nodes.map(\.name).joined(separator: " or ") }

  subscript(name: String) -> OutsideNode? { nodes.first { $0.name == name } }

  func launch(_ node: OutsideNode) throws(NodeProblem) { try node.launch(in: poller) }

  /// Goes on with the stop of a node, and answers whether nothing of it is left.
  func attend(_ node: OutsideNode) -> Bool { node.attend(at: .now, in: poller) }

  /// Takes what is there without waiting, and answers whether there was anything.
  ///
  /// A program that has ended has hung up before, and its link is lost before anybody learns of its end.
  func look() throws(SystemError) -> Bool {
    var hasMoved = false
    tellFailures()
    if processor?.attend() ?? false {
      hasMoved = true
      hasNews = true
    }
    for node in nodes where node.monitor?.attend() ?? false {
      hasMoved = true
      hasNews = true
    }
    guard take(try poller.wait(milliseconds: 0)) else { return hasMoved }
    loop.lookForLosses()
    return true
  }

  /// Waits until something happens, or an instant of the fabric's clock comes.
  func wait(
    _ fabric: borrowing Fabric, on clock: CaseClock, until time: VirtualTime
  ) throws(SystemError) {
    let due = nodes.compactMap { $0.process?.deadline }.min()
    let own = TransportWait(descriptor: poller.number)
    let doors = openDoors
    var limit = min(time, due.map(clock.time) ?? .never)
    if let patience = doors.compactMap(\.patience).min(), let now = clock.now {
      limit = min(limit, now + VirtualDuration(picoseconds: patience &* 1000))
    }
    let processor = processor
    let now = MonotonicInstant.now
    if let pause = processor?.lookForInterrupts(at: now) {
      limit = min(limit, clock.time(now.adding(nanoseconds: pause)))
    }
    let others = [own] + doors.flatMap(\.waits) + (processor?.waits ?? []) + monitorWaits
    let hasSlept = loop.wait(fabric, for: others, until: limit) {
      clock.now ?? .never
    }
    waits += 1
    guard hasSlept || waits % Self.waitsBetweenLooks == 0 else { return }
    _ = try look()
    if !doors.isEmpty || due.map({ $0 <= .now }) ?? false { hasNews = true }
  }

  /// Lets everything go on that a request of a processor may need; false when its time is over.
  func pump(_ fabric: inout Fabric, on clock: CaseClock, until deadline: VirtualTime) -> Bool {
    if loop.serve(&fabric, clock: { clock.now ?? .never }) { return true }
    guard let now = clock.now, now < deadline else { return false }
    do throws(SystemError) { try wait(fabric, on: clock, until: deadline) } catch { return false }
    return true
  }

  /// Waits until something happens to a process or at a door, an instant comes, or a stop is due.
  func wait(until instant: MonotonicInstant?) throws(SystemError) {
    let due = nodes.compactMap { $0.process?.deadline }.min()
    let own = TransportWait(descriptor: poller.number)
    let end = [instant, due].compactMap(\.self).min()
    let doors = openDoors
    let calls = doors.flatMap(\.waits) + (processor?.waits ?? []) + monitorWaits
    let limits = [end.map { $0.nanoseconds(since: .now) }] + doors.map(\.patience)
    Readiness.wait(for: calls + [own], nanoseconds: limits.compactMap(\.self).min())
    _ = try look()
  }

  /// Lets somebody who comes to a door of which the program is in be news.
  func watch(_ door: any LinkDoor) throws(SystemError) {
    for wait in door.waits { try poller.add(wait.descriptor, token: Self.doorToken) }
  }

  /// What the epoll set tells of doors.
  private static let doorToken = UInt64.max

  private func take(_ ready: ArraySlice<UInt64>) -> Bool {
    for bits in ready {
      hasNews = true
      if bits == Self.doorToken { continue }
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
      for end in node.ends { end.door = nil }
      node.beginStop(at: now)
    }
    var open = nodes.filter { !attend($0) }
    while !open.isEmpty {
      try wait(until: nil)
      open = open.filter { !attend($0) }
    }
  }
}

extension Topology {
  /// Whether a step plugs in what is below a link of a program.
  fileprivate func comesLater(_ link: SuiteLanguage.LinkDescription, at node: String) -> Bool {
    guard link.upstream == node, let below = self.node(link.downstream) else { return false }
    return below.model != nil && !below.startsAutomatically
  }
}
