import RunEvents
import SuiteLanguage

/// One line of execution: the case's own, or a branch of a `parallel`.
struct StepBranch {
  /// The lists of steps it is in, the innermost last.
  var frames: [StepFrame]
  /// The step that it waits for.
  var pending: PendingStep?
  /// The branch whose `parallel` step this one belongs to.
  var parent: Int?
  /// Branches of its own `parallel` step that have not ended.
  var openBranches = 0

  var isDone: Bool { frames.isEmpty && pending == nil }
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

  /// Whether only other branches can end it.
  var isHeldByBranches: Bool {
    if case .branches = work { true } else { false }
  }
}
