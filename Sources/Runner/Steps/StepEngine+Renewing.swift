import LinkBroker
import Nodes
import Simulation
import SuiteLanguage

// A root complex that stays from case to case.
extension StepEngine {
  /// Whether the next case may go on with what this one leaves.
  var mayStay: Bool {
    guard let root = topology.description.keptRoot, let node = topology.outside?[root.name] else {
      return false
    }
    return node.isRunning && node.judgement == .open && !(node.process?.isFrozen ?? false)
  }

  /// Brings a root complex that has served a case, and what is below it, back to what it was after its start.
  ///
  /// Functions that a TLP has reached get a function level reset; then the agent puts registers back and
  /// compares them with what they were. Nothing of a former case can be seen afterwards but what software
  /// keeps in files and a drive in its blocks.
  /// - Returns: why that could not be; nil when it was done.
  mutating func renew(emit: Emit) -> String? {
    guard let outside = topology.outside, let root = topology.description.keptRoot,
      let node = outside[root.name]
    else { return "it is not there" }
    guard topology.fabric.forgetFaults() else { return "a fault is not over" }
    _ = topology.fabric.takeFindings()
    do throws(StepFailure) {
      try look(emit: emit)
      for link in topology.description.linksBelow(root.name) where isTouched(link.name) {
        let name = try functionName(.node(link.downstream))
        try ask(AgentRequest.order(node, ["reset \(name)"]), on: outside, emit: emit)
      }
      try ask(AgentRequest.order(node, ["renew"]), on: outside, emit: emit)
    } catch { return error.message }
    if let finding = topology.fabric.takeFindings().first { return finding.text }
    if let link = changedLink { return "link \(link) is not as it was" }
    outside.tellTails(on: clock, emit: emit)
    node.forget()
    topology.renew(seed: task.seed)
    return nil
  }

  /// Whether anything has happened at a link since the last case began.
  private func isTouched(_ link: String) -> Bool { (topology.value(of: .link(link, .tlps)) ?? 0) > 0 }

  /// The first link that a case has left down, or with another speed or width.
  private var changedLink: String? {
    topology.description.links.first { link in
      guard let number = topology.linkNumbers[link.name] else { return true }
      let wanted = LinkConfiguration(link)
      let now = topology.fabric.configuration(ofLink: number)
      let isUp = topology.fabric.state(ofLink: number) == .up
      let startsUp = topology.description.node(link.downstream)?.startsAutomatically ?? true
      return isUp != startsUp || now.speed != wanted.speed || now.width != wanted.width
    }?.name
  }

  /// Waits for the agent's answer.
  private mutating func ask(
    _ request: consuming AgentRequest, on outside: OutsideNodes, emit: Emit
  ) throws(StepFailure) {
    var request = request
    let limit = min(task.timeoutScale.applied(to: Self.patience).picoseconds, task.timeout.picoseconds / 4)
    let deadline = topology.fabric.now + VirtualDuration(picoseconds: limit)
    while !(try request.advance()) {
      guard let now = clock.now, now < deadline else { throw .expectation("its agent does not answer") }
      try wait(on: outside, until: deadline)
      _ = catchUp()
      notice(emit: emit)
    }
  }

  /// A driver may have to bring its device up again; a new start has to fit into the rest of the case's time.
  private static let patience = TimeSpan.seconds(5)
}
