import Endpoints
import LinkBroker
import PCIe
import RunEvents
import Simulation
import SuiteLanguage

/// Performs the steps of one case on its topology: branches take turns, and time goes on when all of them
/// wait.
struct StepEngine: ~Copyable {
  var topology: CaseTopology
  var data: DataResolver
  let task: CaseTask
  /// The instant of the first step.
  let origin: VirtualTime
  var branches: [StepBranch] = []
  /// Violations that steps expect by the status they name.
  var accounted: Set<Violation> = []
  /// Findings that have been told.
  var findingsTold = 0
  var counts = CaseCounts()
  /// When the last step was done; nil before.
  var ended: VirtualTime?
  /// The step that failed.
  var failed: (step: Step, index: StepIndex)?

  init(topology: consuming CaseTopology, task: CaseTask) {
    origin = topology.fabric.now
    self.topology = topology
    data = DataResolver(seed: task.seed, suitePath: task.plan.source.path)
    self.task = task
  }

  /// The time on the case's clock.
  var time: UInt64 { (topology.fabric.now - origin).picoseconds }
  var caseDeadline: UInt64 { (origin + VirtualDuration(picoseconds: task.timeout.picoseconds)).picoseconds }

  /// How long the steps took, without the look at what still travelled afterwards.
  var duration: UInt64 { ((ended ?? topology.fabric.now) - origin).picoseconds }

  typealias Emit = (Event.Kind, UInt64) -> Void

  /// Performs setup, then the case's own steps.
  mutating func perform(emit: Emit) throws(StepFailure) {
    if !task.instance.setup.isEmpty { try perform(task.instance.setup, in: .setup, emit: emit) }
    try perform(task.instance.steps, in: .steps, emit: emit)
    failed = nil
    ended = topology.fabric.now
    try settle(emit: emit)
  }

  private mutating func perform(_ steps: [Step], in scope: StepIndex.Scope, emit: Emit) throws(StepFailure) {
    branches = [StepBranch(frames: [StepFrame(steps: steps, parent: nil, scope: scope)])]
    while !branches[0].isDone {
      var hasMoved = false
      // Branches that a step adds get their first turn at once.
      var index = 0
      while index < branches.count {
        if try advance(index, emit: emit) { hasMoved = true }
        index += 1
      }
      if !hasMoved { try wait(emit: emit) }
    }
  }

  /// Lets a branch go as far as it can; false when it could not move.
  private mutating func advance(_ branch: Int, emit: Emit) throws(StepFailure) -> Bool {
    var hasMoved = false
    while true {
      if let pending = branches[branch].pending {
        guard try end(pending, branch, emit: emit) else { return hasMoved }
        hasMoved = true
      }
      guard let frame = branches[branch].frames.last else { return hasMoved }
      hasMoved = true
      guard frame.next < frame.steps.count else {
        leaveFrame(branch)
        continue
      }
      try begin(frame.steps[frame.next], frame.index, branch, emit: emit)
    }
  }

  private mutating func leaveFrame(_ branch: Int) {
    let last = branches[branch].frames.count - 1
    if branches[branch].frames[last].startNextPass() { return }
    branches[branch].frames.removeLast()
    if branches[branch].frames.isEmpty, let parent = branches[branch].parent {
      branches[parent].openBranches -= 1
    }
  }

  private mutating func begin(
    _ step: Step, _ index: StepIndex, _ branch: Int, emit: Emit
  ) throws(StepFailure) {
    failed = (step, index)
    branches[branch].frames[branches[branch].frames.count - 1].next += 1
    emit(
      .stepStarted(StepStarted(index: index, span: RunEvents.SourceSpan(step.verbSpan), text: step.label)),
      time)
    counts.steps += 1
    if case .repeat(let times, let steps) = step.action {
      if times > 0, !steps.isEmpty {
        var frame = StepFrame(steps: steps, parent: index, scope: .pass(1, of: times))
        frame.passesLeft = times - 1
        branches[branch].frames.append(frame)
      }
      return
    }
    var work: PendingWork?
    if case .parallel(let lists) = step.action {
      for (number, steps) in lists.enumerated() {
        let scope = StepIndex.Scope.branch(number + 1, of: lists.count)
        branches.append(
          StepBranch(frames: [StepFrame(steps: steps, parent: index, scope: scope)], parent: branch))
      }
      branches[branch].openBranches = lists.count
      work = .branches
    } else {
      work = try start(step, index, emit: emit)
    }
    guard let work else { return try finish(step, index, emit: emit) }
    let limit = step.timeout.map { task.timeoutScale.applied(to: $0).picoseconds }
    let deadline = limit.map { (topology.fabric.now + VirtualDuration(picoseconds: $0)).picoseconds }
    branches[branch].pending = PendingStep(
      step: step, index: index, work: work, deadline: min(deadline ?? .max, caseDeadline))
  }

  /// Ends a pending step that has what it waited for; false when it has not.
  private mutating func end(_ pending: PendingStep, _ branch: Int, emit: Emit) throws(StepFailure) -> Bool {
    switch pending.work {
    case .branches:
      guard branches[branch].openBranches == 0 else { return false }
    case .condition(let condition):
      guard isMet(condition) else { return false }
    case .hostRequest(let operation, let expectation):
      guard let status = topology.rootComplex.status(of: operation) else { return false }
      failed = (pending.step, pending.index)
      let bytes = topology.rootComplex.data(of: operation)
      topology.rootComplex.release(operation)
      try check(status, bytes, expectation, pending.index)
    case .dmaRead(let operation, let node, let expectation):
      guard let endpoint = topology.endpoints[node], let status = endpoint.statusOfDMARead(operation) else {
        return false
      }
      failed = (pending.step, pending.index)
      try check(status, endpoint.endDMARead(operation), expectation, pending.index)
    }
    branches[branch].pending = nil
    try finish(pending.step, pending.index, emit: emit)
    return true
  }

  private mutating func finish(_ step: Step, _ index: StepIndex, emit: Emit) throws(StepFailure) {
    failed = (step, index)
    try judgeFindings(emit: emit)
    emit(.stepEnded(StepEnded(index: index, status: .passed)), time)
  }

  /// Lets the next thing happen, or gives up where nothing can come in time.
  private mutating func wait(emit: Emit) throws(StepFailure) {
    let waiting = branches.compactMap(\.pending).filter {
      if case .branches = $0.work { false } else { true }
    }
    guard let first = waiting.min(by: { $0.deadline < $1.deadline }) else { return }
    if let next = topology.fabric.nextTime, next.picoseconds <= first.deadline {
      topology.fabric.step()
      return
    }
    failed = (first.step, first.index)
    let isOver = topology.fabric.nextTime == nil && first.step.timeout == nil
    if isOver { throw noProgress(first) }
    topology.fabric.run(until: VirtualTime(picoseconds: first.deadline))
    try judgeFindings(emit: emit)
    throw timeout(first)
  }

  /// What still travels when the last step is done may still be wrong.
  private mutating func settle(emit: Emit) throws(StepFailure) {
    let limit = topology.fabric.now + .milliseconds(1)
    topology.fabric.run(until: limit)
    try judgeFindings(emit: emit)
    try judgeRegisters()
  }
}
