import RunEvents
import Simulation
public import SuiteLanguage

/// Runs random scenarios with random faults, one for each seed, and makes those that fail smaller.
///
/// A schedule is a case that stands in no file: only one that fails is written as a suite, read and run
/// again, so that what is told of it is what whoever runs that suite sees.
public struct Exploration {
  private let plan: ExplorationPlan
  private let grounds: [Ground]
  private var performer: FabricPerformer

  /// A topology with the case that is drawn for it.
  private struct Ground {
    let composer: ScheduleComposer
    /// The suite that the case stands in.
    let suite: Plan
    /// The case without what its seed decides.
    let blank: CaseInstance

    func instance(_ seed: UInt64) -> CaseInstance { composer.compose(blank, seed: seed) }
  }

  /// The name of generated cases.
  public static let caseName = "explored"
  /// The time of generated cases: more than any fault takes from them.
  private static let timeout = TimeSpan.seconds(600)

  /// Explores the topologies of some cases of a suite.
  ///
  /// - Throws: why one of them cannot be explored.
  public init(_ plan: ExplorationPlan, suite: Plan, cases: [CaseInstance]) throws(ExplorationError) {
    try self.init(plan, suite: suite, cases: cases, by: FabricPerformer())
  }

  init(
    _ plan: ExplorationPlan, suite: Plan, cases: [CaseInstance], by performer: FabricPerformer
  ) throws(ExplorationError) {
    self.plan = plan
    self.performer = performer
    var grounds: [Ground] = []
    var seen: Set<Topology> = []
    for instance in cases where seen.insert(instance.topology).inserted {
      grounds.append(try Self.ground(instance, suite, plan))
    }
    guard !grounds.isEmpty else { throw .nothingToDo("no case") }
    self.grounds = grounds
  }

  private static func ground(
    _ instance: CaseInstance, _ suite: Plan, _ plan: ExplorationPlan
  ) throws(ExplorationError) -> Ground {
    let ground = try ExplorationGround(instance.topology)
    var blank = instance
    blank.caseName = caseName
    blank.assignment = []
    blank.steps = []
    blank.faults = []
    blank.allowed = []
    if blank.setup.isEmpty {
      // More host memory would only have to be cleared for each schedule.
      for index in blank.topology.nodes.indices {
        guard case .model(var settings) = blank.topology.nodes[index].player, settings.memory > 0 else {
          continue
        }
        settings.memory = min(settings.memory, max(4096, ground.hostMemory))
        blank.topology.nodes[index].player = .model(settings)
      }
    }
    blank.settings = CaseSettings(timeout: timeout)
    let loaded = try load(blank, suite)
    if !loaded.instance.requiresUnbuilt.isEmpty { throw .unbuilt(loaded.instance.requiresUnbuilt) }
    if loaded.instance.hasOutsideNodes { throw .unbuilt(["exploring with processes"]) }
    return Ground(
      composer: ScheduleComposer(plan: plan, ground: ground), suite: loaded.plan, blank: loaded.instance)
  }

  /// The seed of the schedule of that number, from zero.
  public func seed(_ number: Int) -> UInt64 { FixedHash.seed(plan.seed, "explore", "\(number)") }

  /// Runs the schedule of a number; nothing but the plan and the number decides what happens.
  public mutating func run(_ number: Int) throws(ExplorationError) -> ExploredSchedule {
    let place = grounds[number % grounds.count]
    var instance = place.instance(seed(number))
    var trial = perform(place.suite, instance)
    var work = CaseCounts()
    work.add(trial.outcome.counts)
    // A moment may come too late, or a match never: such rules are no part of the schedule.
    while trial.outcome.verdict == .failed(.neverHit) {
      let struck = Set(trial.strikes.map(\.rule))
      let left = instance.faults.indices.filter { struck.contains($0 + 1) }.map { instance.faults[$0] }
      guard left.count < instance.faults.count else { break }
      instance.faults = left
      trial = perform(place.suite, instance)
      work.add(trial.outcome.counts)
    }
    var minimal: MinimalCase?
    if trial.signature != nil {
      let loaded = try Self.load(instance, place.suite)
      let task = Self.task(loaded.plan, loaded.instance)
      let again = Trial.run(task, by: &performer)
      guard again.signature == trial.signature else { throw .otherwise(trial.outcome.message) }
      trial = again
      minimal = CaseReduction.minimal(task, failed: trial, by: performer)
    }
    var result = ExploredSchedule(
      number: number, seed: seed(number), outcome: trial.outcome, counts: work, suite: place.suite.suite,
      instance: instance)
    for strike in trial.strikes { result.strikes[strike.id, default: 0] += 1 }
    result.outcome.failure?.minimal = minimal
    return result
  }

  private mutating func perform(_ plan: Plan, _ instance: CaseInstance) -> Trial {
    Trial.run(Self.task(plan, instance), by: &performer)
  }

  private static func task(_ plan: Plan, _ instance: CaseInstance) -> CaseTask {
    let seed = RunSeeds.caseSeed(instance.settings.seed ?? 0, id: instance.id)
    return CaseTask(plan: plan, instance: instance, seed: seed)
  }

  /// Writes a case as a suite and reads it.
  private static func load(
    _ instance: CaseInstance, _ plan: Plan
  ) throws(ExplorationError) -> (plan: Plan, instance: CaseInstance) {
    let text = CaseWriter(instance).suite(plan.suite)
    let result = SuiteLoader.load(path: plan.source.path, bytes: Array(text.utf8))
    guard let plan = result.plan, let instance = plan.instances.first else {
      throw .refused(result.diagnostics.first.map { $0.text(in: result.source) } ?? "nothing in it")
    }
    return (plan, instance)
  }
}
