public import SuiteLanguage

/// A factor on timeouts, for machines that are slower than the one a suite was written on.
///
/// - Units: thousandths, so that every machine computes the same.
public struct TimeoutScale: Hashable, Sendable {
  /// The factor.
  ///
  /// - Units: thousandths.
  public let thousandths: UInt64

  /// Makes a factor; 1000 changes nothing.
  public init(thousandths: UInt64 = 1000) { self.thousandths = thousandths }

  /// Reads a factor such as `2` or `1.5`; nil for anything else, for zero and for more than a million.
  public init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isNumber = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    guard isNumber, parts.count <= 2, let whole = UInt64(parts[0]), whole <= 1_000_000 else { return nil }
    let fraction = parts.count == 2 ? parts[1] : "0"
    guard fraction.count <= 3, let rest = UInt64(fraction + String(repeating: "0", count: 3 - fraction.count))
    else { return nil }
    thousandths = whole * 1000 + rest
    if thousandths == 0 { return nil }
  }

  /// The time multiplied; past the end of time it stays at the end.
  public func applied(to time: TimeSpan) -> TimeSpan {
    let (whole, overflow) = (time.picoseconds / 1000).multipliedReportingOverflow(by: thousandths)
    let rest = time.picoseconds % 1000 * thousandths / 1000
    let (sum, carries) = whole.addingReportingOverflow(rest)
    return TimeSpan(picoseconds: overflow || carries ? .max : sum)
  }
}
