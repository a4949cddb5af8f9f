import LinkBroker
import PCIe
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

  /// Tells the strikes up to an instant that have not been told.
  mutating func tellStrikes(until time: VirtualTime, emit: Emit) {
    let strikes = topology.fabric.strikes
    while faults.told < strikes.count, strikes[faults.told].time <= time {
      let strike = strikes[faults.told]
      emit(.fault(record(of: strike)), (strike.time - origin).picoseconds)
      faults.told += 1
    }
  }

  private func record(of strike: FaultStrike) -> StruckFault {
    let rule = faults.rules[strike.rule]
    var record = StruckFault(
      rule: strike.rule + 1, id: faults.id(strike.rule, striking: strike.header).rawValue,
      verb: rule.verb.rawValue, span: RunEvents.SourceSpan(rule.span), match: strike.match,
      drawn: strike.value)
    if let link = topology.description.links.first(where: { topology.linkNumbers[$0.name] == strike.link }) {
      record.link = link.name
      record.source = strike.isDownstream ? link.upstream : link.downstream
    }
    if let header = strike.header {
      record.tlp = TLPText(header).line
      let words = [header.dw0, header.dw1, header.dw2, header.dw3]
      record.words = words.prefix(header.headerBytes / 4).map { hexadecimal(UInt64($0), digits: 8) }
    }
    record.dllp = strike.dllp?.word
    return record
  }

  /// When the last of the effects that end by themselves is over.
  var faultsEnd: VirtualTime {
    mutating get {
      faults.time(topology.fabric.strikes)
      return faults.end
    }
  }
}

extension LinkFault.DLLPKinds {
  /// The word of suites for the kind.
  var word: String? {
    DLLPWord.allCases.first { self == LinkFault.DLLPKinds($0) }?.rawValue
  }
}
