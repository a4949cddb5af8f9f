import Simulation
import SuiteLanguage

/// What recipes draw from.
struct ScheduleDraw {
  let ground: ExplorationGround
  /// Interrupts that the scenario raises.
  let raised: [(node: String, vector: Int)]
  /// The steps of the scenario; matches and times are drawn from what these may bring.
  let steps: Int
  /// A moment before which the rule must not begin; nil for none.
  var start: TimeSpan?
  var generator: SeededGenerator

  mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: generator.below(UInt64(max(1, bound))))
  }

  mutating func pick<Element>(_ list: [Element]) -> Element? {
    list.isEmpty ? nil : list[below(list.count)]
  }

  mutating func link() -> LinkDescription? { pick(ground.links) }

  /// One end of a link.
  mutating func end(of link: LinkDescription) -> String { below(2) == 0 ? link.upstream : link.downstream }

  /// The number of a match that the scenario probably has.
  mutating func nth() -> FaultTrigger.Selection {
    .nth(1 + UInt64(below(start == nil ? max(2, steps / 2) : 3)))
  }

  mutating func every(_ bound: Int) -> FaultTrigger.Selection { .every(1 + UInt64(below(bound))) }

  mutating func times(_ bound: Int) -> UInt64 { 1 + UInt64(below(bound)) }

  /// A time between two bounds, of which short ones are as likely as long ones.
  ///
  /// - Units: nanoseconds.
  mutating func time(_ least: UInt64, _ most: UInt64) -> TimeSpan {
    var bound = most
    while bound / 4 > least, below(2) == 0 { bound /= 4 }
    return .nanoseconds(least + generator.below(max(1, bound - least)))
  }

  /// A moment within the scenario.
  mutating func moment() -> TimeSpan {
    let base = start.map { $0.nanoseconds } ?? 0
    let span = start == nil ? UInt64(steps) * 600 : 20_000
    return .nanoseconds(base + 100 + generator.below(span))
  }

  /// The moment for conditions, a number of TLPs or a time.
  mutating func beginning(on link: LinkDescription) -> FaultTrigger.Start {
    guard start == nil, below(2) == 0 else { return .time(moment()) }
    return .count(1 + UInt64(below(steps)), .any, link: link.name, from: nil)
  }

  /// The end of a rule that strikes what passes: not before the start.
  var after: FaultTrigger.Start? { start.map { .time($0) } }
}
