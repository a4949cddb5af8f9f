/// How numbers and words are spelt in reports.
enum Format {
  /// Seconds with a fixed number of decimals, rounded, always with a dot.
  static func seconds(nanoseconds: UInt64, decimals: Int) -> String {
    var unit: UInt64 = 1
    for _ in decimals..<9 { unit *= 10 }
    let (sum, overflow) = nanoseconds.addingReportingOverflow(unit / 2)
    let units = (overflow ? nanoseconds : sum) / unit
    var scale: UInt64 = 1
    for _ in 0..<decimals { scale *= 10 }
    return "\(units / scale)." + left(String(units % scale), decimals, fill: "0")
  }

  /// A number in hexadecimal as suites spell it.
  static func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

  /// A count with its noun.
  static func count(_ count: some BinaryInteger, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// The text with so much in front of it that it is `width` columns wide.
  static func left(_ text: String, _ width: Int, fill: Character = " ") -> String {
    String(repeating: fill, count: max(0, width - text.count)) + text
  }

  /// The text with so many spaces behind it that it is `width` columns wide.
  static func right(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
