import CBenchmark
import Figures

/// The figures of TLPs between a root complex and a memory mock, on one core.
struct FabricFigures {
  let path: MeasuredPath

  var workloads: [Workload] {
    [
      Workload(
        figure: Figure(
          key: "read", name: "4-byte read round trip", unit: .seconds, gate: 1e-6, goal: 300e-9,
          yardstick: "C queues"),
        subjectSteps: 1000, yardstickSteps: 5000, amount: 1, subject: path.readRoundTrips,
        yardstick: { bench_queue_steps(UInt64($0), 2, 2) }),
      Workload(
        figure: Figure(
          key: "write", name: "posted 4-byte writes", unit: .perSecond, direction: .moreIsBetter, gate: 2e6,
          goal: 8e6, yardstick: "C queues"),
        subjectSteps: 2048, yardstickSteps: 10000, amount: 1, subject: path.postedWrites,
        yardstick: { bench_queue_steps(UInt64($0), 1, 2) }),
      dma(key: "dma-write", name: "4 KiB DMA to the host, MPS 256", path.dmaWrites),
      dma(key: "dma-read", name: "4 KiB DMA from the host, MPS 256", path.dmaReads),
    ]
  }

  private func dma(key: String, name: String, _ subject: @escaping (Int) -> Void) -> Workload {
    Workload(
      figure: Figure(
        key: key, name: name, unit: .bytesPerSecond, direction: .moreIsBetter, gate: 0.5e9, goal: 2e9,
        yardstick: "memcpy"),
      subjectSteps: 128, yardstickSteps: 4000, amount: Double(MeasuredPath.transferBytes), subject: subject,
      yardstick: { bench_copy_steps(UInt64($0)) })
  }

  static let allocations = Figure(
    key: "allocations", name: "allocations per TLP, steady path", unit: .count, judgement: .worst, gate: 0,
    goal: 0)

  /// Counts the allocations of each workload once its queues and buffers have their size: a round for each.
  func countAllocations() -> Measured {
    Measured(Self.allocations, Series(workloads.map { $0.countAllocations(on: path) }))
  }
}
