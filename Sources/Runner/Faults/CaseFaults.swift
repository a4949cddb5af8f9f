import LinkBroker
import Simulation
import SuiteLanguage

/// The faults of a case in progress.
struct CaseFaults {
  /// The rules of the case; the fabric's faults have the same numbers once they are armed.
  let rules: [FaultRule]
  /// Strikes that have been told.
  var strikesTold = 0
  /// Strikes that the end of what they hold back or keep up has been looked at.
  private var strikesTimed = 0
  /// When the last of the effects that end by themselves is over.
  private(set) var end = VirtualTime.zero

  init(rules: [FaultRule]) { self.rules = rules }

  /// What an effect takes after its end until all is as before: training, and the answers to what was kept.
  private static let aftermath = VirtualDuration.milliseconds(2)

  /// Takes further strikes into account.
  mutating func time(_ strikes: [FaultStrike]) {
    for strike in strikes[strikesTimed...] {
      switch rules[strike.rule].action {
      case .delay(.time), .starve, .linkDown, .hang:
        end = max(end, strike.time + VirtualDuration(picoseconds: strike.value) + Self.aftermath)
      default: break
      }
    }
    strikesTimed = strikes.count
  }
}
