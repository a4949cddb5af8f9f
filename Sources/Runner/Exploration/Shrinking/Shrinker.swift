import RunEvents
import SuiteLanguage

/// Makes a failing case smaller for as long as it fails in the same way.
///
/// Chance becomes facts first; then rules go, then steps, then what is left gets shorter. Each smaller case
/// is run, and kept only when its failure has the type and the subject of the first one. Nothing depends on a
/// clock or on the order of a dictionary, so that the same failure always gives the same case.
struct Shrinker<Performer: CasePerformer> {
  private var performer: Performer
  private let plan: Plan
  private let timeoutScale: TimeoutScale
  private(set) var budget: ShrinkBudget
  private(set) var runs = 0
  private var signature: FailureSignature?
  /// Whether the case passes without its faults, so that a smaller one must do so too: then no step is
  /// dropped that others build on.
  private var passesWithoutFaults = false
  var best: CaseInstance
  var trial: Trial

  /// Takes a run that failed; nil when it is none, or cannot be said with a seed of its own.
  ///
  /// - Parameters:
  ///   - task: the case with the seed of the run.
  ///   - failed: the run.
  init?(
    _ task: CaseTask, failed: Trial, by performer: Performer, budget: ShrinkBudget = .usual
  ) {
    guard let signature = failed.signature else { return nil }
    self.performer = performer
    self.budget = budget
    plan = task.plan
    timeoutScale = task.timeoutScale
    best = task.instance
    trial = failed
    // Where the run's seed is not what `seed` in a suite would give, the case gets one that is drawn from it.
    let isOwn = best.settings.seed.map { RunSeeds.caseSeed($0, id: task.instance.id) } == task.seed
    if !isOwn || best.settings.seedCount > 1 { best.settings.seed = task.seed }
    best.settings.seedCount = 1
    best.settings.retries = 0
    best.settings.knownFailure = nil
    self.signature = signature
  }

  /// The smallest case found; nil when not even the first one fails again by itself.
  mutating func shrink() -> CaseInstance? {
    guard start() else { return nil }
    var size: Size
    repeat {
      size = Size(best)
      dropFaults()
      cutTail()
      dropSteps()
      flatten()
      dropFaults()
      simplifyFaults()
      shortenData()
    } while Size(best) != size && !budget.isSpent
    return best
  }

  /// Finds the case to start from: with facts where that fails too, and without faults where these do not
  /// matter.
  private mutating func start() -> Bool {
    var first = best
    first.faults = ChanceFacts.rules(best.faults, struck: trial.strikes)
    if signature?.type == .neverHit { first.faults = best.faults }
    guard adopt(first) || adopt(best) else { return false }
    var bare = best
    bare.faults = []
    let control = run(bare)
    passesWithoutFaults = control.outcome.verdict == .passed
    if control.signature == signature {
      best = bare
      trial = control
    }
    return true
  }

  /// Runs a case with the seed that `run` would give it.
  mutating func run(_ instance: CaseInstance) -> Trial {
    let seed = RunSeeds.caseSeed(instance.settings.seed ?? 0, id: instance.id)
    let task = CaseTask(plan: plan, instance: instance, seed: seed, timeoutScale: timeoutScale)
    let trial = Trial.run(task, by: &performer)
    runs += 1
    budget.take(trial)
    return trial
  }

  /// Keeps a smaller case when it fails in the same way; `changesSteps` asks for the proof that its steps are
  /// still in order.
  mutating func adopt(_ candidate: CaseInstance, changesSteps: Bool = false) -> Bool {
    guard !budget.isSpent else { return false }
    let found = run(candidate)
    guard found.signature == signature else { return false }
    if changesSteps, passesWithoutFaults, !candidate.faults.isEmpty {
      var bare = candidate
      bare.faults = []
      guard run(bare).outcome.verdict == .passed else { return false }
    }
    best = candidate
    trial = found
    return true
  }

  /// Whether steps that write may go; without a run that passes nothing tells whether others build on them.
  var mayDropWrites: Bool { passesWithoutFaults }

  /// What gets smaller.
  private struct Size: Hashable {
    let faults: [FaultRule]
    let steps: [Step]

    init(_ instance: CaseInstance) {
      faults = instance.faults
      steps = instance.steps
    }
  }
}

extension Shrinker {
  /// Drops elements of a list in ever smaller chunks, those at the end first.
  ///
  /// - Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002.
  mutating func reduce<Element>(
    _ list: (CaseInstance) -> [Element], _ without: (inout Self, Range<Int>) -> Bool
  ) {
    var chunk = max(1, list(best).count / 2)
    while true {
      var end = list(best).count
      while end > 0, !budget.isSpent {
        let range = max(0, end - chunk)..<end
        _ = without(&self, range)
        end = min(range.lowerBound, list(best).count)
      }
      if chunk == 1 || budget.isSpent { return }
      chunk /= 2
    }
  }
}
