import LinkBroker
import PCIe
import Simulation
import SuiteLanguage

/// The faults of a case in progress.
struct CaseFaults {
  /// The rules of the case; the fabric's faults have the same numbers once they are armed.
  let rules: [FaultRule]
  private let classifier: FaultClassifier
  /// Who plays which part; nil before the faults are armed.
  var roles: StrikeRoles?
  /// What the strikes taken in so far demand.
  var demands = FaultDemands()
  /// The links that faults below Ack and Nak have struck.
  var framesStruck: Set<Int> = []
  /// Strikes whose demands have been taken in.
  var taken = 0
  /// Strikes that have acted on processes.
  var applied = 0
  /// Strikes that have been told.
  var told = 0
  /// Strikes that the end of what they hold back or keep up has been looked at.
  private var strikesTimed = 0
  /// The last strike that has delayed something, and by how much in all.
  private var delayed: FaultStrike?
  private var delay = VirtualDuration.zero
  /// When the last of the effects that end by themselves is over.
  private(set) var end = VirtualTime.zero

  init(_ instance: CaseInstance) {
    rules = instance.faults
    classifier = instance.classifier
  }

  /// The kind of fault that a rule is, sharper where the TLP that it has struck is known.
  func id(_ rule: Int, striking header: TLPHeader? = nil) -> FaultID {
    id(rule, striking: header?.kind.flatMap { TLPWord($0) })
  }

  func id(_ rule: Int, striking word: TLPWord?) -> FaultID { classifier.id(of: rules[rule], striking: word) }

  /// Whether everybody who has asked a node that hangs may have waited until it woke, or nobody has asked.
  func isPatientlyAwaited(_ rule: Int, in fabric: borrowing Fabric) -> Bool {
    guard case .hang = rules[rule].action else { return false }
    return fabric.silence(ofRule: rule) < VirtualDuration(classifier.longestCompletionTimeout)
  }

  /// What an effect takes after its end until all is as before: training, and the answers to what was kept.
  private static let aftermath = VirtualDuration.milliseconds(2)

  /// Takes further strikes into account.
  mutating func time(_ strikes: [FaultStrike]) {
    for strike in strikes[strikesTimed...] {
      switch rules[strike.rule].action {
      case .delay(.time):
        // Delays of one TLP add up.
        let isSame = delayed.map { $0.link == strike.link && $0.time == strike.time } ?? false
        delay = (isSame ? delay : .zero) + VirtualDuration(picoseconds: strike.value)
        delayed = strike
        end = max(end, strike.time + delay + Self.aftermath)
      case .starve, .linkDown, .hang:
        end = max(end, strike.time + VirtualDuration(picoseconds: strike.value) + Self.aftermath)
      default: break
      }
    }
    strikesTimed = strikes.count
  }
}
