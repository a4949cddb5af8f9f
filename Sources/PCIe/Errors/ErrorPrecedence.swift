/// Which of the errors found in one TLP is reported: a TLP reports one error at most.
///
/// Flow Control Protocol, which the first revisions list, keeps its place behind Receiver Overflow. Errors of
/// the data link layer never come here, as the TLP does not reach the transaction layer; Completion Timeout
/// belongs to no received TLP.
/// - Source: PCI Express Base 5.0, 6.2.3.2.3 "Error Pollution". Malformed TLP above ECRC as in Intel's Arria
///   10 guide 683647, "Transaction Layer Errors"; Unsupported Request above Poisoned TLP, and when the case
///   is no advisory one, as in Efinix, PCIe Controller guide, "Multiple-Error Scenarios".
public enum ErrorPrecedence {
  /// An error that a receiver has found in a TLP.
  public struct Found: Hashable, Sendable {
    public var violation: Violation
    /// Whether it would be an advisory case if it were the only one.
    public var isAdvisory: Bool

    public init(_ violation: Violation, isAdvisory: Bool) {
      self.violation = violation
      self.isAdvisory = isAdvisory
    }
  }

  /// The highest first; no TLP has two of those that stand side by side.
  public static let order: [[Violation]] = [
    [.uncorrectableInternal],
    [.receiverOverflow],
    [.flowControl],
    [.malformedTLP],
    [.ecrc],
    [.atomicEgressBlocked],
    [.prefixBlocked],
    [.acsViolation],
    [.multicastBlocked],
    [.unsupportedRequest, .completerAbort, .unexpectedCompletion],
    [.poisonedTLP, .poisonEgressBlocked],
  ]

  /// The place in the order, 0 for the highest; behind all for what no TLP reports.
  public static func rank(_ violation: Violation) -> Int {
    order.firstIndex { $0.contains(violation) } ?? order.count
  }

  /// The error to report; an advisory case only when all that were found are.
  public static func reported(_ found: [Found]) -> Found? {
    guard var first = found.min(by: { rank($0.violation) < rank($1.violation) }) else { return nil }
    first.isAdvisory = found.allSatisfy(\.isAdvisory)
    return first
  }
}
