import Endpoints
import LinkBroker
import Nodes
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
  let clock: CaseClock
  var branches: [StepBranch] = []
  var expected = ExpectedViolations()
  var faults: CaseFaults
  /// Places of branches that have ended.
  private var freeBranches: [Int] = []
  /// Findings that have been told.
  var findingsTold = 0
  var counts = CaseCounts()
  /// When the last step was done; nil before.
  var ended: VirtualTime?
  /// The step that failed.
  var failed: (step: Step, index: StepIndex)?

  init(topology: consuming CaseTopology, task: CaseTask) {
    clock = CaseClock(origin: topology.fabric.now, start: topology.outside?.start)
    self.topology = topology
    faults = CaseFaults(task.instance)
    data = DataResolver(seed: task.seed, suitePath: task.plan.source.path)
    self.task = task
  }

  /// The instant at which the case's clock starts.
  var origin: VirtualTime { clock.origin }
  /// The time on the case's clock.
  var time: UInt64 { (topology.fabric.now - origin).picoseconds }
  var caseDeadline: UInt64 { (origin + VirtualDuration(picoseconds: task.timeout.picoseconds)).picoseconds }

  /// How long the steps took, without the look at what still travelled afterwards.
  var duration: UInt64 { ((ended ?? topology.fabric.now) - origin).picoseconds }

  typealias Emit = (Event.Kind, UInt64) -> Void

  /// Performs setup, then the case's own steps, with which its faults are armed.
  mutating func perform(emit: Emit) throws(StepFailure) {
    try startNodes(emit: emit)
    if !task.instance.setup.isEmpty { try perform(task.instance.setup, in: .setup, emit: emit) }
    try armFaults()
    try perform(task.instance.steps, in: .steps, emit: emit)
    failed = nil
    ended = topology.fabric.now
    try settle(emit: emit)
  }

  private mutating func perform(_ steps: [Step], in scope: StepIndex.Scope, emit: Emit) throws(StepFailure) {
    branches = [StepBranch(frames: [StepFrame(steps: steps, parent: nil, scope: scope)])]
    freeBranches = []
    try performBranches(emit: emit)
  }

  /// Lets all branches go on until they are done, with those that faults add meanwhile.
  mutating func performBranches(emit: Emit) throws(StepFailure) {
    while true {
      addSignalledSteps()
      if branches.allSatisfy(\.isDone) { return }
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
        leaveFrame(branch, emit: emit)
        continue
      }
      try begin(frame.steps[frame.next], frame.index, branch, emit: emit)
      // What a fault wants done is done before the next step of anybody else.
      if topology.fabric.hasSignals { return true }
    }
  }

  private mutating func leaveFrame(_ branch: Int, emit: Emit) {
    let last = branches[branch].frames.count - 1
    if branches[branch].frames[last].startNextPass() { return }
    let frame = branches[branch].frames.removeLast()
    if case .pass = frame.scope, let step = frame.parent {
      emit(.stepEnded(StepEnded(index: step, status: .passed)), time)
    }
    guard branches[branch].frames.isEmpty, branch > 0 else { return }
    if let parent = branches[branch].parent { branches[parent].openBranches -= 1 }
    freeBranches.append(branch)
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
    expected.begin(step.expectedViolation)
    var work: PendingWork?
    switch step.action {
    case .repeat(let times, let steps) where times > 0 && !steps.isEmpty:
      var frame = StepFrame(steps: steps, parent: index, scope: .pass(1, of: times))
      frame.passesLeft = times - 1
      return branches[branch].frames.append(frame)
    case .repeat: break
    case .parallel(let lists):
      for (number, steps) in lists.enumerated() {
        let frame = StepFrame(steps: steps, parent: index, scope: .branch(number + 1, of: lists.count))
        add(StepBranch(frames: [frame], parent: branch))
      }
      branches[branch].openBranches = lists.count
      work = .branches
    default: work = try start(step, index, emit: emit)
    }
    guard let work else { return try finish(step, index, emit: emit) }
    let step = withLimit(step)
    let limit = step.timeout.map { task.timeoutScale.applied(to: $0).picoseconds }
    let deadline = limit.map { (topology.fabric.now + VirtualDuration(picoseconds: $0)).picoseconds }
    branches[branch].pending = PendingStep(
      step: step, index: index, work: work, deadline: min(deadline ?? .max, caseDeadline))
  }

  /// Adds a branch in the place of one that has ended, so that their number stays that of those at work.
  mutating func add(_ branch: StepBranch) {
    if let free = freeBranches.popLast() { branches[free] = branch } else { branches.append(branch) }
  }

  /// Ends a pending step that has what it waited for; false when it has not.
  private mutating func end(_ pending: PendingStep, _ branch: Int, emit: Emit) throws(StepFailure) -> Bool {
    switch pending.work {
    case .branches:
      guard branches[branch].openBranches == 0 else { return false }
    case .condition(let condition):
      guard isMet(condition) else { return false }
      failed = (pending.step, pending.index)
      try checkExit(condition)
      try checkTests(condition, emit: emit)
    case .invalidating(let tag, _):
      guard !topology.rootComplex.core.invalidations.isAwaited(tag) else { return false }
    case .starting(let node):
      failed = (pending.step, pending.index)
      guard try isJoined(node), try isUp(node) else { return false }
      try setUp(node)
    case .plugging(var plugging):
      failed = (pending.step, pending.index)
      let isDone = try isDone(&plugging)
      branches[branch].pending?.work = .plugging(plugging)
      guard isDone else { return false }
    case .stopping(let node):
      guard topology.outside?.attend(node) ?? true else { return false }
    case .agent(var request, let expectation):
      failed = (pending.step, pending.index)
      let isDone = try request.advance()
      branches[branch].pending?.work = .agent(request, expectation)
      guard isDone else { return false }
      try check(.successful, request.bytes, expectation, pending.index)
    case .posting(var write):
      failed = (pending.step, pending.index)
      let isDone = try write.advance(&topology)
      branches[branch].pending?.work = .posting(write)
      guard isDone else { return false }
    case .script(var script):
      failed = (pending.step, pending.index)
      let isDone = try script.advance(&topology)
      branches[branch].pending?.work = .script(script)
      guard isDone else { return false }
    case .management(var work):
      failed = (pending.step, pending.index)
      let isDone = try work.advance(&topology)
      branches[branch].pending?.work = .management(work)
      guard isDone else { return false }
    case .hostRequest(let operation, let expectation):
      guard let status = topology.status(of: operation) else { return false }
      failed = (pending.step, pending.index)
      let bytes = topology.host.data(of: operation)
      topology.host.release(operation)
      if status == .requestRetry, pending.step.mayAskAgain {
        let pause = askAgain()
        branches[branch].pending?.work = pause
        return false
      }
      try check(status, bytes, expectation, pending.index)
    case .askingAgain(let time):
      guard topology.fabric.now >= time else { return false }
      failed = (pending.step, pending.index)
      let work = try start(pending.step, pending.index, emit: emit)
      if let work { branches[branch].pending?.work = work }
      return false
    case .dmaRead(let operation, let endpoint, let expectation):
      guard let status = endpoint.statusOfDMARead(operation) else { return false }
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
    expected.end(step.expectedViolation)
    topology.fabric.renewPatience()
    guard topology.fabric.now.picoseconds <= caseDeadline else { throw overrun(step) }
    emit(.stepEnded(StepEnded(index: index, status: .passed)), time)
  }

  /// Lets things happen until a step may go on, or gives up where nothing can come in time.
  private mutating func wait(emit: Emit) throws(StepFailure) {
    var earliest: Int?
    var deadline = UInt64.max
    for index in branches.indices {
      if case .others = branches[index].need { continue }
      let own = branches[index].pending?.deadline ?? .max
      if earliest == nil || own < deadline { (earliest, deadline) = (index, own) }
    }
    guard let earliest else { return }
    if topology.fabric.livelock != nil, let first = branches[earliest].pending {
      failed = (first.step, first.index)
      try judgeLivelock()
    }
    if let outside = topology.outside, let first = branches[earliest].pending {
      return try wait(for: first, on: outside, emit: emit)
    }
    var hasStepped = false
    while let next = topology.fabric.nextTime, next.picoseconds <= deadline {
      topology.fabric.step()
      hasStepped = true
      if mayAnyGoOn || topology.fabric.hasSignals { return }
    }
    if hasStepped { return }
    guard let first = branches[earliest].pending else { return }
    failed = (first.step, first.index)
    let isOver = topology.fabric.nextTime == nil && first.step.timeout == nil
    if isOver { throw noProgress(first) }
    topology.fabric.run(until: VirtualTime(picoseconds: first.deadline))
    try judgeFindings(emit: emit)
    throw timeout(first)
  }

  /// Whether a pending step may have what it waits for; costs little, as it is asked after each event.
  var mayAnyGoOn: Bool {
    for index in branches.indices where branches[index].mayGoOn(topology) { return true }
    return false
  }
}
