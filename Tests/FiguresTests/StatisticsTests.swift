import Figures
import Testing

/// Medians, quartiles and the rounds that count.
@Suite struct StatisticsTests {
  @Test(arguments: [
    ([5.0], 5.0, 5.0, 5.0),
    ([4, 2], 2.5, 3, 3.5),
    ([3, 1, 2], 1.5, 2, 2.5),
    ([9, 1, 5, 3, 7], 3, 5, 7),
    ([1, 2, 3, 4], 1.75, 2.5, 3.25),
  ]) func cutsIntoQuarters(_ values: [Double], _ lower: Double, _ median: Double, _ upper: Double) throws {
    let quartiles = try #require(Quartiles(of: values))
    #expect(quartiles.lower == lower)
    #expect(quartiles.median == median)
    #expect(quartiles.upper == upper)
  }

  @Test func hasNoQuartilesOfNothing() { #expect(Quartiles(of: []) == nil) }

  @Test func comparesWithTheMeanOfBothYardsticks() {
    let round = Round(subject: 30, before: 9, after: 10)
    #expect(round.yardstick == 9.5)
    #expect(round.ratio == 30 / 9.5)
    #expect(Round(subject: 30).ratio == nil)
    #expect(Round(subject: 30, before: 0, after: 0).ratio == nil)
  }

  @Test func rejectsARoundInWhichTheMachineChanged() {
    #expect(Round(subject: 1, before: 100, after: 115).isSteady)
    #expect(!Round(subject: 1, before: 100, after: 116).isSteady)
    #expect(!Round(subject: 1, before: 116, after: 100).isSteady)
    #expect(Round(subject: 1).isSteady)
  }

  @Test func leavesRejectedRoundsOut() {
    let series = Series([
      Round(subject: 10, before: 5, after: 5), Round(subject: 90, before: 5, after: 20),
      Round(subject: 12, before: 5, after: 5), Round(subject: 14, before: 7, after: 7),
    ])
    #expect(series.accepted.map(\.subject) == [10, 12, 14])
    #expect(series.median == 12)
    #expect(series.yardstick == 5)
    #expect(series.ratio?.median == 2)
    #expect(series.ratio?.upper == 2.2)
  }

  @Test func keepsAllRoundsWhenTooFewAreSteady() {
    let series = Series([
      Round(subject: 10, before: 5, after: 5), Round(subject: 30, before: 5, after: 20),
      Round(subject: 20, before: 5, after: 20),
    ])
    #expect(series.accepted.count == 3)
    #expect(series.median == 20)
    #expect(Series([Round(subject: 4)]).accepted.count == 1)
    #expect(Series([Round(subject: 4)]).ratio == nil)
  }
}
