import LinkBroker
import Simulation

// What happens after the last step.
extension StepEngine {
  /// What still travels after the last step may still be wrong, and what a fault holds back is to come.
  mutating func settle(emit: Emit) throws(StepFailure) {
    if let outside = topology.outside {
      try settle(on: outside, emit: emit)
    } else {
      try settleVirtually(emit: emit)
    }
    try judgeFaults()
  }

  private mutating func settleVirtually(emit: Emit) throws(StepFailure) {
    var end = topology.fabric.now + .milliseconds(1)
    while true {
      end = max(end, min(faultsEnd, VirtualTime(picoseconds: caseDeadline)))
      guard let next = topology.fabric.nextTime, next <= end else { break }
      topology.fabric.step()
      guard topology.fabric.hasSignals else { continue }
      try performBranches(emit: emit)
      failed = nil
      end = topology.fabric.now + .milliseconds(1)
    }
    topology.fabric.run(until: end)
    try judgeLivelock()
    try judgeFindings(emit: emit)
  }
}
