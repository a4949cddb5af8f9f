import Figures
import Testing

/// The decision on gate and goal.
@Suite struct GateTests {
  static func measured(
    _ values: [Double], direction: Figure.Direction = .lessIsBetter, judgement: Figure.Judgement = .best,
    gate: Double, goal: Double, standing: Double? = nil
  ) -> Measured {
    Measured(
      Figure(
        key: "k", name: "name", unit: .seconds, direction: direction, judgement: judgement, gate: gate,
        goal: goal, standing: standing),
      Series(values.map { Round(subject: $0) }))
  }

  @Test func breaksOnlyWhenNoRoundReachesTheGate() {
    #expect(Self.measured([9, 5, 7], gate: 5, goal: 1).holdsGate)
    #expect(!Self.measured([9, 5.1, 7], gate: 5, goal: 1).holdsGate)
    #expect(Self.measured([1, 4], direction: .moreIsBetter, gate: 4, goal: 8).holdsGate)
    #expect(!Self.measured([1, 3.9], direction: .moreIsBetter, gate: 4, goal: 8).holdsGate)
  }

  @Test func judgesCountsByTheWorstRound() {
    #expect(Self.measured([0, 0], judgement: .worst, gate: 0, goal: 0).verdict == "ok")
    #expect(Self.measured([0, 0.001, 0], judgement: .worst, gate: 0, goal: 0).verdict == "BROKEN")
    let more = Self.measured([5, 3], direction: .moreIsBetter, judgement: .worst, gate: 4, goal: 4)
    #expect(!more.holdsGate)
  }

  @Test func meetsTheGoalByTheMedian() {
    #expect(Self.measured([1, 3, 3], gate: 5, goal: 2).verdict == "ok, goal missed")
    #expect(Self.measured([1, 2, 3], gate: 5, goal: 2).verdict == "ok")
    #expect(Self.measured([6, 7, 8], gate: 5, goal: 2).verdict == "BROKEN")
  }

  @Test func tellsAGateThatIsKnownToBeMissedAndBreaksBelowWhatStands() {
    #expect(Self.measured([6, 7], gate: 5, goal: 2, standing: 6).verdict == "GATE MISSED")
    #expect(Self.measured([6, 7], gate: 5, goal: 2, standing: 6).holdsGate)
    #expect(Self.measured([6.1, 7], gate: 5, goal: 2, standing: 6).verdict == "BROKEN")
    #expect(Self.measured([5, 7], gate: 5, goal: 2, standing: 6).verdict == "ok, goal missed")
    #expect(Self.measured([1], gate: 5, goal: 2, standing: 6).verdict == "ok")
  }

  @Test func judgesMultiplesByTheirMedian() {
    func measured(_ values: [Double], gate: Double, goal: Double) -> Measured {
      Measured(
        Figure(
          key: "k", name: "name", unit: .seconds, gate: gate, goal: goal, yardstick: "y", isMultiple: true),
        Series(values.map { Round(subject: $0, before: 10, after: 10) }))
    }
    #expect(measured([10, 20, 30], gate: 2, goal: 2).verdict == "ok")
    #expect(measured([10, 20, 30], gate: 2, goal: 1.9).verdict == "ok, goal missed")
    #expect(measured([10, 20, 30], gate: 1.9, goal: 1.9).verdict == "BROKEN")
  }

  @Test func measuresAgainBeforeItBelievesABrokenGate() {
    let figure = Self.measured([0], gate: 5, goal: 1).figure
    var taken = 0
    func measured(_ values: [Double]) -> Measured {
      taken = 0
      return Measured.take(figure, rounds: 2) {
        defer { taken += 1 }
        return Round(subject: values[taken])
      }
    }
    #expect(measured([4, 9]).holdsGate)
    #expect(taken == 2)
    #expect(measured([9, 9, 9, 4]).holdsGate)
    #expect(taken == 4)
    #expect(!measured([9, 9, 9, 9, 9, 9]).holdsGate)
    #expect(taken == 6)
  }

  @Test func oneBrokenGateBreaksTheReport() {
    let good = Self.measured([1], gate: 5, goal: 2)
    let bad = Self.measured([6], gate: 5, goal: 2)
    #expect(Report([good, good]).holds)
    #expect(!Report([good, bad]).holds)
  }
}
