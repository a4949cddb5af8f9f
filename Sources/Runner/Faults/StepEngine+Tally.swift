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
    let findings = topology.fabric.findings
    let records = topology.records
    var tally = FaultTally(injected: UInt64(strikes.count))
    for strike in strikes {
      let isSeen = findings.first { $0.time >= strike.time && shows($0, strike) }
      if let isSeen {
        let time = (isSeen.time - strike.time).picoseconds
        tally.detectionTime = max(tally.detectionTime ?? 0, time)
      }
      let isDetected = isSeen != nil || isRecorded(strike, records)
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

  /// Whether a finding is what a strike leads one to expect.
  private func shows(_ finding: LinkBroker.Finding, _ strike: FaultStrike) -> Bool {
    if faults.id(strike.rule, striking: strike.header).entry.findings.contains(finding.violation) {
      return true
    }
    return faults.demands.all.contains { demand in
      demand.rule == strike.rule && demand.permits(finding.violation)
        && demand.places.contains { $0.node == finding.node }
    }
  }

  private func isRecorded(_ strike: FaultStrike, _ records: [FunctionRecord]) -> Bool {
    faults.demands.all.contains { demand in
      demand.rule == strike.rule
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
