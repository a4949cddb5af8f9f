/// A figure with its rounds, and what follows from them.
public struct Measured: Hashable, Sendable {
  public var figure: Figure
  public var series: Series

  public init(_ figure: Figure, _ series: Series) {
    self.figure = figure
    self.series = series
  }

  /// How often a figure is measured before a broken gate is believed.
  public static let attemptsMax = 3

  /// Measures rounds, and more of them when the gate is broken: a machine may be busy for a while.
  public static func take<Failure: Error>(
    _ figure: Figure, rounds: Int, _ round: () throws(Failure) -> Round
  ) throws(Failure) -> Measured {
    var taken: [Round] = []
    repeat {
      for _ in 0..<rounds { taken.append(try round()) }
    } while taken.count < attemptsMax * rounds && !Measured(figure, Series(taken)).holdsGate
    return Measured(figure, Series(taken))
  }

  /// What is held against the gate: a round, or the median of the multiples, as other work on the machine
  /// makes those smaller as well as larger.
  public var judged: Double {
    if figure.isMultiple { return series.ratio?.median ?? series.median }
    let values = series.accepted.map(\.subject)
    let wantsSmallest = (figure.direction == .lessIsBetter) == (figure.judgement == .best)
    return (wantsSmallest ? values.min() : values.max()) ?? series.median
  }

  /// Whether the figure is no reason to fail.
  public var holdsGate: Bool { figure.reaches(figure.standing ?? figure.gate, judged) }

  /// Whether the median, not just one lucky round, is what the project publishes.
  public var meetsGoal: Bool {
    figure.reaches(figure.goal, figure.judgement == .worst || figure.isMultiple ? judged : series.median)
  }

  /// `ok`, `ok, goal missed`, `GATE MISSED` where that is known, or `BROKEN`.
  public var verdict: String {
    guard holdsGate else { return "BROKEN" }
    guard figure.reaches(figure.gate, judged) else { return "GATE MISSED" }
    return meetsGoal ? "ok" : "ok, goal missed"
  }
}
