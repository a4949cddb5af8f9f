/// An instant of simulated time, counted from the start of a case.
///
/// - Units: picoseconds.
@frozen
public struct VirtualTime: Hashable, Comparable, Sendable {
  public var picoseconds: UInt64

  @inlinable
  public init(picoseconds: UInt64) { self.picoseconds = picoseconds }

  /// The start of a case.
  @inlinable public static var zero: VirtualTime { VirtualTime(picoseconds: 0) }

  /// The instant that no event reaches.
  @inlinable public static var never: VirtualTime { VirtualTime(picoseconds: .max) }

  @inlinable
  public static func < (left: VirtualTime, right: VirtualTime) -> Bool {
    left.picoseconds < right.picoseconds
  }

  /// The instant after a length of time; past the end of time it is `never`.
  @inlinable
  public static func + (time: VirtualTime, length: VirtualDuration) -> VirtualTime {
    let (sum, overflow) = time.picoseconds.addingReportingOverflow(length.picoseconds)
    return VirtualTime(picoseconds: overflow ? .max : sum)
  }

  /// The length from an earlier instant; zero when it is not earlier.
  @inlinable
  public static func - (time: VirtualTime, earlier: VirtualTime) -> VirtualDuration {
    VirtualDuration(picoseconds: time > earlier ? time.picoseconds - earlier.picoseconds : 0)
  }
}
