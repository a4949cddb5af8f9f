/// What a figure counts; values are kept in the plain unit and shown with a prefix.
public enum FigureUnit: String, Hashable, Sendable {
  case seconds = "s"
  case perSecond = "/s"
  case perMinute = "/min"
  case bytesPerSecond = "B/s"
  case bytes = "B"
  case count = ""
  /// Kept as a part of one, shown as percent.
  case share = "%"

  private static let large: [(scale: Double, prefix: String)] = [(1e9, "G"), (1e6, "M"), (1e3, "k"), (1, "")]
  private static let small: [(scale: Double, prefix: String)] = [
    (1, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"),
  ]

  /// A value with three digits and a prefix, such as `312 ns`, `8.04 M/s` or `76.1 MB`.
  public func text(_ value: Double) -> String {
    if self == .share { return "\(Decimal.text(value * 100)) %" }
    let scales = self == .seconds ? Self.small : Self.large
    guard self != .count, let scale = scales.first(where: { value >= $0.scale }) else {
      return "\(Decimal.text(value)) \(rawValue)".trimmedAtEnd
    }
    return "\(Decimal.text(value / scale.scale)) \(scale.prefix)\(rawValue)"
  }
}

extension String {
  /// The text without spaces at its end.
  var trimmedAtEnd: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
