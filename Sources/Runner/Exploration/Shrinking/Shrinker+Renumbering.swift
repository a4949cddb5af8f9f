import RunEvents
import SuiteLanguage

// With fewer steps before it a TLP is no longer the match of the same number.
extension Shrinker {
  /// The candidate with the numbers of its `nth` rules moved to the TLPs that the rules struck in the best
  /// case; nil where one of these is gone, or nothing has moved.
  mutating func renumbered(_ candidate: CaseInstance) -> CaseInstance? {
    guard !budget.isSpent else { return nil }
    let numbered = candidate.faults.indices.filter { index in
      if case .nth = candidate.faults[index].trigger.selection { true } else { false }
    }
    guard !numbered.isEmpty, numbered.allSatisfy({ best.faults.indices.contains($0) }) else { return nil }
    let before = matches(best)
    let now = matches(candidate)
    var moved = candidate
    for index in numbered {
      guard let strike = trial.strikes.first(where: { $0.rule == index + 1 }) else { return nil }
      let key = TLPKey(strike)
      let rank = before.count { $0.rule == index + 1 && $0.match < strike.match && TLPKey($0) == key }
      let same = now.filter { $0.rule == index + 1 && TLPKey($0) == key }
      guard let last = same.last else { return nil }
      moved.faults[index].trigger.selection = .nth((rank < same.count ? same[rank] : last).match)
    }
    return moved.faults == candidate.faults ? nil : moved
  }

  /// All matches of the rules of a case: each rule strikes all of them, and does nothing to them.
  private mutating func matches(_ instance: CaseInstance) -> [StruckFault] {
    var probe = instance
    for index in probe.faults.indices {
      guard case .nth = probe.faults[index].trigger.selection else { continue }
      if case .complete(let completion) = probe.faults[index].action {
        guard let node = completion.node, let link = probe.topology.linkAbove(node) else { continue }
        probe.faults[index].trigger.link = link.name
        probe.faults[index].trigger.sender = link.upstream
      }
      probe.faults[index].action = .delay(.time(TimeSpan(picoseconds: 0), TimeSpan(picoseconds: 0)))
      probe.faults[index].trigger.selection = .every(1)
      probe.faults[index].trigger.times = nil
    }
    return run(probe).strikes
  }
}

/// What tells a TLP from others of its kind, without what depends on those before it.
private struct TLPKey: Hashable {
  private let words: [String]

  init(_ strike: StruckFault) {
    // The second double word of a request holds the tag, that of a completion the byte count.
    var words = strike.words
    let isCompletion = strike.tlp?.hasPrefix("Cpl") ?? false
    if !isCompletion, words.count > 1 { words[1] = "" }
    if isCompletion, words.count > 2 { words[2] = String(words[2].suffix(2)) }
    self.words = words
  }
}
