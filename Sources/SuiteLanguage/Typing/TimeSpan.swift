/// A length of time as a suite gives it.
///
/// - Units: picoseconds, the unit of virtual time; at most 213 days.
public struct TimeSpan: Hashable, Comparable, Sendable {
  public var picoseconds: UInt64

  public init(picoseconds: UInt64) { self.picoseconds = picoseconds }

  public static func < (left: TimeSpan, right: TimeSpan) -> Bool {
    left.picoseconds < right.picoseconds
  }

  /// The same time for clocks of the operating system, rounded down.
  public var nanoseconds: UInt64 { picoseconds / 1000 }

  /// The time in seconds, for reports only.
  public var seconds: Double { Double(picoseconds) / 1e12 }

  /// So many nanoseconds; more than 213 days trap.
  public static func nanoseconds(_ count: UInt64) -> TimeSpan { TimeSpan(picoseconds: count * 1000) }
  /// So many microseconds; more than 213 days trap.
  public static func microseconds(_ count: UInt64) -> TimeSpan { TimeSpan(picoseconds: count * 1_000_000) }
  /// So many milliseconds; more than 213 days trap.
  public static func milliseconds(_ count: UInt64) -> TimeSpan {
    TimeSpan(picoseconds: count * 1_000_000_000)
  }
  /// So many seconds; more than 213 days trap.
  public static func seconds(_ count: UInt64) -> TimeSpan { TimeSpan(picoseconds: count * 1_000_000_000_000) }
}

extension TimeSpan: CustomStringConvertible {
  /// The spelling of the suite language in the largest unit that divides the time.
  public var description: String {
    for unit in TimeUnit.allCases.reversed() where picoseconds % unit.picoseconds == 0 && picoseconds > 0 {
      return "\(picoseconds / unit.picoseconds)\(unit.rawValue)"
    }
    return picoseconds == 0 ? "0ns" : "\(picoseconds)ps"
  }
}

/// The units a duration may carry, smallest first.
enum TimeUnit: String, CaseIterable {
  case nanoseconds = "ns"
  case microseconds = "us"
  case milliseconds = "ms"
  case seconds = "s"
  case minutes = "min"

  var picoseconds: UInt64 {
    switch self {
    case .nanoseconds: 1000
    case .microseconds: 1_000_000
    case .milliseconds: 1_000_000_000
    case .seconds: 1_000_000_000_000
    case .minutes: 60_000_000_000_000
    }
  }
}
