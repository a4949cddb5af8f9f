/// A length of simulated time.
///
/// - Units: picoseconds; 64 bits hold 213 days.
@frozen
public struct VirtualDuration: Hashable, Comparable, Sendable {
  public var picoseconds: UInt64

  @inlinable
  public init(picoseconds: UInt64) { self.picoseconds = picoseconds }

  /// A whole number of nanoseconds.
  @inlinable
  public static func nanoseconds(_ count: UInt64) -> VirtualDuration {
    VirtualDuration(picoseconds: count * 1_000)
  }

  /// A whole number of microseconds.
  @inlinable
  public static func microseconds(_ count: UInt64) -> VirtualDuration { .nanoseconds(count * 1_000) }

  /// A whole number of milliseconds.
  @inlinable
  public static func milliseconds(_ count: UInt64) -> VirtualDuration { .nanoseconds(count * 1_000_000) }

  /// A whole number of seconds.
  @inlinable
  public static func seconds(_ count: UInt64) -> VirtualDuration { .nanoseconds(count * 1_000_000_000) }

  /// No time at all.
  @inlinable public static var zero: VirtualDuration { VirtualDuration(picoseconds: 0) }

  @inlinable
  public static func < (left: VirtualDuration, right: VirtualDuration) -> Bool {
    left.picoseconds < right.picoseconds
  }

  /// The sum; a length past the end of time stays at the end.
  @inlinable
  public static func + (left: VirtualDuration, right: VirtualDuration) -> VirtualDuration {
    let (sum, overflow) = left.picoseconds.addingReportingOverflow(right.picoseconds)
    return VirtualDuration(picoseconds: overflow ? .max : sum)
  }
}
