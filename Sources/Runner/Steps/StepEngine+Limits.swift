import LinkBroker
import RunEvents
import SuiteLanguage

// Steps that do not end.
extension StepEngine {
  func timeout(_ pending: PendingStep) -> StepFailure {
    let isCase = pending.deadline >= caseDeadline
    let limit = isCase ? task.timeout : task.timeoutScale.applied(to: pending.step.timeout ?? task.timeout)
    let whose = isCase ? "the case's \(limit)" : "\(limit)"
    return StepFailure(
      type: .timeout, message: "\(waited(pending)) did not come within \(whose)",
      facts: testFacts(pending) + linkFacts)
  }

  private func testFacts(_ pending: PendingStep) -> [String] {
    guard case .condition(.tests(let name, _)) = pending.work else { return [] }
    return topology.outside?[name]?.talk.tests?.facts ?? []
  }

  /// A step was done, but after the end of the case's time.
  func overrun(_ step: Step) -> StepFailure {
    StepFailure(
      type: .timeout, message: "\(step.label) ended after the case's \(task.timeout)", facts: linkFacts)
  }

  func noProgress(_ pending: PendingStep) -> StepFailure {
    StepFailure(
      type: .noProgress,
      message: "nothing is left to happen, and \(waited(pending)) has not come", facts: linkFacts)
  }

  private func waited(_ pending: PendingStep) -> String {
    switch pending.work {
    case .hostRequest, .askingAgain, .dmaRead, .posting, .script, .agent, .management:
      "the end of \(pending.step.label)"
    case .branches: "the end of all branches"
    case .condition(let condition): condition.text
    case .invalidating(_, let function): "the invalidate completion of \(function.text)"
    case .starting(let node): "the start of \(node.name)"
    case .plugging(let plugging): plugging.text
    case .stopping(let node): "the end of \(node.name)"
    }
  }

  /// A start has the time its board gives it.
  func withLimit(_ step: Step) -> Step {
    guard case .start(let name) = step.action, step.timeout == nil else { return step }
    var step = step
    step.timeout = topology.outside?[name]?.board.ready?.timeout
    return step
  }

  /// The steps that a failure cuts short, the innermost first.
  var cutShort: [StepIndex] {
    var indexes: [StepIndex] = []
    for branch in branches {
      if let pending = branch.pending { indexes.append(pending.index) }
      for frame in branch.frames.reversed() {
        if case .pass = frame.scope, let step = frame.parent { indexes.append(step) }
      }
    }
    return indexes.filter { $0 != failed?.index }
  }

  /// The state of each link, with the credits its senders have left.
  var linkFacts: [String] {
    topology.description.links.compactMap { link in
      guard let number = topology.linkNumbers[link.name] else { return nil }
      let down = topology.fabric.credits(ofLink: number, downstream: true)
      let state = "\(topology.fabric.state(ofLink: number))"
      return "link \(link.name): \(state), credits left downstream: posted \(down.posted.headers), "
        + "non-posted \(down.nonPosted.headers)"
    }
  }
}

extension WaitCondition {
  /// What is waited for, for messages.
  var text: String {
    switch self {
    case .console(let node, let pattern): "'\(pattern)' on the console of \(node)"
    case .interrupt(let signal, let node, let source):
      "\(signal.text)\(source.map { " from \($0.text)" } ?? "") at \(node)"
    case .link(let link, let state): "link \(link) \(state.rawValue)"
    case .tests(let node, _): "the end of the tests of \(node)"
    case .exit(let node, _): "the exit of \(node)"
    }
  }
}

extension InterruptSignal {
  /// The interrupt's name, for messages.
  var text: String {
    switch self {
    case .msix(let vector): "msix \(vector)"
    case .msi(let vector): "msi \(vector)"
    case .intx(let pin): "INT\(pin.rawValue)"
    }
  }
}
