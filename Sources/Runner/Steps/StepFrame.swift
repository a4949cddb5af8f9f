import RunEvents
import SuiteLanguage

/// A list of steps in progress: the case, a pass of a `repeat`, or a branch of a `parallel`.
struct StepFrame {
  let steps: [Step]
  /// The step that the list belongs to, nil for the case itself.
  let parent: StepIndex?
  var scope: StepIndex.Scope
  /// The next step.
  var next = 0
  /// Passes still to come after this one.
  var passesLeft = 0

  /// The index of the step at `next`.
  var index: StepIndex {
    if let parent { return parent.nested(next + 1, of: steps.count, in: scope) }
    return StepIndex(levels: [.init(next + 1, of: steps.count, in: scope)])
  }

  /// Starts the next pass; false when there is none.
  mutating func startNextPass() -> Bool {
    guard passesLeft > 0, case .pass(let pass, let count) = scope else { return false }
    passesLeft -= 1
    scope = .pass(pass + 1, of: count)
    next = 0
    return true
  }
}
