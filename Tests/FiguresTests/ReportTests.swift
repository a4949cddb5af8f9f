import Figures
import Foundation
import Testing

/// Units, table and JSON.
@Suite struct ReportTests {
  @Test(arguments: [
    (FigureUnit.seconds, 312e-9, "312 ns"), (.seconds, 1.234e-6, "1.23 µs"), (.seconds, 0.0005, "500 µs"),
    (.seconds, 0.0082, "8.2 ms"), (.seconds, 3, "3 s"), (.seconds, 0.99951e-6, "1000 ns"),
    (.perSecond, 8.04e6, "8.04 M/s"), (.bytesPerSecond, 2e9, "2 GB/s"), (.bytes, 76_123_456, "76.1 MB"),
    (.bytes, 12, "12 B"), (.count, 0, "0"), (.count, 0.125, "0.125"), (.count, 0.0001, "0.0001"),
    (.seconds, 0, "0 s"), (.perMinute, 24_310, "24.3 k/min"),
  ]) func showsThreeDigits(_ unit: FigureUnit, _ value: Double, _ text: String) {
    #expect(unit.text(value) == text)
  }

  static let report = Report([
    Measured(
      Figure(key: "read", name: "read", unit: .seconds, gate: 1e-6, goal: 300e-9, yardstick: "C queues"),
      Series([
        Round(subject: 310e-9, before: 31e-9, after: 31e-9),
        Round(subject: 290e-9, before: 29e-9, after: 29e-9),
        Round(subject: 320e-9, before: 40e-9, after: 40e-9),
      ])),
    Measured(
      Figure(
        key: "allocations", name: "allocations per TLP", unit: .count, judgement: .worst, gate: 0, goal: 0),
      Series([Round(subject: 0), Round(subject: 1)])),
    Measured(
      Figure(
        key: "capture", name: "capture on", unit: .seconds, gate: 1.5, goal: 1.25, yardstick: "off",
        isMultiple: true),
      Series([
        Round(subject: 28e-9, before: 20e-9, after: 20e-9),
        Round(subject: 30e-9, before: 20e-9, after: 20e-9),
        Round(subject: 26e-9, before: 20e-9, after: 20e-9),
      ])),
    Measured(
      Figure(
        key: "hooks", name: "instructions", unit: .count, gate: 1.02, goal: 1.005, yardstick: "no hooks",
        isMultiple: true),
      Series([Round(subject: 1001, before: 1000, after: 1000)])),
  ])

  @Test func drawsATable() {
    #expect(
      Self.report.table == """
        figure               measured  yardstick       ratio, quartiles        gate    goal     verdict
        read                 310 ns    C queues 31 ns  10 (9 to 10)            1 µs    300 ns   ok, goal missed
        allocations per TLP  0.5       -               -                       0       0        BROKEN
        capture on           28 ns     off 20 ns       1.4 (1.35 to 1.45)      1.5 x   1.25 x   ok, goal missed
        instructions         1001      no hooks 1000   1.001 (1.001 to 1.001)  1.02 x  1.005 x  ok

        """)
  }

  @Test func writesJSON() throws {
    let object = try JSONSerialization.jsonObject(with: Data(Self.report.json.utf8)) as? [String: Any]
    #expect(object?["holds"] as? Bool == false)
    let figures = try #require(object?["figures"] as? [[String: Any]])
    #expect(figures.map { $0["key"] as? String } == ["read", "allocations", "capture", "hooks"])
    #expect(figures[0]["median"] as? Double == 310e-9)
    #expect(figures[0]["judged"] as? Double == 290e-9)
    #expect((figures[0]["ratio"] as? [Double])?.count == 3)
    #expect(figures[1]["ratio"] == nil)
    #expect(figures[1]["holdsGate"] as? Bool == false)
    #expect(figures.map { $0["isMultiple"] as? Bool } == [false, false, true, true])
  }
}
