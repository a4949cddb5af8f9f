import Endpoints
import LinkBroker
import RunEvents
import Simulation
import SuiteLanguage

/// One line of execution: the case's own, or a branch of a `parallel`.
struct StepBranch {
  /// The lists of steps it is in, the innermost last.
  var frames: [StepFrame]
  /// The step that it waits for.
  var pending: PendingStep? {
    didSet { need = WakeNeed(pending?.work) }
  }
  /// What the pending step needs to go on.
  private(set) var need = WakeNeed.others
  /// The branch whose `parallel` step this one belongs to.
  var parent: Int?
  /// Branches of its own `parallel` step that have not ended.
  var openBranches = 0

  var isDone: Bool { frames.isEmpty && pending == nil }

  init(frames: [StepFrame], parent: Int? = nil) {
    self.frames = frames
    self.parent = parent
  }

  /// Whether the pending step may have what it waits for.
  func mayGoOn(_ topology: borrowing CaseTopology) -> Bool {
    switch need {
    case .others: false
    case .look: true
    case .process: topology.outside?.hasNews ?? true
    case .request(let operation): topology.status(of: operation) != nil
    case .time(let time): topology.fabric.now >= time
    case .work:
      switch pending?.work {
      case .posting(let write): write.canAdvance(topology.fabric)
      case .script(let script): script.canAdvance(topology)
      case .management(let work): work.canAdvance(topology)
      case .dmaRead(let operation, let endpoint, _): endpoint.statusOfDMARead(operation) != nil
      default: true
      }
    }
  }
}

/// What a pending step needs to go on, without what it does then: asked after each event, it must cost
/// nothing to copy.
enum WakeNeed {
  /// Something that other branches do, or nothing at all.
  case others
  /// A look after each event.
  case look
  /// A look after news of a process.
  case process
  case request(RequestOperation)
  case time(VirtualTime)
  /// What the work itself knows.
  case work

  init(_ work: PendingWork?) {
    switch work {
    case nil, .branches: self = .others
    case .condition(.console), .condition(.exit), .stopping, .agent: self = .process
    case .condition, .invalidating, .starting, .plugging: self = .look
    case .hostRequest(let operation, _): self = .request(operation)
    case .askingAgain(let time): self = .time(time)
    case .posting, .script, .dmaRead, .management: self = .work
    }
  }
}

/// A step that has begun and not ended.
struct PendingStep {
  var step: Step
  var index: StepIndex
  var work: PendingWork
  /// When the step is given up.
  ///
  /// - Units: picoseconds of the fabric's clock.
  var deadline: UInt64
}
