/// How many decimals the times of one block are shown with.
///
/// As few as keep distinct times distinct and give the smallest one two digits: `0.000 12 s`, `0.050 13 s`.
struct TimeScale: Hashable, Sendable {
  /// The decimals of a second, 3…12.
  let decimals: Int
  /// The columns before the dot.
  private let wholeWidth: Int

  init(_ picoseconds: [UInt64], decimalsMax: Int = 12) {
    let distinct = Set(picoseconds)
    let smallest = distinct.filter { $0 > 0 }.min() ?? .max
    var decimals = 3
    while decimals < decimalsMax {
      let unit = Self.unit(decimals)
      if smallest / unit >= 10, Set(distinct.map { $0 / unit }).count == distinct.count { break }
      decimals += 1
    }
    self.decimals = decimals
    wholeWidth = String((distinct.max() ?? 0) / Self.unit(0)).count
  }

  private static func unit(_ decimals: Int) -> UInt64 {
    (decimals..<12).reduce(1) { unit, _ in unit * 10 }
  }

  /// The time in seconds, with a space after each three decimals.
  func text(_ picoseconds: UInt64) -> String {
    let second = Self.unit(0)
    var text = Format.left(String(picoseconds / second), wholeWidth) + "."
    let fraction = Format.left(String(picoseconds % second), 12, fill: "0").prefix(decimals)
    for (index, digit) in fraction.enumerated() {
      if index > 0 && index % 3 == 0 { text += " " }
      text.append(digit)
    }
    return text + " s"
  }
}
