import LinkBroker
import RunEvents
import Simulation
import SuiteLanguage

// How faults take part in a case.
extension StepEngine {
  /// Arms the rules of the case, whose times count from now on.
  mutating func armFaults() throws(StepFailure) {
    guard !faults.rules.isEmpty else { return }
    do throws(FaultCompilerError) {
      let compiled = try FaultCompiler.compile(faults.rules, on: topology, seed: task.seed)
      topology.fabric.arm(compiled)
      faults.roles = StrikeRoles(topology)
    } catch {
      throw .expectation("\(error)")
    }
  }

  /// Begins what `do` rules have been triggered to perform, each as a branch of its own.
  mutating func addSignalledSteps() {
    guard topology.fabric.hasSignals else { return }
    for rule in topology.fabric.takeSignals() {
      guard case .perform(let step) = faults.rules[rule].action else { continue }
      let scope = StepIndex.Scope.fault(rule + 1, of: faults.rules.count)
      add(StepBranch(frames: [StepFrame(steps: [step], parent: nil, scope: scope)]))
    }
  }

  /// When the last of the effects that end by themselves is over.
  var faultsEnd: VirtualTime {
    mutating get {
      faults.time(topology.fabric.strikes)
      return faults.end
    }
  }
}
