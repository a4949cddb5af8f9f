import LinkBroker
import PCIe
import Simulation
import SuiteLanguage

/// Finds strikes whose demands another strike may hide.
///
/// One TLP reports at most one error, and a link that goes down or a node that stops keeps others from
/// reporting.
struct StrikeShadows {
  private let strikes: [FaultStrike]
  private let rules: [FaultRule]
  /// When conditions were in force that keep nodes from reacting, by rule.
  private var silences: [(rule: Int, from: VirtualTime, until: VirtualTime)] = []

  /// A condition that begins so soon after a strike may still hide it.
  private static let reaction = VirtualDuration.milliseconds(1)

  init(_ strikes: [FaultStrike], of rules: [FaultRule]) {
    self.strikes = strikes
    self.rules = rules
    for strike in strikes {
      switch rules[strike.rule].action {
      case .linkDown, .kill, .hang, .perform:
        let end = strike.value == 0 ? nil : strike.time + VirtualDuration(picoseconds: strike.value)
        silences.append((strike.rule, strike.time, end ?? .never))
      default: break
      }
    }
  }

  /// Whether a violation that a strike demands may stay unreported.
  func mayHide(_ violation: Violation, ofStrike index: Int) -> Bool {
    let strike = strikes[index]
    let isSilenced = silences.contains {
      $0.rule != strike.rule && $0.from <= strike.time + Self.reaction && strike.time <= $0.until
    }
    return isSilenced || isOutranked(violation, index) || isBehindNak(index)
  }

  /// Whether a number ahead of its turn may go unseen because a Nak is out already.
  private func isBehindNak(_ index: Int) -> Bool {
    guard layer(index) == .dataLink, case .corrupt(.sequence, _) = rules[strikes[index].rule].action else {
      return false
    }
    return strikes[..<index].contains {
      $0.link == strikes[index].link && $0.isDownstream == strikes[index].isDownstream
        && rules[$0.rule].trigger.layer == .dataLink && strikes[index].time <= $0.time + Self.reaction
    }
  }

  /// Whether another fault makes the same TLP report something else, or lets nobody see it.
  private func isOutranked(_ violation: Violation, _ index: Int) -> Bool {
    others(of: index).contains { other in
      switch rules[strikes[other].rule].action {
      // A replay repairs what is lost below Ack and Nak, but no other fault of that frame is seen.
      case .drop, .complete: layer(other) == .transaction || layer(index) == .dataLink
      // A bit error on the lanes hides nothing: the TLP comes again.
      case .corrupt where layer(other) == .dataLink: false
      case .corrupt: ErrorPrecedence.rank(violation) > ErrorPrecedence.rank(.malformedTLP)
      default: false
      }
    }
  }

  private func layer(_ strike: Int) -> FaultLayer { rules[strikes[strike].rule].trigger.layer }

  /// The other strikes on the TLP of a strike: a direction launches one TLP at a time.
  private func others(of index: Int) -> [Int] {
    guard strikes[index].header != nil || strikes[index].dllp != nil else { return [] }
    func isSame(_ other: Int) -> Bool {
      strikes[other].time == strikes[index].time && strikes[other].link == strikes[index].link
        && strikes[other].isDownstream == strikes[index].isDownstream
        && strikes[other].rule != strikes[index].rule
    }
    var found: [Int] = []
    var before = index - 1
    while before >= 0, strikes[before].time == strikes[index].time {
      if isSame(before) { found.append(before) }
      before -= 1
    }
    var after = index + 1
    while after < strikes.count, strikes[after].time == strikes[index].time {
      if isSame(after) { found.append(after) }
      after += 1
    }
    return found
  }
}
