import CBenchmark
import Endpoints
import Figures

/// The figures of the Revere-AMU: messages through an accelerator and back, and the work of one.
struct AMUFigures {
  private let single: MeasuredAMU
  private let many: MeasuredAMU
  private let compress: MeasuredAMU
  private let text = MeasuredAMU.text()

  static let contexts = 1024

  init() throws {
    single = try MeasuredAMU(contexts: 1, agent: InvertAgent())
    many = try MeasuredAMU(contexts: Self.contexts, agent: InvertAgent())
    compress = try MeasuredAMU(contexts: 1, agent: DeflateAgent(isCompressing: true))
    compress.placeText()
  }

  static let keys = ["amu-round-trip", "amu-messages", "amu-many", "amu-compress"]

  var workloads: [Workload] {
    [
      Workload(
        figure: Figure(
          key: "amu-round-trip", name: "AMU message there and back, 64 B", unit: .seconds, gate: 20e-6,
          goal: 5e-6, yardstick: "C queues"),
        subjectSteps: 256, yardstickSteps: 5000, amount: 1, subject: single.roundTrips,
        yardstick: { bench_queue_steps(UInt64($0), 2, 2) }),
      Workload(
        figure: Figure(
          key: "amu-messages", name: "AMU messages of 64 B, 64 at a time", unit: .perSecond,
          direction: .moreIsBetter, gate: 0.2e6, goal: 1e6, yardstick: "C queues"),
        subjectSteps: 16, yardstickSteps: 5000, amount: Double(MeasuredAMU.batch), subject: single.batches,
        yardstick: { bench_queue_steps(UInt64($0), 2, 2) }),
      Workload(
        figure: Figure(
          key: "amu-many", name: "AMU message among 1024 contexts", unit: .seconds, gate: 1.3, goal: 1.05,
          standing: 1.6, yardstick: "one context", isMultiple: true),
        subjectSteps: 1024, yardstickSteps: 1024, amount: 1, subject: many.roundTrips,
        yardstick: single.roundTrips),
      Workload(
        figure: Figure(
          key: "amu-compress", name: "AMU compress, 64 KiB, depth 16", unit: .bytesPerSecond,
          direction: .moreIsBetter, gate: 0.9, goal: 0.95, standing: 0.8,
          yardstick: "zlib alone", isMultiple: true),
        subjectSteps: 1, yardstickSteps: 1,
        amount: Double(MeasuredAMU.pieceBytes * MeasuredAMU.depth), subject: compress.compressions,
        yardstick: { MeasuredAMU.compressionsAlone(text, $0) }),
    ]
  }

  /// Whether the workloads broke no rule and left nothing behind.
  func endClean() -> Bool {
    single.endsClean(isInverting: true) && many.endsClean(isInverting: true)
      && compress.endsClean(isInverting: false)
  }
}
