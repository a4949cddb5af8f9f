/// All figures of one run, as a table for people and as JSON for programs.
public struct Report: Sendable {
  public var figures: [Measured]

  public init(_ figures: [Measured]) { self.figures = figures }

  /// Whether every gate holds.
  public var holds: Bool { figures.allSatisfy(\.holdsGate) }

  private static let heads = [
    "figure", "measured", "yardstick", "ratio, quartiles", "gate", "goal", "verdict",
  ]

  /// The table, a line for each figure below a line of heads.
  public var table: String {
    let rows = [Self.heads] + figures.map(Self.cells)
    let widths = Self.heads.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.indices.map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
        .joined(separator: "  ").trimmedAtEnd + "\n"
    }.joined()
  }

  private static func cells(_ measured: Measured) -> [String] {
    let figure = measured.figure
    let yardstick = measured.series.yardstick.map { "\(figure.yardstick) \(figure.unit.text($0))" } ?? "-"
    // Multiples are promised to half a percent.
    func ratio(_ value: Double) -> String { Decimal.text(value, digits: figure.isMultiple ? 4 : 3) }
    let ratios = measured.series.ratio.map {
      "\(ratio($0.median)) (\(ratio($0.lower)) to \(ratio($0.upper)))"
    }
    return [
      figure.name, figure.unit.text(measured.series.median), yardstick, ratios ?? "-",
      bound(figure, figure.gate), bound(figure, figure.goal), measured.verdict,
    ]
  }

  private static func bound(_ figure: Figure, _ value: Double) -> String {
    figure.isMultiple ? "\(Decimal.text(value, digits: 4)) x" : figure.unit.text(value)
  }

  /// One JSON object; values are in plain seconds, bytes, or both.
  public var json: String {
    "{\"figures\":[\n" + figures.map(Self.object).joined(separator: ",\n") + "\n],\"holds\":\(holds)}\n"
  }

  private static func object(_ measured: Measured) -> String {
    let figure = measured.figure
    let series = measured.series
    var members = [
      ("key", quoted(figure.key)), ("name", quoted(figure.name)), ("unit", quoted(figure.unit.rawValue)),
      ("median", "\(series.median)"), ("judged", "\(measured.judged)"), ("gate", "\(figure.gate)"),
      ("goal", "\(figure.goal)"), ("isMultiple", "\(figure.isMultiple)"),
      ("holdsGate", "\(measured.holdsGate)"),
      ("meetsGoal", "\(measured.meetsGoal)"), ("rounds", "\(series.rounds.count)"),
      ("acceptedRounds", "\(series.accepted.count)"),
    ]
    if let yardstick = series.yardstick, let ratio = series.ratio {
      members += [
        ("yardstick", quoted(figure.yardstick)), ("yardstickMedian", "\(yardstick)"),
        ("ratio", "[\(ratio.lower),\(ratio.median),\(ratio.upper)]"),
      ]
    }
    return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
  }

  /// Names are plain ASCII without quotes.
  private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}
