public import RunEvents
import Simulation
public import SuiteLanguage

/// Runs random scenarios with random faults, one for each seed, and makes those that fail smaller.
public struct Exploration {
  private let plan: ExplorationPlan
  private let grounds: [Ground]
  private var performer: FabricPerformer

  /// A topology with the head of the suites that are generated for it.
  private struct Ground {
    let ground: ExplorationGround
    let writer: ScheduleWriter
    /// The suite up to the name of its one case.
    let head: String
    let path: String
  }

  /// The name of generated cases.
  public static let caseName = "explored"

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
    var empty = instance
    empty.caseName = caseName
    empty.assignment = []
    empty.steps = []
    empty.faults = []
    empty.allowed = []
    if empty.setup.isEmpty {
      // More host memory would only have to be cleared for each schedule.
      for index in empty.topology.nodes.indices {
        guard case .model(var settings) = empty.topology.nodes[index].player, settings.memory > 0 else {
          continue
        }
        settings.memory = min(settings.memory, max(4096, ground.hostMemory))
        empty.topology.nodes[index].player = .model(settings)
      }
    }
    let text = CaseWriter(empty).suite(suite.suite)
    let mark = "\n  \(caseName):\n"
    let parts = text.split(separator: mark, maxSplits: 1)
    guard parts.count == 2 else { throw .refused("no case in the text of the suite") }
    return Ground(
      ground: ground, writer: ScheduleWriter(plan: plan, ground: ground), head: parts[0] + mark,
      path: suite.source.path)
  }

  /// The seed of the schedule of that number, from zero.
  public func seed(_ number: Int) -> UInt64 { FixedHash.seed(plan.seed, "explore", "\(number)") }

  /// The suite with the case of a seed, before rules that do not strike are left out.
  func suite(_ number: Int) -> String {
    let place = grounds[number % grounds.count]
    return place.head + place.writer.lines(seed: seed(number)).joined(separator: "\n") + "\n"
  }

  /// Runs the schedule of a number; nothing but the plan and the number decides what happens.
  public mutating func run(_ number: Int) throws(ExplorationError) -> ExploredSchedule {
    let place = grounds[number % grounds.count]
    var loaded = try Self.load(suite(number), place.path)
    let unbuilt = loaded.instance.requiresUnbuilt
    if !unbuilt.isEmpty { throw .unbuilt(unbuilt) }
    if loaded.instance.hasOutsideNodes { throw .unbuilt(["exploring with processes"]) }
    var strikes: [String: UInt64] = [:]
    var work = CaseCounts()
    var trial = perform(loaded)
    work.add(trial.outcome.counts)
    // A moment may come too late, or a match never: such rules are no part of the schedule.
    while trial.outcome.verdict == .failed(.neverHit) {
      var instance = loaded.instance
      let struck = Set(trial.strikes.map(\.rule))
      instance.faults = instance.faults.indices.filter { struck.contains($0 + 1) }.map { instance.faults[$0] }
      guard instance.faults.count < loaded.instance.faults.count else { break }
      loaded = try Self.load(CaseWriter(instance).suite(loaded.plan.suite), place.path)
      trial = perform(loaded)
      work.add(trial.outcome.counts)
    }
    for strike in trial.strikes { strikes[strike.id, default: 0] += 1 }
    var result = ExploredSchedule(
      number: number, seed: seed(number), outcome: trial.outcome, counts: work, strikes: strikes,
      suite: CaseWriter(loaded.instance).suite(loaded.plan.suite))
    if trial.signature != nil {
      let task = Self.task(loaded)
      result.outcome.failure?.minimal = CaseReduction.minimal(task, failed: trial, by: performer)
    }
    return result
  }

  private mutating func perform(_ loaded: (plan: Plan, instance: CaseInstance)) -> Trial {
    Trial.run(Self.task(loaded), by: &performer)
  }

  private static func task(_ loaded: (plan: Plan, instance: CaseInstance)) -> CaseTask {
    let seed = RunSeeds.caseSeed(loaded.instance.settings.seed ?? 0, id: loaded.instance.id)
    return CaseTask(plan: loaded.plan, instance: loaded.instance, seed: seed)
  }

  private static func load(
    _ text: String, _ path: String
  ) throws(ExplorationError) -> (plan: Plan, instance: CaseInstance) {
    let result = SuiteLoader.load(path: path, bytes: Array(text.utf8))
    guard let plan = result.plan, let instance = plan.instances.first else {
      throw .refused(result.diagnostics.first.map { $0.text(in: result.source) } ?? "nothing in it")
    }
    return (plan, instance)
  }
}

/// How the schedule of one seed ended.
public struct ExploredSchedule: Hashable, Sendable {
  /// The number of the schedule, from zero.
  public var number: Int
  /// The seed that all of it is drawn from.
  public var seed: UInt64
  public var outcome: CaseOutcome
  /// What was done, shrinking apart.
  public var counts: CaseCounts
  /// How often each kind of fault struck.
  public var strikes: [String: UInt64]
  /// The case as a suite, as `run` takes it.
  public var suite: String

  /// Whether the case ended otherwise than it should.
  public var hasFailed: Bool { outcome.verdict != .passed }

  /// The suite to look at: the minimal one where there is one.
  public var bestSuite: String { outcome.failure?.minimal?.suite ?? suite }
}

extension CaseCounts {
  /// Takes over what another run did.
  mutating func add(_ other: CaseCounts) {
    steps &+= other.steps
    checks &+= other.checks
    tlps &+= other.tlps
  }
}
