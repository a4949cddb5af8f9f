import Figures
import LinkBroker

/// What a data link layer and a capture cost, as multiples of the round trip without them.
struct LayerFigures {
  let plain: MeasuredPath
  private let dataLink: MeasuredPath
  private let captured: MeasuredPath

  /// The measured link with all that its two ends compute.
  static var dataLinkWithCRC: LinkConfiguration {
    var link = MeasuredPath.link
    link.layer = .dataLink
    link.computesLinkCRC = true
    return link
  }

  /// - Parameter plain: a link that carries TLPs only and is not captured.
  init(plain: MeasuredPath) throws {
    self.plain = plain
    dataLink = try MeasuredPath(Self.dataLinkWithCRC)
    captured = try MeasuredPath()
    captured.capturedRoundTrips(10)
    precondition(captured.recordCount == 20, "a capture holds a request and a completion of each read")
  }

  var workloads: [Workload] {
    [
      multiple(
        key: "data-link", name: "4-byte read round trip, data link layer with LCRC", gate: 4, goal: 2,
        dataLink.readRoundTrips),
      multiple(
        key: "capture", name: "4-byte read round trip, capture on", gate: 1.5, goal: 1.25,
        captured.capturedRoundTrips),
    ]
  }

  private func multiple(
    key: String, name: String, gate: Double, goal: Double, _ subject: @escaping (Int) -> Void
  ) -> Workload {
    Workload(
      figure: Figure(
        key: key, name: name, unit: .seconds, gate: gate, goal: goal, yardstick: "without", isMultiple: true),
      subjectSteps: 1000, yardstickSteps: 1000, amount: 1, subject: subject,
      yardstick: plain.readRoundTrips)
  }

  static let allocations = Figure(
    key: "layer-allocations", name: "allocations per TLP, data link layer", unit: .count, judgement: .worst,
    gate: 0, goal: 0)

  /// Counts the allocations that a data link layer makes.
  func countAllocations() -> Measured {
    Measured(Self.allocations, Series([workloads[0].countAllocations(on: dataLink)]))
  }

  /// Whether nothing went wrong on the links that are not `plain`.
  func endClean() -> Bool { dataLink.endsClean() && captured.endsClean() }
}
