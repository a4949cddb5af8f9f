import RunEvents
import SuiteLanguage

// Fewer and simpler faults.
extension Shrinker {
  mutating func dropFaults() {
    reduce(\.faults) { shrinker, range in
      var candidate = shrinker.best
      candidate.faults.removeSubrange(range)
      return shrinker.adopt(candidate)
    }
  }

  /// Lowers counts, times and delays of each rule.
  mutating func simplifyFaults() {
    for index in best.faults.indices {
      for change in FaultChange.allCases {
        while !budget.isSpent, let rule = change.applied(to: best.faults[index]) {
          var candidate = best
          candidate.faults[index] = rule
          guard adopt(candidate) else { break }
        }
      }
    }
  }
}

/// One way to make a rule simpler.
private enum FaultChange: CaseIterable {
  case firstMatch, earlierMatch, strikesOnce, fewerStrikes, sooner, shorterDelay, shorterCondition

  private static let leastTime = TimeSpan.microseconds(1)

  /// The rule after the change; nil where there is nothing to change.
  func applied(to rule: FaultRule) -> FaultRule? {
    var changed = rule
    switch self {
    case .firstMatch:
      guard case .nth(let number) = rule.trigger.selection, number > 1 else { return nil }
      changed.trigger.selection = .nth(1)
    case .earlierMatch:
      guard case .nth(let number) = rule.trigger.selection, number > 1 else { return nil }
      changed.trigger.selection = .nth(number / 2)
    case .strikesOnce:
      guard let selection = rule.trigger.selection, selection != .nth(1) else { return nil }
      guard case .every(let number) = selection else { return nil }
      changed.trigger.selection = .nth(number)
      changed.trigger.times = nil
    case .fewerStrikes:
      guard let times = rule.trigger.times, times > 1 else { return nil }
      changed.trigger.times = times / 2
    case .sooner:
      switch rule.trigger.after {
      case .time(let time) where time > Self.leastTime: changed.trigger.after = .time(Self.half(time))
      case .count(let count, let word, let link, let sender) where count > 1:
        changed.trigger.after = .count(count / 2, word, link: link, from: sender)
      default: return nil
      }
    case .shorterDelay:
      guard case .delay(.time(let least, let most)) = rule.action, most > Self.leastTime else { return nil }
      changed.action = .delay(.time(Self.half(least), Self.half(most)))
    case .shorterCondition:
      guard let length = rule.trigger.duration, length > Self.leastTime else { return nil }
      changed.trigger.duration = Self.half(length)
    }
    return changed
  }

  /// About half of a time, with few digits.
  private static func half(_ time: TimeSpan) -> TimeSpan {
    let half = time.picoseconds / 2
    var unit = TimeSpan.nanoseconds(1).picoseconds
    while half / unit >= 100 { unit *= 10 }
    return TimeSpan(picoseconds: half / unit * unit)
  }
}
