import Figures

/// The figures of the built program, run as a user runs it.
struct ProcessFigures: ~Copyable {
  /// The program, beside this one.
  let program: String
  private let folder: TemporaryFolder
  private let emptySuite: String
  private let transferSuite: String

  init(program: String) throws(SystemError) {
    let folder = try TemporaryFolder()
    let emptySuite = try folder.write("empty.yaml", GeneratedSuite.empty)
    let transferSuite = try folder.write("transfers.yaml", GeneratedSuite.transfers)
    self.program = program
    self.folder = folder
    self.emptySuite = emptySuite
    self.transferSuite = transferSuite
  }

  static let overhead = Figure(
    key: "overhead", name: "runner, per empty case of 1000", unit: .seconds, gate: 2e-3, goal: 0.5e-3,
    yardstick: "true")
  static let suite = Figure(
    key: "suite", name: "1000 cases of writes and reads, JUnit, 2 jobs", unit: .seconds, gate: 10, goal: 3,
    yardstick: "true")
  static let version = Figure(
    key: "version", name: "pcie-harness --version", unit: .seconds, gate: 30e-3, goal: 10e-3,
    yardstick: "true")
  static let memory = Figure(
    key: "memory", name: "peak memory of these 1000 cases, all processes", unit: .bytes, judgement: .worst,
    gate: 300e6, goal: 80e6)

  func measureOverhead(rounds: Int) throws(SystemError) -> Measured {
    try measure(Self.overhead, rounds: rounds, perRound: Double(GeneratedSuite.caseCount)) {
      () throws(SystemError) in
      try ProcessRun.perform(program, ["run", emptySuite, "--jobs", "1", "--output", folder.path]).seconds
    }
  }

  func measureSuite(rounds: Int) throws(SystemError) -> Measured {
    try measure(Self.suite, rounds: rounds, perRound: 1) { () throws(SystemError) in
      try runTransfers(watchesMemory: false).seconds
    }
  }

  func measureVersion(rounds: Int) throws(SystemError) -> Measured {
    try measure(Self.version, rounds: rounds, perRound: 1) { () throws(SystemError) in
      try ProcessRun.perform(program, ["--version"]).seconds
    }
  }

  func measureMemory(rounds: Int) throws(SystemError) -> Measured {
    var result: [Round] = []
    for _ in 0..<rounds { result.append(Round(subject: try runTransfers(watchesMemory: true).peakBytes)) }
    return Measured(Self.memory, Series(result))
  }

  private func runTransfers(watchesMemory: Bool) throws(SystemError) -> ProcessRun {
    try ProcessRun.perform(
      program,
      [
        "run", transferSuite, "--jobs", "2", "--junit", "\(folder.path)/report.xml", "--output", folder.path,
      ], watchesMemory: watchesMemory)
  }

  private func measure(
    _ figure: Figure, rounds: Int, perRound: Double, _ subject: () throws(SystemError) -> Double
  ) throws(SystemError) -> Measured {
    try .take(figure, rounds: rounds) { () throws(SystemError) in
      let before = try ProcessRun.yardstick()
      let value = try subject() / perRound
      return Round(subject: value, before: before, after: try ProcessRun.yardstick())
    }
  }
}
