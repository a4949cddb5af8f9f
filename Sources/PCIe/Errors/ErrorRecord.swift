/// The error bits that a function has set, kept beside the registers that software clears.
///
/// - Layout: one bit per error, in the places of the AER status registers.
/// - Source: PCI Express Base 5.0, 7.8.4.2 and 7.8.4.5.
@frozen
public struct ErrorRecord: Hashable, Sendable {
  public var uncorrectable: UInt32 = 0
  public var correctable: UInt32 = 0

  @inlinable public init() {}

  /// Whether nothing is recorded.
  public var isEmpty: Bool { uncorrectable | correctable == 0 }

  /// Whether a violation is recorded; never for one without a bit.
  public func contains(_ violation: Violation) -> Bool {
    if let bit = violation.uncorrectableBit { return uncorrectable >> UInt32(bit) & 1 == 1 }
    if let bit = violation.correctableBit { return correctable >> UInt32(bit) & 1 == 1 }
    return false
  }

  /// What is recorded, in the order of the enumeration.
  public var violations: [Violation] { Violation.allCases.filter(contains) }
}

extension ConfigurationSpace {
  /// Empties the record of errors; the registers stay.
  public mutating func forgetRecordedErrors() { recordedErrors = ErrorRecord() }
}
