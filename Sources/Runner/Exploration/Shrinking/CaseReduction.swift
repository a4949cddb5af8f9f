import RunEvents
import SuiteLanguage

/// From a run that failed to the smallest suite that fails in the same way.
enum CaseReduction {
  /// The smallest suite found; nil when the failure cannot be had again from a suite alone.
  ///
  /// What is returned has been written, loaded and run, so that whoever copies it sees the same failure.
  static func minimal<Performer: CasePerformer>(
    _ task: CaseTask, failed: Trial, by performer: Performer, budget: ShrinkBudget = .usual
  ) -> MinimalCase? {
    guard var shrinker = Shrinker(task, failed: failed, by: performer, budget: budget),
      let signature = failed.signature, let smallest = shrinker.shrink()
    else { return nil }
    let text = CaseWriter(smallest).suite(task.plan.suite)
    let loaded = SuiteLoader.load(path: task.plan.source.path, bytes: Array(text.utf8))
    guard let plan = loaded.plan, let instance = plan.instances.first else { return nil }
    let seed = RunSeeds.caseSeed(instance.settings.seed ?? 0, id: instance.id)
    let again = CaseTask(plan: plan, instance: instance, seed: seed, timeoutScale: task.timeoutScale)
    var performer = performer
    guard Trial.run(again, by: &performer).signature == signature else { return nil }
    return MinimalCase(
      faults: instance.faults.count, steps: instance.steps.reduce(0) { $0 + $1.stepCount },
      runs: shrinker.runs, suite: text)
  }
}

extension Step {
  /// The step with all those within it.
  fileprivate var stepCount: Int {
    switch action {
    case .repeat(_, let steps): 1 + steps.reduce(0) { $0 + $1.stepCount }
    case .parallel(let branches): 1 + branches.joined().reduce(0) { $0 + $1.stepCount }
    default: 1
    }
  }
}
