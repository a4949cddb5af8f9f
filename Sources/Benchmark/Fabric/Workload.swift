import CBenchmark
import CSystem
import Figures

/// Work in steps and a yardstick in steps, from which a figure is made.
struct Workload {
  /// The batches of which a measurement is the median, or for a multiple the best.
  static let batches = 9

  let figure: Figure
  /// The steps of one batch: some hundred microseconds of work, so that most batches are not interrupted.
  let subjectSteps: Int
  let yardstickSteps: Int
  /// What one step counts for: 1 for a step, or its bytes.
  let amount: Double
  let subject: (Int) -> Void
  let yardstick: (Int) -> Void

  /// Measures yardstick, subject and yardstick in each round.
  func measure(rounds: Int) -> Measured {
    subject(subjectSteps)
    yardstick(yardstickSteps)
    return .take(figure, rounds: rounds) {
      let before = sample(yardstickSteps, yardstick)
      let value = sample(subjectSteps, subject)
      return Round(subject: value, before: before, after: sample(yardstickSteps, yardstick))
    }
  }

  /// Counts the allocations per TLP once queues and buffers have their size.
  func countAllocations(on path: MeasuredPath) -> Round {
    subject(subjectSteps)
    let (tlps, allocations) = (path.tlpCount, bench_allocations())
    for _ in 0..<10 { subject(subjectSteps) }
    let counted = bench_allocations() - allocations
    return Round(subject: Double(counted) / Double(path.tlpCount - tlps))
  }

  private func sample(_ steps: Int, _ work: (Int) -> Void) -> Double {
    let values = (0..<Self.batches).map { _ in
      let begun = csys_monotonic()
      work(steps)
      return value(seconds: Double(csys_monotonic() - begun) / 1e9 / Double(steps))
    }
    // What else the machine does must not stand on one side of a multiple only.
    return (figure.isMultiple ? values.min() : Quartiles(of: values)?.median) ?? 0
  }

  private func value(seconds: Double) -> Double { figure.unit == .seconds ? seconds : amount / seconds }
}
