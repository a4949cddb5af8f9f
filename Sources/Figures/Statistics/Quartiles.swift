/// The three values that cut a sorted list into quarters.
public struct Quartiles: Hashable, Sendable {
  public var lower: Double
  public var median: Double
  public var upper: Double

  /// The quartiles of some values, nil of none.
  ///
  /// - Source: linear interpolation between the neighbours, method 7 of Hyndman and Fan, "Sample Quantiles in
  ///   Statistical Packages", 1996.
  public init?(of values: [Double]) {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    func quantile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }
    lower = quantile(0.25)
    median = quantile(0.5)
    upper = quantile(0.75)
  }
}
