import CSystem

/// An instant of the machine's clock that never goes back.
///
/// - Units: nanoseconds since an arbitrary start.
public struct MonotonicInstant: Hashable, Comparable, Sendable {
  /// Since the arbitrary start.
  public var nanoseconds: UInt64

  /// Makes an instant.
  public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// Now.
  public static var now: MonotonicInstant { MonotonicInstant(nanoseconds: csys_monotonic()) }

  public static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The instant after so many nanoseconds; past the end of time it stays at the end.
  public func adding(nanoseconds count: UInt64) -> MonotonicInstant {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(count)
    return MonotonicInstant(nanoseconds: overflow ? .max : sum)
  }

  /// The nanoseconds since an earlier instant; zero when it is not earlier.
  public func nanoseconds(since earlier: MonotonicInstant) -> UInt64 {
    nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
  }
}
