import LinkBroker
import Nodes
import PCIe
import RunEvents
import SuiteLanguage

/// A model that comes to the machine of a program while that runs, or is to go.
struct Plugging {
  /// The model.
  let name: String
  /// The host, with its end of the link.
  let host: OutsideNode
  let end: OutsideNodeEnd
  /// The port of the host above it.
  let port: FunctionAddress
  /// What its host's monitor was asked for.
  let command: Int
  let isRemoval: Bool
  /// Whether the host's monitor has done what it was asked for.
  var isAsked = false

  var text: String { isRemoval ? "the removal of \(name)" : "the arrival of \(name)" }
}

// Cards that are plugged into a machine while it runs, and pulled out.
extension StepEngine {
  /// Has the host of a model's link add its device.
  mutating func plug(_ name: String) throws(StepFailure) -> PendingWork {
    let (host, end) = try slot(of: name)
    guard !end.isPlugged else { throw .expectation("\(name) is plugged in at \(host.name) already") }
    do throws(NodeProblem) {
      try end.reopen(for: host.name)
      return try ask(\.plug, name, host, end)
    } catch { throw .trouble(.simulator, "\(error)") }
  }

  /// Asks the host of a model's link for the removal of its device, for which its software takes its time.
  mutating func unplug(_ name: String) throws(StepFailure) -> PendingWork {
    let (host, end) = try slot(of: name)
    guard end.isPlugged else { throw .expectation("\(name) is not plugged in at \(host.name)") }
    if let link = topology.linkNumbers[end.link] { topology.outside?.loop.excuse(host.name, at: link) }
    do throws(NodeProblem) { return try ask(\.unplug, name, host, end) } catch {
      throw .trouble(.simulator, "\(error)")
    }
  }

  private func slot(of name: String) throws(StepFailure) -> (OutsideNode, OutsideNodeEnd) {
    guard let link = topology.description.linkAbove(name), let host = topology.outside?[link.upstream],
      let end = host.ends.first(where: { $0.link == link.name })
    else { throw .expectation("\(name) has no machine that it could be plugged into") }
    guard host.isRunning else { throw .expectation("\(host.name) does not run") }
    return (host, end)
  }

  private func ask(
    _ which: KeyPath<BoardMonitor, BoardArgument>, _ name: String, _ host: OutsideNode, _ end: OutsideNodeEnd
  ) throws(NodeProblem) -> PendingWork {
    guard let command = try host.ask(which, link: end.link),
      let port = topology.portAddress(host.name, end.link)
    else { throw .noMonitor(node: host.name, board: host.board.name) }
    end.isPlugged = which == \.plug
    return .plugging(
      Plugging(
        name: name, host: host, end: end, port: port, command: command, isRemoval: which == \.unplug))
  }

  /// Whether a model is there that was to come, or is gone that was to go.
  mutating func isDone(_ plugging: inout Plugging) throws(StepFailure) -> Bool {
    // QEMU answers when it knows what the device is, for which it has to be let in.
    let isJoined = plugging.isRemoval ? false : try isJoined(plugging.host)
    if !plugging.isAsked {
      guard try isAsked(plugging) else { return false }
      plugging.isAsked = true
      if plugging.isRemoval { try perform(.removal(plugging.port), at: plugging.host) }
    }
    guard plugging.isRemoval else {
      if isJoined { try perform(.arrival(plugging.port), at: plugging.host) }
      return isJoined
    }
    let (name, link) = (plugging.host.name, topology.linkNumbers[plugging.end.link])
    return topology.outside?.loop.peers.contains { $0.name == name && $0.link == link } == false
  }

  /// Whether the host's monitor has taken a command.
  private func isAsked(_ plugging: Plugging) throws(StepFailure) -> Bool {
    guard let outcome = plugging.host.monitor?.takeOutcome(of: plugging.command) else { return false }
    guard case .refused(let reason) = outcome else { return true }
    plugging.end.isPlugged = plugging.isRemoval
    if !plugging.isRemoval { plugging.end.door = nil }
    throw .expectation(
      "\(plugging.host.name) does not \(plugging.isRemoval ? "let go of" : "take") \(plugging.name): "
        + reason, subject: "hot-plug")
  }
}
