import LinkBroker
import Nodes
import PCIe
import RunEvents
import Simulation
import SuiteLanguage

// What processes do, and what a case does to them.
extension StepEngine {
  /// Starts the nodes that start by themselves, and waits until all of them are up.
  mutating func startNodes(emit: Emit) throws(StepFailure) {
    guard let outside = topology.outside else { return }
    let nodes = outside.nodes.filter { topology.description.node($0.name)?.startsAutomatically ?? false }
    let begins = nodes.contains { !$0.isUp }
    for node in nodes where node.process == nil { try outside.start(node) }
    for node in nodes {
      let limit = node.board.ready.map { task.timeoutScale.applied(to: $0.timeout) }
      let deadline = min(limit.map { (origin + VirtualDuration($0)).picoseconds } ?? .max, caseDeadline)
      while true {
        // Whoever comes to the door of another node would else end every wait at once.
        for other in nodes where other !== node { _ = try isJoined(other) }
        if try isJoined(node), try isUp(node) {
          try setUp(node)
          break
        }
        guard let now = clock.now, now.picoseconds < deadline else { throw neverUp(node, limit) }
        try wait(on: outside, until: VirtualTime(picoseconds: deadline))
        // Events that are due would else end every wait at once.
        _ = catchUp()
        notice(emit: emit)
      }
    }
    try judgeFindings(emit: emit)
    // What stays begins as it does for the next case: nothing of its start is counted.
    if begins, topology.description.keptRoot != nil { topology.renew(seed: task.seed) }
  }

  /// Whether a node shows that it is up.
  func isUp(_ node: OutsideNode) throws(StepFailure) -> Bool {
    if let processor = node.processor, !processor.isSetUp {
      guard let end = node.end else { return false }
      throw StepFailure(
        type: .violation, message: "\(node.name) \(end.ending) before it was up",
        facts: ["its qtest was to call at \(processor.path)"], subject: "node-exit")
    }
    guard let ready = node.board.ready, !node.isUp else { return true }
    node.isUp = node.withConsole { $0.claim(ConsolePattern(ready.pattern), for: "ready") }
    if node.isUp { return true }
    guard let end = node.end else { return false }
    throw StepFailure(
      type: .violation, message: "\(node.name) \(end.ending) before it was up",
      facts: ["its board waits for '\(ready.pattern)' on its console"], subject: "node-exit")
  }

  private func neverUp(_ node: OutsideNode, _ limit: TimeSpan?) -> StepFailure {
    let pattern = node.board.ready?.pattern ?? ""
    let span = min(limit ?? task.timeout, task.timeout)
    if let outside = topology.outside, let end = node.ends.first(where: \.isOpen) {
      return outside.neverCame(node, end, span)
    }
    let wanted =
      if let processor = node.processor, !processor.isSetUp {
        "its qtest was to call at \(processor.path) and to answer"
      } else { "its board waits for '\(pattern)' on its console" }
    return StepFailure(
      type: .timeout, message: "\(node.name) was not up within \(span)", facts: [wanted])
  }

  func outsideNode(_ name: String) throws(StepFailure) -> OutsideNode {
    guard let node = topology.outside?[name] else { throw .expectation("\(name) is no process") }
    return node
  }

  mutating func start(node name: String) throws(StepFailure) -> PendingWork {
    if topology.description.node(name)?.model != nil { return try plug(name) }
    let node = try outsideNode(name)
    guard node.process == nil else {
      throw .expectation(
        node.isRunning ? "\(name) runs already" : "\(name) has ended and was not stopped; stop it first")
    }
    do throws(NodeProblem) { try node.reopen() } catch {
      throw .trouble(.simulator, "\(error)")
    }
    try topology.outside?.start(node)
    return .starting(node)
  }

  mutating func stop(node name: String) throws(StepFailure) -> PendingWork {
    if topology.description.node(name)?.model != nil { return try unplug(name) }
    let node = try outsideNode(name)
    guard node.process != nil else { throw .expectation("\(name) does not run") }
    node.beginStop(at: .now)
    topology.outside?.loop.excuse(name)
    return .stopping(node)
  }

  func send(_ line: Step.ConsoleLine) throws(StepFailure) { try outsideNode(line.node).send(line.line) }

  /// Checks a pattern before a step relies on it.
  func pattern(_ text: String) throws(StepFailure) -> ConsolePattern {
    let pattern = ConsolePattern(text)
    guard pattern.isUsable else { throw .expectation("'\(text)' is no regular expression") }
    return pattern
  }

  func checkConsole(_ name: String, _ text: String, isPresent: Bool) throws(StepFailure) {
    let pattern = try pattern(text)
    let node = try outsideNode(name)
    let (holds, dropped) = node.withConsole { ($0.holds(pattern), $0.droppedBytes) }
    if holds == isPresent { return }
    let what = isPresent ? "no line of the console of \(name) holds" : "the console of \(name) shows"
    throw .expectation(
      "\(what) '\(text)'",
      facts: dropped > 0 ? ["the first \(dropped) bytes of the console are no longer kept"] : [],
      subject: "console")
  }

  /// Holds the end of a process against what a step expects.
  func check(_ end: ProcessEnd, of name: String, _ expectation: ExitExpectation?) throws(StepFailure) {
    let isMet =
      switch (expectation, end) {
      case (nil, _): true
      case (.status(let status)?, .exited(let code)): code == CInt(status)
      case (.signal(let signal)?, .killed(let number)): number == signal.number
      default: false
      }
    guard let expectation, !isMet else { return }
    throw .expectation("expected \(name) to \(expectation.text); it \(end.ending)", subject: "exit")
  }
}

extension StepEngine {
  /// Holds the end of a process that was waited for against what the step expects.
  func checkExit(_ condition: WaitCondition) throws(StepFailure) {
    guard case .exit(let name, let expectation) = condition, let end = topology.outside?[name]?.end else {
      return
    }
    try check(end, of: name, expectation)
  }
}

// Tests that a program tells of.
extension StepEngine {
  /// Holds the tests that were waited for against what every suite expects: all are told, and none failed.
  func checkTests(_ condition: WaitCondition, emit: Emit) throws(StepFailure) {
    guard case .tests(let name, _) = condition, let node = topology.outside?[name] else { return }
    tellTests(of: node, emit: emit)
    defer { node.talk.tests = nil }
    if let failure = node.talk.tests?.failure(of: name) { throw failure }
  }

  private func tellTests(of node: OutsideNode, emit: Emit) {
    for record in node.talk.tests?.takeNews(of: node.name) ?? [] { emit(.test(record), time) }
  }
}

// The real clock.
extension StepEngine {
  /// Lets the fabric's events happen whose instant has come, and the programs at its edge exchange what is
  /// there; answers whether there was anything.
  mutating func catchUp() -> Bool {
    guard let outside = topology.outside, clock.now != nil else { return false }
    return outside.loop.serve(&topology.fabric) { [clock] in clock.now ?? .never }
  }

  /// Waits until a node or a program at its link has news, an event is due, or an instant comes.
  func wait(on outside: OutsideNodes, until time: VirtualTime) throws(StepFailure) {
    var next = time
    for node in outside.nodes { next = min(next, node.thawsAt.map(VirtualTime.init) ?? next) }
    do throws(SystemError) { try outside.wait(topology.fabric, on: clock, until: next) } catch {
      throw .trouble(.harness, "\(error)")
    }
  }

  /// Takes the news of processes and of the fabric without waiting.
  mutating func look(emit: Emit) throws(StepFailure) {
    guard let outside = topology.outside else { return }
    do throws(SystemError) { _ = try outside.look() } catch { throw .trouble(.harness, "\(error)") }
    _ = catchUp()
    notice(emit: emit)
  }

  /// Lets things happen in real time until a step may go on, or its time is over.
  mutating func wait(
    for first: PendingStep, on outside: OutsideNodes, emit: Emit
  ) throws(StepFailure) {
    try checkHope(of: first)
    outside.hasNews = false
    while true {
      let hasMoved = catchUp()
      // What a program has sent before its goodbye is there before it is gone.
      if hasMoved, outside.loop.hasGoodbye, mayAnyGoOn { return }
      notice(emit: emit)
      if topology.fabric.hasSignals { return }
      if topology.fabric.findings.count > findingsTold {
        failed = (first.step, first.index)
        try judgeFindings(emit: emit)
      }
      if hasMoved || outside.hasNews, mayAnyGoOn { return }
      outside.hasNews = false
      if topology.fabric.now.picoseconds >= first.deadline {
        failed = (first.step, first.index)
        try judgeFindings(emit: emit)
        throw timeout(first)
      }
      try wait(on: outside, until: VirtualTime(picoseconds: first.deadline))
    }
  }

  /// Gives up a line that cannot come: its process has ended, and no other branch could start it again.
  private mutating func checkHope(of pending: PendingStep) throws(StepFailure) {
    guard case .condition(.console(let name, let pattern)) = pending.work,
      let process = topology.outside?[name]?.process, process.isSilent, let end = process.end,
      branches.count(where: { !$0.isDone }) == 1
    else { return }
    failed = (pending.step, pending.index)
    throw StepFailure(
      type: .noProgress, message: "\(name) \(end.ending), and '\(pattern)' had not come on its console")
  }

  /// What still travels after the last step, in real time.
  mutating func settle(on outside: OutsideNodes, emit: Emit) throws(StepFailure) {
    try look(emit: emit)
    var end = topology.fabric.now + .milliseconds(1)
    while true {
      end = max(end, min(faultsEnd, VirtualTime(picoseconds: caseDeadline)))
      _ = catchUp()
      notice(emit: emit)
      if topology.fabric.hasSignals {
        try performBranches(emit: emit)
        failed = nil
        end = topology.fabric.now + .milliseconds(1)
      }
      try judgeFindings(emit: emit)
      if topology.fabric.now >= end { return }
      try wait(on: outside, until: end)
    }
  }
}

// What the case makes of the news.
extension StepEngine {
  /// Judges ends of processes, lets faults act on processes, and tells what consoles show.
  mutating func notice(emit: Emit) {
    guard let outside = topology.outside else { return }
    applyStrikes()
    noticeLinks(of: outside, emit: emit)
    for node in outside.nodes {
      if let time = node.thawsAt, time <= topology.fabric.now.picoseconds {
        node.thawsAt = nil
        node.process?.thaw()
      }
      noticeProcessor(of: node)
      judgeEnd(of: node)
      OutsideNodes.tell(node.withConsole { $0.takeHead() }, of: node, on: clock, emit: emit)
      tellTests(of: node, emit: emit)
    }
    // What a console line brings about is done before the next step of anybody.
    if triggerFaults() { applyStrikes() }
  }

  private mutating func applyStrikes() {
    let strikes = topology.fabric.strikes
    for strike in strikes[faults.applied...] { apply(strike) }
    faults.applied = strikes.count
  }

  private func apply(_ strike: FaultStrike) {
    switch faults.rules[strike.rule].action {
    case .kill(let name):
      guard let node = topology.outside?[name], node.end == nil else { return }
      node.judgement = .killed
      node.process?.kill()
    case .hang(let name):
      guard let node = topology.outside?[name] else { return }
      node.process?.freeze()
      node.thawsAt = strike.value == 0 ? nil : strike.time.picoseconds &+ strike.value
    default: return
    }
  }

  /// An end that nobody has asked for and nobody waits for is a violation.
  private mutating func judgeEnd(of node: OutsideNode) {
    guard node.judgement == .open, let process = node.process, let end = process.end, process.deadline == nil
    else {
      return
    }
    node.judgement = .passed
    if task.instance.awaitsExit(of: node.name) { return }
    let last = process.console.last(1).first.map { "; its last line was '\($0.text)'" } ?? ""
    topology.fabric.report(
      LinkBroker.Finding(
        time: topology.fabric.now, violation: .nodeExit, node: node.number,
        text: "its process \(end.ending)\(last)"))
  }

  /// Starts the faults that wait for a console line; answers whether there were any.
  private mutating func triggerFaults() -> Bool {
    guard faults.roles != nil else { return false }
    var hasTriggered = false
    for (index, rule) in faults.rules.enumerated() {
      guard case .console(let name, let text)? = rule.trigger.after, let node = topology.outside?[name]
      else { continue }
      let isSeen = node.withConsole { $0.claim(ConsolePattern(text), for: "fault \(index)") }
      guard isSeen else { continue }
      topology.fabric.trigger(index)
      hasTriggered = true
    }
    return hasTriggered
  }
}

extension CaseInstance {
  /// Whether a step of the case waits for the end of a node's process, so that it may end.
  func awaitsExit(of node: String) -> Bool { (setup + steps).contains { $0.awaitsExit(of: node) } }
}

extension Step {
  fileprivate func awaitsExit(of node: String) -> Bool {
    switch action {
    case .wait(.exit(node, _)): true
    case .repeat(_, let steps): steps.contains { $0.awaitsExit(of: node) }
    case .parallel(let branches): branches.joined().contains { $0.awaitsExit(of: node) }
    default: false
    }
  }
}

extension ExitExpectation {
  /// The expectation behind `expected … to`.
  var text: String {
    switch self {
    case .status(let status): "exit with status \(status)"
    case .signal(let signal): "be killed by SIG\(signal.rawValue)"
    }
  }
}

extension VirtualDuration {
  init(_ span: TimeSpan) { self.init(picoseconds: span.picoseconds) }
}
