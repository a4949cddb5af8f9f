import ArgumentParser
import SuiteLanguage

/// A duration on the command line, as suites spell it: `500ms`, `10s`, `2min`.
struct DurationValue: ExpressibleByArgument {
  let span: TimeSpan

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    let units: [String: UInt64] = ["us": 1, "ms": 1_000, "s": 1_000_000, "min": 60_000_000]
    // A thousand hours: more is a mistake, and would not fit the clock of a case.
    guard let count = UInt64(digits), count > 0, let unit = units[String(argument.dropFirst(digits.count))],
      count <= 3_600_000_000_000 / unit
    else { return nil }
    span = .microseconds(count * unit)
  }
}
