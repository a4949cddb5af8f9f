import PCIe
import SuiteLanguage

/// A look at error registers: what to read, and what the values must show.
///
/// - Source: PCI Express Base 5.0, 7.8.4.2, 7.8.4.5, 7.8.4.10 and 7.8.4.11.
struct ErrorRegisterCheck {
  /// What a message calls the functions.
  let target: String
  let expectation: ErrorRegisterExpectation
  /// The IDs of which the source must have one; empty for any.
  let sources: [FunctionAddress]

  private typealias Register = AdvancedErrorReportingCapability.Register

  /// The registers of each function, from the start of its capability.
  var registers: [Int] {
    switch expectation.bit {
    case .violation(let violation):
      [violation.uncorrectableBit != nil ? Register.uncorrectableStatus : Register.correctableStatus]
    case .message: [Register.rootErrorStatus, Register.correctableSourceID]
    }
  }

  /// What is wrong with the values of all functions, one after the other; nil when nothing is.
  func failure(_ values: [UInt32]) -> StepFailure? {
    let word = expectation.bit.rawValue
    let hits = stride(from: 0, to: values.count, by: registers.count).filter { shows(values[$0]) }
    guard expectation.isPresent else {
      return hits.isEmpty ? nil : .expectation("the error registers of \(target) show \(word)")
    }
    if hits.isEmpty { return .expectation("the error registers of \(target) do not show \(word)") }
    guard !sources.isEmpty, case .message(let message) = expectation.bit else { return nil }
    let seen = hits.map { place in
      let ids = values[place + 1]
      return FunctionAddress(
        rawValue: UInt16(truncatingIfNeeded: message == .correctable ? ids : ids >> 16))
    }
    if seen.contains(where: sources.contains) { return nil }
    let wanted = sources.map(\.description).joined(separator: " or ")
    return .expectation(
      "expected \(expectation.source?.text ?? "") (\(wanted)) as the source of \(word) at \(target), got "
        + seen.map(\.description).joined(separator: ", "))
  }

  private func shows(_ value: UInt32) -> Bool {
    switch expectation.bit {
    case .violation(let violation):
      value >> UInt32(violation.uncorrectableBit ?? violation.correctableBit ?? 0) & 1 == 1
    // ERR_COR Received, Non-Fatal and Fatal Error Messages Received.
    case .message(.correctable): value & 1 << 0 != 0
    case .message(.nonFatal): value & 1 << 5 != 0
    case .message(.fatal): value & 1 << 6 != 0
    }
  }
}

extension StepEngine {
  /// The reads of an `expect` step that looks at error registers.
  func script(
    _ target: FunctionTarget, _ expectation: ErrorRegisterExpectation
  ) throws(StepFailure) -> SoftwareScript {
    var sources: [FunctionAddress] = []
    if let source = expectation.source {
      for function in functions(source) { sources.append(try address(function)) }
    }
    let check = ErrorRegisterCheck(target: target.text, expectation: expectation, sources: sources)
    var actions: [SoftwareScript.Action] = []
    for target in functions(target) {
      let function = try address(target)
      guard let place = topology.place(of: .advancedErrorReporting, target) else {
        throw .expectation("enumeration found no error registers in \(target.text)")
      }
      actions += check.registers.map { .read(function, offset: place + $0) }
    }
    return SoftwareScript("the look at the error registers of \(target.text)", actions, check: check)
  }

  /// A root complex stands for all its ports.
  private func functions(_ target: FunctionTarget) -> [FunctionTarget] {
    guard case .node(let node) = target, node == topology.description.root?.name else { return [target] }
    return topology.description.linksBelow(node).map { .port(node: node, link: $0.name) }
  }
}
