import LinkBroker
import SuiteLanguage

// Interrupts of programs that keep their functions themselves.
extension StepEngine {
  /// Refuses to wait for an interrupt that nobody could tell from other writes to memory.
  func checkHearing(_ condition: WaitCondition) throws(StepFailure) {
    guard case .interrupt(_, _, let source) = condition else { return }
    let raw = topology.rawDevices
    if case .node(let name)? = source {
      guard raw.contains(name) else { return }
    } else {
      let devices = topology.description.nodes.filter { $0.role == .endpoint }
      guard source == nil, !raw.isEmpty, devices.allSatisfy({ raw.contains($0.name) }) else { return }
    }
    throw .expectation(
      "no interrupt can be waited for: \(Self.reason(raw)); wait for a console line of the host instead")
  }

  /// Why a counter has no value.
  func reasonOfSilence(_ counter: CounterReference) -> String {
    let raw = topology.rawDevices
    guard case .node(let name, _) = counter, !raw.isEmpty,
      raw.contains(name) || name == topology.description.root?.name
    else { return "" }
    return ": \(Self.reason(raw))"
  }

  private static func reason(_ raw: [String]) -> String {
    let names = raw.joined(separator: " and ")
    return raw.count == 1
      ? "\(names) is a raw device, whose interrupts are writes to memory like any other"
      : "\(names) are raw devices, whose interrupts are writes to memory like any other"
  }
}

extension CaseTopology {
  /// The device programs that keep their functions themselves.
  var rawDevices: [String] {
    (outside?.nodes ?? []).filter { node in
      description.node(node.name)?.role == .endpoint && node.ends.contains { $0.place is OutsidePort }
    }.map(\.name)
  }
}
