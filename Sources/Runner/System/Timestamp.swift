import CSystem

/// A moment of the calendar, in UTC.
public struct Timestamp: Hashable, Sendable {
  let secondsSince1970: Int64

  /// Now.
  public static var now: Timestamp { Timestamp(secondsSince1970: csys_wall_seconds()) }
}

extension Timestamp: CustomStringConvertible {
  /// The text form of ISO 8601: `2026-01-31T12:00:00Z`.
  ///
  /// - Source: the days-to-date arithmetic of eras of 400 years, counted from 1 March of year 0.
  public var description: String {
    let days = secondsSince1970 >= 0 ? secondsSince1970 / 86400 : (secondsSince1970 - 86399) / 86400
    let second = secondsSince1970 - days * 86400
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    let time = [second / 3600, second / 60 % 60, second % 60].map { Self.padded($0, 2) }
    return "\(date)T\(time.joined(separator: ":"))Z"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}
