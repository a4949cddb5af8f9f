import LinkBroker
import PCIe
import RunEvents
import Simulation
import SuiteLanguage

// What became of a case's faults.
extension StepEngine {
  /// Counts strikes, what was seen of them and what went on afterwards.
  mutating func tally(hasPassed: Bool) -> FaultTally {
    takeStrikes()
    let strikes = topology.fabric.strikes
    let records = topology.records
    let recorded = Set(faults.rules.indices.filter { isRecorded($0, records) })
    var tally = FaultTally(injected: UInt64(strikes.count))
    for (strike, time) in zip(strikes, detectionTimes()) {
      if let time { tally.detectionTime = max(tally.detectionTime ?? 0, time) }
      let isDetected = time != nil || recorded.contains(strike.rule)
      let isUp = isUp(strike)
      if isDetected { tally.detected += 1 }
      if hasPassed, isUp { tally.recovered += 1 }
      let outcome: FaultOutcome =
        if !hasPassed { .failed } else if isDetected { .reported } else { isUp ? .recovered : .linkLost }
      tally.matrix.add(
        FaultCell(
          fault: faults.id(strike.rule, striking: strike.header).rawValue, tlp: strike.word, outcome: outcome)
      )
    }
    return tally
  }

  /// Strikes that the same findings show.
  private struct StrikeKind: Hashable {
    let rule: Int
    let id: FaultID
  }

  /// How long after each strike the first finding came that it leads one to expect, in picoseconds; nil where
  /// none has come.
  ///
  /// - Complexity: linear in strikes and findings, of which a case may have very many.
  private func detectionTimes() -> [UInt64?] {
    let strikes = topology.fabric.strikes
    let findings = topology.fabric.findings
    let kinds = strikes.map { StrikeKind(rule: $0.rule, id: faults.id($0.rule, striking: $0.header)) }
    let all = Set(kinds)
    var times = [UInt64?](repeating: nil, count: strikes.count)
    // Both are in the order of time, so that going back the last one seen of a kind is the first to come.
    var next: [StrikeKind: UInt64] = [:]
    var rest = findings.endIndex
    for index in strikes.indices.reversed() {
      while rest > 0, findings[rest - 1].time >= strikes[index].time {
        rest -= 1
        for kind in all where shows(findings[rest], kind) { next[kind] = findings[rest].time.picoseconds }
      }
      times[index] = next[kinds[index]].map { $0 - strikes[index].time.picoseconds }
    }
    return times
  }

  /// Whether a finding is what a strike leads one to expect.
  private func shows(_ finding: LinkBroker.Finding, _ strike: StrikeKind) -> Bool {
    if strike.id.entry.findings.contains(finding.violation) { return true }
    return faults.demands.all.contains { demand in
      demand.rule == strike.rule && demand.permits(finding.violation)
        && demand.places.contains { $0.node == finding.node }
    }
  }

  /// Whether a function has recorded what a rule leads one to expect.
  private func isRecorded(_ rule: Int, _ records: [FunctionRecord]) -> Bool {
    faults.demands.all.contains { demand in
      demand.rule == rule
        && records.contains { record in
          demand.places.contains(record.place) && record.errors.violations.contains(where: demand.permits)
        }
    }
  }

  private func isUp(_ strike: FaultStrike) -> Bool {
    guard strike.link < 0 else { return topology.fabric.state(ofLink: strike.link) == .up }
    guard let node = faults.rules[strike.rule].target, let link = topology.description.linkAbove(node),
      let number = topology.linkNumbers[link.name]
    else { return true }
    return topology.fabric.state(ofLink: number) == .up
  }
}

extension FaultStrike {
  /// The mnemonic of what was struck, for coverage.
  fileprivate var word: String { header.map { $0.kind?.mnemonic ?? "TLP" } ?? dllp?.word ?? "-" }
}
