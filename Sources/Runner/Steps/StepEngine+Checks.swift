import Endpoints
import LinkBroker
import Nodes
import PCIe
import RunEvents
import Simulation
import SuiteLanguage

// What a case expects, and what it must not do.
extension StepEngine {
  mutating func check(
    _ status: RequestStatus, _ bytes: [UInt8], _ expectation: ReadExpectation, _ index: StepIndex
  ) throws(StepFailure) {
    counts.checks += 1
    guard status.word == expectation.status || expectation.status == .any else {
      throw .expectation(
        "expected status \(expectation.status.rawValue), got \(status.text)", facts: statusFacts(status),
        subject: "status \(status.word.rawValue)")
    }
    // Only a request that has got its data can be held to it.
    if expectation.status == .any, status != .successful { return }
    data.save(bytes, as: expectation.save)
    guard let source = expectation.data else { return }
    counts.checks += 1
    let expected = try data.bytes(source, step: index)
    if let failure = DataComparison.failure(expected: expected, seen: bytes, mask: expectation.mask) {
      throw failure
    }
  }

  /// What may be wrong with a status that nobody has told.
  private func statusFacts(_ status: RequestStatus) -> [String] {
    guard topology.program != nil, status == .successful else { return [] }
    return ["QEMU gives data and no status; what a link of the suite has not carried counts as successful"]
  }

  mutating func check(_ check: Check) throws(StepFailure) {
    counts.checks += 1
    switch check {
    case .console(let node, let text, let isPresent): try checkConsole(node, text, isPresent: isPresent)
    case .counter(let counter, let bound):
      guard let value = topology.value(of: counter) else {
        throw .expectation("\(counter.text) is not counted here\(reasonOfSilence(counter))")
      }
      guard bound.admits(value) else {
        throw .expectation("expected \(counter.text) \(bound.text), got \(value)", subject: counter.text)
      }
    case .advancedErrorReporting: preconditionFailure("error registers are read by a script")
    }
  }

  func isMet(_ condition: WaitCondition) -> Bool {
    switch condition {
    case .console(let node, let text):
      topology.outside?[node]?.withConsole { $0.claim(ConsolePattern(text)) } ?? false
    case .tests(let node, let form): topology.outside?[node]?.hasToldTests(form) ?? false
    case .exit(let node, _): topology.outside?[node]?.end != nil
    case .link(let link, let state):
      topology.linkNumbers[link].map {
        topology.fabric.state(ofLink: $0) == (state == .up ? .up : .down)
      } ?? false
    case .interrupt(let signal, _, let source): claim(signal, from: source)
    }
  }

  /// Takes one arrival of an interrupt, so that two waits want two of them.
  private func claim(_ signal: InterruptSignal, from source: FunctionTarget?) -> Bool {
    var node: String?
    if case .node(let name)? = source { node = name }
    let function =
      source.flatMap { topology.address(of: $0) } ?? node.flatMap { topology.endpoints[$0]?.function.id }
    if source != nil, function == nil { return false }
    if let program = topology.program { return claim(signal, from: source, function, at: program) }
    if topology.description.hasOutsideRoot {
      guard case .msix(let vector) = signal else { return false }
      return topology.outsideHosts(above: node).contains {
        $0.claimInterrupt(vector: vector, from: function)
      }
    }
    switch signal {
    case .msix(let vector):
      return topology.rootComplex.claimInterrupt(.msix, vector: vector, from: function)
    case .msi(let vector) where node == topology.description.root?.name:
      return topology.rootComplex.core.ports.ports.contains {
        topology.rootComplex.claimInterrupt(.msi, vector: vector, from: $0.bridge.id)
      }
    case .msi(let vector):
      return topology.rootComplex.claimInterrupt(.msi, vector: vector, from: function)
    case .intx(let pin):
      let wire = InterruptPin.allCases.firstIndex(of: pin) ?? 0
      guard node == nil, let function else { return claimWire(wire, from: node) }
      guard let path = topology.wirePath(from: function, wire) else { return false }
      return topology.rootComplex.claimInterrupt(
        .intx, vector: path.wire, from: FunctionAddress(bus: 0, device: path.device, function: 0))
    }
  }

  /// The same at a program whose processor the harness plays.
  private func claim(
    _ signal: InterruptSignal, from source: FunctionTarget?, _ function: FunctionAddress?,
    at program: QTestProcessor
  ) -> Bool {
    switch signal {
    case .msix(let vector): return program.claim(.msix, vector: vector, from: function)
    case .msi(let vector): return program.claim(.msi, vector: vector, from: function)
    case .intx(let pin):
      let wire = InterruptPin.allCases.firstIndex(of: pin) ?? 0
      guard let function else { return program.claimWire(wire, ofDevice: nil) }
      guard let path = topology.wirePath(from: function, wire) else { return false }
      return program.claimWire(path.wire, ofDevice: path.device)
    }
  }

  /// Takes an assertion of a wire, by its name at the root complex or at the node that it is to come from.
  private func claimWire(_ wire: Int, from node: String?) -> Bool {
    guard let node else {
      return topology.rootComplex.claimInterrupt(.intx, vector: wire, from: nil)
    }
    if node == topology.description.root?.name {
      return topology.rootComplex.core.ports.ports.contains {
        topology.rootComplex.claimInterrupt(.intx, vector: wire, from: $0.bridge.id)
      }
    }
    guard let path = topology.wirePath(from: node, wire) else { return false }
    return topology.rootComplex.claimInterrupt(.intx, vector: path.wire, from: path.rootPort)
  }

  /// Tells what checkers have found since the last look, and fails on what the case does not allow.
  mutating func judgeFindings(emit: Emit) throws(StepFailure) {
    try look(emit: emit)
    if let failure = tellFindings(emit: emit) { throw failure }
  }

  /// Tells what checkers have found since the last look.
  ///
  /// - Returns: the first finding that the case does not allow.
  mutating func tellFindings(emit: Emit) -> StepFailure? {
    takeStrikes()
    let findings = topology.fabric.findings
    var failure: StepFailure?
    for finding in findings[findingsTold...] {
      tellStrikes(until: finding.time, emit: emit)
      let isAllowed = allows(finding)
      let place = place(of: finding)
      emit(
        .finding(
          RunEvents.Finding(
            violation: finding.violation.rawValue, place: place, text: finding.text, allowed: isAllowed)),
        (finding.time - origin).picoseconds)
      if !isAllowed, failure == nil {
        failure = StepFailure(
          type: .violation, message: "\(finding.violation.rawValue) at \(place): \(finding.text)",
          facts: ["allow: [\(finding.violation.rawValue)] in the case would permit it"],
          subject: "found \(finding.violation.rawValue)")
      }
    }
    findingsTold = findings.count
    tellStrikes(until: topology.fabric.now, emit: emit)
    return failure
  }

  private func allows(_ finding: LinkBroker.Finding) -> Bool {
    task.instance.allowed.contains(finding.violation) || expected.isExpected(finding.violation)
      || faults.demands.predict(finding.violation, atNode: finding.node)
  }

  private func place(of finding: LinkBroker.Finding) -> String {
    let node = finding.node < topology.nodeNames.count ? topology.nodeNames[finding.node] : "?"
    guard finding.link >= 0 else { return node }
    let link = topology.linkNumbers.first { $0.value == finding.link }?.key
    return link.map { "\(node), link \($0)" } ?? node
  }
}

extension CounterReference {
  /// The counter as suites write it.
  var text: String {
    switch self {
    case .link(let link, let counter): "\(link).\(counter.rawValue)"
    case .node(let node, let counter): "\(node).\(counter.rawValue)"
    }
  }
}

extension CounterBound {
  /// The bound for messages.
  var text: String {
    switch self {
    case .equals(let value): "to be \(value)"
    case .atLeast(let value): "to be at least \(value)"
    case .atMost(let value): "to be at most \(value)"
    }
  }
}
