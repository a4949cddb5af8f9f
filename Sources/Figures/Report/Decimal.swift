/// Numbers for people, made without Foundation.
enum Decimal {
  /// Three digits that count or more, as `0.52`, `7.3`, `81` or `1234`; zeros behind the point are left out.
  ///
  /// What is too small for that is said in full: a count that is not zero never reads as zero.
  static func text(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite else { return "\(value)" }
    if value < 0 { return "-" + text(-value, digits: digits) }
    if value > 0, value < 0.0005 { return "\(value)" }
    let places = (value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3) + digits - 3
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let rounded = (value * scale).rounded()
    guard let whole = UInt64(exactly: (rounded / scale).rounded(.down)) else { return "\(value)" }
    var fraction = String(UInt64(rounded) - whole * UInt64(scale))
    fraction = String(repeating: "0", count: max(0, places - fraction.count)) + fraction
    while fraction.last == "0" { fraction.removeLast() }
    return fraction.isEmpty || places == 0 ? "\(whole)" : "\(whole).\(fraction)"
  }
}
