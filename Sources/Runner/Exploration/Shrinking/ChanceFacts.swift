import RunEvents
import SuiteLanguage

/// Turns rules that draw into rules that say what was drawn.
enum ChanceFacts {
  /// The most strikes that become a rule each.
  private static let strikesMax = 64

  /// The rules that did something, each with what it drew; the strikes are those of a run with the rules.
  static func rules(_ rules: [FaultRule], struck: [StruckFault]) -> [FaultRule] {
    rules.enumerated().flatMap { index, rule in
      facts(rule, struck.filter { $0.rule == index + 1 })
    }
  }

  private static func facts(_ rule: FaultRule, _ strikes: [StruckFault]) -> [FaultRule] {
    guard let first = strikes.first else { return [] }
    switch rule.trigger.selection {
    case nil: return [rule]
    case .nth: return [fixed(rule, first)]
    case .every, .probability:
      guard strikes.count <= strikesMax, strikes.allSatisfy({ $0.match > 0 }) else { return [rule] }
      return strikes.map { strike in
        var one = fixed(rule, strike)
        one.trigger.selection = .nth(strike.match)
        one.trigger.times = nil
        return one
      }
    }
  }

  /// The rule with the drawn value in place of the range it was drawn from.
  private static func fixed(_ rule: FaultRule, _ strike: StruckFault) -> FaultRule {
    var one = rule
    switch rule.action {
    case .delay(.time(let least, let most)) where least != most:
      // Suites know whole nanoseconds.
      let time = TimeSpan.nanoseconds((strike.drawn + 999) / 1000)
      one.action = .delay(.time(time, time))
    case .corrupt(let field, nil) where field.isDrawnAsValue:
      one.action = .corrupt(field, value: strike.drawn)
    default: break
    }
    return one
  }
}

extension CorruptField {
  /// Whether what is drawn can stand in the rule: of a payload it is the number of a bit, of a check nothing,
  /// and a Length or a sequence number that the suite gives need not be wrong.
  fileprivate var isDrawnAsValue: Bool {
    switch self {
    case .type, .firstByteEnables, .address, .requester, .tag, .byteCount: true
    case .lcrc, .nullified, .edb, .ecrc, .sequence, .credits, .length, .maxPayload, .boundary, .payload: false
    }
  }
}
