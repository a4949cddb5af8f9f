import Endpoints
import LinkBroker
import Nodes
import PCIe
import RunEvents
import Simulation
import SuiteLanguage
import Transports

// How the programs come to their links.
extension OutsideNodes {
  /// Starts the programs of a case with a link to one of them, and waits until each of these has said what it
  /// is; a place in the fabric is made for it.
  ///
  /// A program that a step starts comes later, to a place that is made now for a host and then for a device.
  /// So does a host to all its links but one: it may want to use that one before.
  func meet(_ task: CaseTask) throws(StepFailure) {
    let topology = task.instance.topology
    guard nodes.contains(where: { !$0.ends.isEmpty }) else { return }
    let starting = nodes.filter { topology.node($0.name)?.startsAutomatically ?? false }
    for node in starting { try start(node) }
    for node in nodes where topology.node(node.name)?.role == .rootComplex {
      for end in node.ends { end.place = OutsidePort() }
    }
    for node in starting {
      do throws(StepFailure) { try waitForHello(of: node, task) } catch { throw error.about(node.name) }
    }
  }

  /// Waits until the program of a node has said at one of its links what it is.
  private func waitForHello(of node: OutsideNode, _ task: CaseTask) throws(StepFailure) {
    let limit = node.board.ready.map { task.timeoutScale.applied(to: $0.timeout) }
    let span = min(limit ?? task.timeout, task.timeout)
    let deadline = start.adding(nanoseconds: span.nanoseconds)
    guard let first = node.ends.first(where: \.isPlugged) else { return }
    while !(try hearAny(first, of: node, in: task.instance.topology)) {
      guard MonotonicInstant.now < deadline else { throw neverCame(node, first, span) }
      do throws(SystemError) { try wait(until: deadline) } catch { throw .trouble(.harness, "\(error)") }
    }
  }

  func start(_ node: OutsideNode) throws(StepFailure) {
    do throws(NodeProblem) { try launch(node) } catch {
      throw .trouble(.simulator, "\(error)", node.board.requirements.map(\.hint)).about(node.name)
    }
  }

  /// Lets in the programs that wait at their doors, now that the fabric knows what they have to know.
  func welcome(_ topology: borrowing CaseTopology) throws(StepFailure) {
    for node in nodes {
      for end in node.ends where end.door?.hello != nil { try welcome(end, of: node, topology) }
    }
  }

  func welcome(
    _ end: OutsideNodeEnd, of node: OutsideNode, _ topology: borrowing CaseTopology
  ) throws(StepFailure) {
    guard let door = end.door, let place = end.place, let port = place.port else { return }
    // What happened before is in the settings that the program begins with.
    _ = place.outbox.takeNews()
    do throws(LinkError) {
      let transport = try door.welcome(place.settings(in: topology.fabric))
      offerMappedBars(to: transport, at: end, topology)
      if let device = transport as? VfioUserDeviceTransport, let shared = sharedMemory {
        device.share(shared.memory, at: shared.address, bytes: shared.bytes)
      }
      loop.add(OutsidePeer(name: node.name, node: place, transport: transport, link: port.link))
    } catch { throw .trouble(.simulator, "\(NodeProblem.link(node: node.name, error))").about(node.name) }
    end.isIn = true
    do throws(SystemError) { try watch(door) } catch { throw .trouble(.harness, "\(error)") }
  }

  /// Lets a host map what it may of the model at the other end of its link.
  private func offerMappedBars(
    to transport: any Transport, at end: OutsideNodeEnd, _ topology: borrowing CaseTopology
  ) {
    guard let host = transport as? VfioUserTransport, let link = topology.description.link(end.link) else {
      return
    }
    for bar in mappedBars[link.downstream] ?? [] {
      host.offer(bar.descriptor, asBar: bar.bar, bytes: Int(bar.byteCount))
    }
  }

  /// Listens at all doors, as somebody at any of them ends a wait; false when the program of a node has come
  /// to none of its links.
  private func hearAny(
    _ first: OutsideNodeEnd, of node: OutsideNode, in topology: Topology
  ) throws(StepFailure) -> Bool {
    for end in nodes.flatMap(\.ends) { _ = end.door?.look() }
    return try hear(node.ends.first { $0.door?.hello != nil } ?? first, of: node, in: topology)
  }

  /// Listens at a door; false when the program has not said what it is, and may still do so.
  func hear(
    _ end: OutsideNodeEnd, of node: OutsideNode, in topology: Topology
  ) throws(StepFailure) -> Bool {
    _ = end.door?.look()
    if let hello = end.door?.hello {
      try take(hello, at: end, of: node, in: topology)
      return true
    }
    try checkHope(of: node, end)
    if let failure = end.door?.failure { throw Self.wrong(node, failure, facts: facts(of: node, end)) }
    return false
  }

  /// A program that has ended says nothing any more.
  private func checkHope(of node: OutsideNode, _ end: OutsideNodeEnd) throws(StepFailure) {
    guard let ending = node.end?.ending else { return }
    // It may have said hello and ended at once, or something wrong that tells more than its end.
    if end.door?.look() ?? false || end.door?.failure != nil { return }
    throw StepFailure(
      type: .violation, message: "\(node.name) \(ending) before it had joined its link",
      facts: facts(of: node, end), subject: "node-exit")
  }

  func neverCame(_ node: OutsideNode, _ end: OutsideNodeEnd, _ span: TimeSpan) -> StepFailure {
    let isSilent = end.door?.hasSilentCaller ?? false
    let which = node.ends.count > 1 ? "link \(end.link)" : "its link"
    return StepFailure(
      type: .timeout,
      message: "\(node.name) had not joined \(which) within \(span)"
        + (isSilent ? "; it has connected and says nothing" : ""),
      facts: facts(of: node, end))
  }

  private func facts(of node: OutsideNode, _ end: OutsideNodeEnd) -> [String] {
    (end.door?.takeNotes() ?? []) + [end.door?.direction].compactMap(\.self)
  }

  /// Somebody has come who cannot be the node's program, or nobody can.
  private static func wrong(_ node: OutsideNode, _ failure: String, facts: [String]) -> StepFailure {
    StepFailure(
      type: .violation, message: "\(node.name) cannot join its link: \(failure)", facts: facts,
      subject: Violation.nodeProtocol.rawValue)
  }

  /// Makes the place in the fabric of a program that has come, where there is none that fits it.
  private func take(
    _ hello: LinkHello, at end: OutsideNodeEnd, of node: OutsideNode, in topology: Topology
  ) throws(StepFailure) {
    let isHost = topology.node(node.name)?.role == .rootComplex
    func refused(_ why: String) -> StepFailure {
      end.door?.refuse(why)
      return .expectation("\(node.name) was refused at its link: \(why)", subject: "link")
    }
    guard (hello.role == .host) == isHost else {
      throw refused(
        isHost
          ? "the suite has it as root complex, and it comes as device"
          : "the suite has it as endpoint, and it comes as host")
    }
    // A host's place is there from the beginning, and the same function again has its old one.
    if isHost || end.place != nil && hello.description == end.description { return }
    guard end.place == nil || topology.hasOutsideRoot else {
      throw refused("it describes another function than before, which the root complex has not set up")
    }
    end.description = hello.description
    if hello.isRaw {
      guard topology.hasOutsideRoot else {
        throw refused("a raw device needs a program as root complex, which sets it up")
      }
      end.place = OutsidePort()
      return
    }
    guard let description = hello.description else {
      throw refused(
        "neither its program nor the suite describes its function; give the node an id: with vendor and "
          + "device, or the program a description")
    }
    do throws(EndpointError) {
      end.place = try DescribedFunction.endpoint(description, watchesRequests: end.doorway.watchesRequests)
    } catch { throw refused("its function cannot be: \(error)") }
  }
}
