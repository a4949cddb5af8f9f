import PCIe
import Simulation
import SuiteLanguage

/// Draws the case of one seed: a random scenario with a random schedule of faults.
struct ScheduleComposer {
  let plan: ExplorationPlan
  let ground: ExplorationGround

  /// The most faults of one random schedule.
  private static let faultsMax = 4
  /// The steps of a scenario, loops taken as one: so many that building and enumerating the topology takes a
  /// small part of the time, and few enough to be made smaller.
  private static let steps = 40..<160

  /// A case on the ground, as it is but for what the seed decides.
  func compose(_ instance: CaseInstance, seed: UInt64) -> CaseInstance {
    var generator = SeededGenerator(seed: FixedHash.seed(seed, "schedule"))
    let chosen = recipes(&generator)
    var rules = ScenarioRules()
    var composed = instance
    composed.settings.seed = seed
    for recipe in chosen {
      rules.harm = max(rules.harm, recipe.harm)
      rules.losesInterrupts = rules.losesInterrupts || recipe.losesInterrupts
      composed.allowed.formUnion(recipe.allowed)
    }
    var scenario = Scenario(ground, rules, seed: FixedHash.seed(seed, "scenario"))
    let steps = Self.steps.lowerBound + Int(generator.below(UInt64(Self.steps.count)))
    if chosen.contains(where: { $0.id == .requestsReordered }) {
      composed.faults += reorder(&scenario, &generator)
    }
    scenario.add(steps)
    var draw = ScheduleDraw(
      ground: ground, raised: scenario.raised, steps: steps, start: nil, generator: generator)
    switch plan.schedule {
    case .random: for recipe in chosen { composed.faults += recipe.draw(&draw) }
    case .swizzle:
      composed.faults += swizzle(&draw)
      for recipe in chosen where recipe.id != .linkDown { composed.faults += recipe.draw(&draw) }
    case .faultPair: composed.faults += pair(chosen, &draw)
    }
    composed.steps = scenario.steps
    return composed
  }

  private func recipes(_ generator: inout SeededGenerator) -> [FaultRecipe] {
    switch plan.schedule {
    case .swizzle: return FaultRecipes.all.filter { $0.id == .linkDown } + someRecipes(&generator)
    case .random: return someRecipes(&generator)
    case .faultPair:
      guard !plan.recipes.isEmpty else { return [] }
      let usable = plan.recipes.filter { $0.id != .requestsReordered }
      let list = usable.isEmpty ? plan.recipes : usable
      let conditions = list.filter { $0.id == .starvation || $0.id == .linkDown || $0.id == .linkRetrain }
      let firsts = conditions.isEmpty ? list : conditions
      return [
        firsts[Int(generator.below(UInt64(firsts.count)))], list[Int(generator.below(UInt64(list.count)))],
      ]
    }
  }

  /// Some faults of the plan; none where it has none.
  private func someRecipes(_ generator: inout SeededGenerator) -> [FaultRecipe] {
    guard !plan.recipes.isEmpty else { return [] }
    let count = 1 + Int(generator.below(UInt64(Self.faultsMax)))
    let drawn = (0..<count).map { _ in plan.recipes[Int(generator.below(UInt64(plan.recipes.count)))] }
    guard drawn.contains(where: { $0.id == .requestsReordered }) else { return drawn }
    // A completion that is to pass another one must not be held back or lost itself.
    return drawn.filter { $0.isHarmless && $0.id != .delayed && $0.id != .deviceSlow }
  }

  /// Lets the first completion of an endpoint be passed by that of the next read.
  private func reorder(_ scenario: inout Scenario, _ generator: inout SeededGenerator) -> [FaultRule] {
    guard !ground.regions.isEmpty else { return [] }
    let region = ground.regions[Int(generator.below(UInt64(ground.regions.count)))]
    guard let link = ground.topology.linkAbove(region.node) else { return [] }
    scenario.readPair(region)
    let trigger = FaultTrigger(
      link: link.name, sender: region.node, match: .tlp(.completionWithData), selection: .nth(1))
    return [FaultRule(.delay(.behind(.otherRequest)), trigger)]
  }

  /// Takes each link down, one a while after the other, and lets them come back in random order.
  private func swizzle(_ draw: inout ScheduleDraw) -> [FaultRule] {
    var order = ground.links
    var healing = Array(order.indices)
    for index in order.indices {
      order.swapAt(index, draw.below(order.count))
      healing.swapAt(index, draw.below(order.count))
    }
    let gap = UInt64(500 + draw.below(20_000))
    let allDown = gap * UInt64(order.count + 1)
    return order.indices.map { index in
      let down = gap * UInt64(index + 1)
      let up = allDown + gap * UInt64(healing[index] + 1)
      return FaultRule(
        .linkDown,
        FaultTrigger(
          link: order[index].name, after: .time(.nanoseconds(down)), duration: .nanoseconds(up - down)))
    }
  }

  /// A second fault that begins within or right after the first.
  private func pair(_ chosen: [FaultRecipe], _ draw: inout ScheduleDraw) -> [FaultRule] {
    guard let first = chosen.first, let second = chosen.last else { return [] }
    let start = TimeSpan.nanoseconds(500 + UInt64(draw.below(draw.steps * 300)))
    draw.start = start
    let rules = first.draw(&draw)
    draw.start = TimeSpan.nanoseconds(start.nanoseconds + 100 + UInt64(draw.below(20_000)))
    return rules + second.draw(&draw)
  }
}
