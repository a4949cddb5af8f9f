import CBenchmark
import CSystem
import Figures

/// The speed of `explore` on one core: all of it is one process with one thread, whose processor time counts.
struct ExploreFigures: ~Copyable {
  /// The program, beside this one.
  let program: String
  private let folder: TemporaryFolder
  private let suite: String

  init(program: String) throws(SystemError) {
    let folder = try TemporaryFolder()
    suite = try folder.write("explored.yaml", GeneratedSuite.explored)
    self.program = program
    self.folder = folder
  }

  static let tlps = Figure(
    key: "explore", name: "explore, simulated TLPs", unit: .perSecond, direction: .moreIsBetter, gate: 0.3e6,
    goal: 1e6, yardstick: "C queues")
  static let schedules = Figure(
    key: "schedules", name: "explore, schedules", unit: .perMinute, direction: .moreIsBetter, gate: 4_000,
    goal: 12_000)

  /// The schedules of a round.
  private static let count = 200

  /// Measures both figures by the same runs.
  func measure(rounds: Int) throws(SystemError) -> [Measured] {
    var schedules: [Round] = []
    let tlps = try Measured.take(Self.tlps, rounds: rounds) { () throws(SystemError) in
      let before = Self.queueSteps()
      let run = try explore()
      let after = Self.queueSteps()
      schedules.append(Round(subject: Double(Self.count) * 60 / run.seconds))
      return Round(subject: run.tlps / run.seconds, before: before, after: after)
    }
    return [tlps, Measured(Self.schedules, Series(schedules))]
  }

  private func explore() throws(SystemError) -> (seconds: Double, tlps: Double) {
    let file = "\(folder.path)/explored.txt"
    let run = try ProcessRun.perform(
      program, ["explore", suite, "--seeds", "\(Self.count)", "--seed", "0x1"], output: file)
    let words = (TextFile.read(file) ?? "").split { $0 == " " || $0 == "\n" }
    guard let place = words.lastIndex(of: "TLPs"), place > 0, let tlps = Double(words[place - 1]) else {
      throw SystemError("explore has not said how many TLPs it has simulated")
    }
    return (run.processorSeconds, tlps)
  }

  /// The yardstick: the steps of a queue and a heap in a second, of the best of some batches.
  private static func queueSteps() -> Double {
    let steps: UInt64 = 20_000
    let values = (0..<9).map { _ in
      let begun = csys_monotonic()
      bench_queue_steps(steps, 1, 2)
      return Double(csys_monotonic() - begun) / 1e9 / Double(steps)
    }
    return 1 / (values.min() ?? 1)
  }
}
