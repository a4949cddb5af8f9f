import Simulation

/// A fault with what it has seen and done.
struct ArmedFault: Sendable {
  let fault: LinkFault
  private(set) var matches: UInt64 = 0
  private(set) var strikes: UInt64 = 0
  /// What its start waits for has happened.
  private(set) var hasStarted = false
  /// Its time is over, or it can strike no more.
  private(set) var isOver = false
  /// Matches that it was to strike, counted before the strike takes effect.
  private var decisions: UInt64 = 0
  /// Strikes that another fault on the same TLP has left nothing to do, and the last of those faults.
  private(set) var yielded: (count: UInt64, to: Int) = (0, -1)
  /// For how long a request had waited for the node that it froze, when that woke.
  var silence = VirtualDuration.zero
  /// Matches of its start so far.
  private var startMatches: UInt64 = 0

  init(_ fault: LinkFault) { self.fault = fault }

  /// Whether its start has not happened.
  var isWaiting: Bool { !hasStarted && !isOver }
  /// Whether it looks at TLPs now.
  var isWatching: Bool { hasStarted && !isOver && fault.watchesTraffic }
  /// Whether its condition lasts.
  var isLasting: Bool { hasStarted && !isOver && !fault.watchesTraffic }

  /// Counts a match of its start; true for the one that it waits for.
  mutating func countsStart() -> Bool {
    guard case .count(let due, _, _) = fault.start, isWaiting else { return false }
    startMatches += 1
    return startMatches == due
  }

  mutating func begin() { hasStarted = true }
  mutating func end() { isOver = true }
  mutating func countStrike() { strikes += 1 }
  mutating func yield(to rule: Int) { yielded = (yielded.count + 1, rule) }

  /// What is drawn for a match depends on the seed and on its number only.
  func generator(match: UInt64) -> SeededGenerator {
    var hash = FixedHash()
    hash.combine(fault.seed)
    hash.combine(match)
    return SeededGenerator(seed: hash.value)
  }

  /// Counts a match and tells whether it is struck; after the last strike the fault is over.
  mutating func selects(_ generator: inout SeededGenerator) -> Bool {
    matches += 1
    let isStruck: Bool
    switch fault.selection {
    case nil: isStruck = true
    case .nth(let due):
      isStruck = matches == due
      if matches >= due { isOver = true }
    case .every(let step): isStruck = matches % step == 0
    case .probability(let millionths): isStruck = generator.below(1_000_000) < UInt64(millionths)
    }
    guard isStruck else { return false }
    decisions += 1
    if let times = fault.times, decisions >= times { isOver = true }
    return true
  }
}

extension LinkFault {
  /// Whether it strikes what passes, rather than making a condition.
  var watchesTraffic: Bool {
    switch action {
    case .drop, .delay, .hold, .duplicate, .corrupt, .poison, .respond, .nak: true
    case .signal: match != nil
    case .completeUnasked, .starve, .linkDown, .kill, .hang: false
    }
  }
}
