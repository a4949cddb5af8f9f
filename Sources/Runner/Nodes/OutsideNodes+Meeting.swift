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
  func meet(_ task: CaseTask) throws(StepFailure) {
    let topology = task.instance.topology
    let guests = nodes.filter { $0.door != nil }
    guard !guests.isEmpty else { return }
    for node in nodes where topology.node(node.name)?.startsAutomatically ?? false { try start(node) }
    for node in guests {
      let limit = node.board.ready.map { task.timeoutScale.applied(to: $0.timeout) }
      let span = min(limit ?? task.timeout, task.timeout)
      let deadline = start.adding(nanoseconds: span.nanoseconds)
      while true {
        _ = node.door?.look()
        if let hello = node.door?.hello {
          node.place = try place(of: node, hello, in: topology)
          break
        }
        try checkHope(of: node)
        if let failure = node.door?.failure { throw Self.wrong(node, failure, facts: facts(of: node)) }
        guard MonotonicInstant.now < deadline else { throw neverCame(node, span) }
        do throws(SystemError) { try wait(until: deadline) } catch { throw .trouble(.harness, "\(error)") }
      }
    }
  }

  func start(_ node: OutsideNode) throws(StepFailure) {
    do throws(NodeProblem) { try launch(node) } catch {
      throw .trouble(.simulator, "\(error)", node.board.requirements.map(\.hint))
    }
  }

  /// Lets in the programs that wait at their doors, now that the fabric knows what they have to know.
  func welcome(_ topology: borrowing CaseTopology) throws(StepFailure) {
    for node in nodes {
      guard let door = node.door, let place = node.place, let port = place.port else { continue }
      // What happened before is in the settings that the program begins with.
      _ = place.outbox.takeNews()
      do throws(LinkError) {
        let transport = try door.welcome(place.settings(in: topology.fabric))
        loop.add(OutsidePeer(name: node.name, node: place, transport: transport, link: port.link))
      } catch { throw .trouble(.simulator, "\(NodeProblem.link(node: node.name, error))") }
      do throws(SystemError) { try watch(door) } catch { throw .trouble(.harness, "\(error)") }
    }
  }

  /// A program that has ended says nothing any more.
  private func checkHope(of node: OutsideNode) throws(StepFailure) {
    guard let end = node.end else { return }
    // It may have said hello and ended at once.
    if node.door?.look() ?? false { return }
    throw StepFailure(
      type: .violation, message: "\(node.name) \(end.ending) before it had joined its link",
      facts: facts(of: node), subject: "node-exit")
  }

  private func neverCame(_ node: OutsideNode, _ span: TimeSpan) -> StepFailure {
    let isSilent = node.door?.hasSilentCaller ?? false
    return StepFailure(
      type: .timeout,
      message: "\(node.name) had not joined its link within \(span)"
        + (isSilent ? "; it has connected and says nothing" : ""),
      facts: facts(of: node))
  }

  private func facts(of node: OutsideNode) -> [String] {
    (node.door?.takeNotes() ?? []) + [node.door?.direction].compactMap(\.self)
  }

  /// Somebody has come who cannot be the node's program, or nobody can.
  private static func wrong(_ node: OutsideNode, _ failure: String, facts: [String]) -> StepFailure {
    StepFailure(
      type: .violation, message: "\(node.name) cannot join its link: \(failure)", facts: facts,
      subject: Violation.nodeProtocol.rawValue)
  }

  /// The place in the fabric of a program that has come.
  private func place(
    of node: OutsideNode, _ hello: LinkHello, in topology: Topology
  ) throws(StepFailure) -> any OutsideEnd {
    let isHost = topology.node(node.name)?.role == .rootComplex
    func refused(_ why: String) -> StepFailure {
      node.door?.refuse(why)
      return .expectation("\(node.name) was refused at its link: \(why)", subject: "link")
    }
    guard (hello.role == .host) == isHost else {
      throw refused(
        isHost
          ? "the suite has it as root complex, and it comes as device"
          : "the suite has it as endpoint, and it comes as host")
    }
    if isHost { return OutsidePort() }
    if hello.isRaw {
      guard topology.hasOutsideRoot else {
        throw refused("a raw device needs a program as root complex, which sets it up")
      }
      return OutsidePort()
    }
    guard let description = hello.description else {
      throw refused("it does not describe its function, and a suite cannot do that for it")
    }
    do throws(DescriptionError) { return try DescribedFunction.endpoint(description) } catch {
      throw refused("\(error)")
    }
  }
}
