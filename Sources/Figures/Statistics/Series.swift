/// The rounds of one figure.
public struct Series: Hashable, Sendable {
  public var rounds: [Round]

  /// - Precondition: there is a round.
  public init(_ rounds: [Round]) {
    precondition(!rounds.isEmpty, "a figure is measured at least once")
    self.rounds = rounds
  }

  /// The rounds that count: those in which the machine kept its state, or all when there are too few of them.
  public var accepted: [Round] {
    let steady = rounds.filter(\.isSteady)
    return steady.count >= min(3, rounds.count) ? steady : rounds
  }

  /// The median of what was measured.
  public var median: Double { Quartiles(of: accepted.map(\.subject))?.median ?? 0 }

  /// The median of the yardsticks, nil without any.
  public var yardstick: Double? { Quartiles(of: accepted.compactMap(\.yardstick))?.median }

  /// The multiples of the yardstick, nil without one.
  public var ratio: Quartiles? { Quartiles(of: accepted.compactMap(\.ratio)) }
}
