import LinkBroker
import PCIe
import RunEvents
import SuiteLanguage

// What faults demand, and whether it has come.
extension StepEngine {
  /// Takes in what the strikes since the last look demand.
  mutating func takeStrikes() {
    let strikes = topology.fabric.strikes
    guard faults.taken < strikes.count else { return }
    for index in faults.taken..<strikes.count { takeDemands(of: strikes[index], index) }
    faults.taken = strikes.count
  }

  private mutating func takeDemands(of strike: FaultStrike, _ index: Int) {
    let rule = faults.rules[strike.rule]
    guard let roles = faults.roles else { return }
    if let named = rule.expectation {
      for (node, violations) in named.sorted(by: { $0.key < $1.key }) {
        let demand = FaultDemand(
          rule: strike.rule, role: nil, places: roles.table.places(of: node), choices: [violations], may: [])
        faults.demands.add(demand, strike: index)
      }
      return
    }
    let isPosted = strike.header?.kind?.flowControlClass == .posted
    for expectation in faults.id(strike.rule, striking: strike.header).entry.expectations {
      let places = roles.places(expectation.role, of: strike, rule)
      // Each forwarder reports for itself; of requesters that cannot be told apart one is enough.
      let groups = expectation.role == .forwarder ? places.map { [$0] } : [places]
      for group in groups {
        guard let first = group.first, let space = topology.space(at: first),
          expectation.condition.holds(at: space, for: strike.header)
        else { continue }
        let settings = ErrorSettings(space)
        let demand = FaultDemand(
          rule: strike.rule, role: expectation.role, places: group,
          choices: expectation.mustSets(settings, isPosted: isPosted),
          may: expectation.maySet(settings, isPosted: isPosted))
        faults.demands.add(demand, strike: index)
      }
    }
    permitReplays(strike, index, roles)
  }

  /// Where a fault below Ack and Nak strikes a link that one has struck before, what repairs the first may be
  /// hit: a second Nak is never sent, so that REPLAY_TIMER runs out, at last for the fourth time.
  private mutating func permitReplays(_ strike: FaultStrike, _ index: Int, _ roles: StrikeRoles) {
    let rule = faults.rules[strike.rule]
    guard rule.trigger.layer == .dataLink, !faults.framesStruck.insert(strike.link).inserted else { return }
    for role in [FaultRole.sender, .receiver] {
      let demand = FaultDemand(
        rule: strike.rule, role: role, places: roles.places(role, of: strike, rule), choices: [[]],
        may: [.replayTimeout, .replayRollover])
      faults.demands.add(demand, strike: index)
    }
  }

  /// Fails where a fault has not struck, or where a reaction is not the one that the specification demands.
  mutating func judgeFaults() throws(StepFailure) {
    takeStrikes()
    for (index, rule) in faults.rules.enumerated() where topology.fabric.strikeCount(index) == 0 {
      if case .probability = rule.trigger.selection { continue }
      throw neverHit(rule, index)
    }
    try judgeCheckers()
    let oracle = FaultOracle(
      demands: faults.demands, unfelt: unfeltRules,
      shadows: StrikeShadows(topology.fabric.strikes, of: faults.rules),
      allowed: task.instance.allowed.union(expected.met))
    switch oracle.judge(topology.records) {
    case nil: return
    case .missing(let violation, let demand, let strike): throw missing(violation, demand, strike)
    case .surplus(let violation, let record): throw surplus(violation, record)
    }
  }

  /// The rules whose hangs nobody has had to notice.
  private var unfeltRules: Set<Int> {
    Set(faults.rules.indices.filter { faults.isPatientlyAwaited($0, in: topology.fabric) })
  }

  /// Fails where a protocol checker must have found something and has not.
  private func judgeCheckers() throws(StepFailure) {
    for index in faults.rules.indices where topology.fabric.strikeCount(index) > 0 {
      for violation in Violation.allCases where faults.id(index).entry.findings.contains(violation) {
        guard !topology.fabric.findings.contains(where: { $0.violation == violation }) else { continue }
        throw StepFailure(
          type: .violation,
          message: "\(name(index)) must make a checker find \(violation.rawValue), and none has",
          facts: strikeFacts(of: index), subject: "unseen \(violation.rawValue)")
      }
    }
  }
}
