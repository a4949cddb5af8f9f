import CSystem
import Figures

/// The figures of programs at links: two processes, the link library in one and the runner's worker as the
/// other.
///
/// The program measures itself and its yardsticks in turn, in plain C. All run with real-time priority where
/// that is allowed, so that other work on the machine does not stand between them.
struct LinkFigures: ~Copyable {
  /// The runner.
  private let program: String
  /// The program at the links.
  private let workload: String
  private let folder: TemporaryFolder
  /// What a command begins with to be left alone by others.
  private let undisturbed: [String]

  init(program: String, workload: String) throws(SystemError) {
    let folder = try TemporaryFolder()
    try folder.makeFolder("Boards")
    self.program = program
    self.workload = workload
    self.folder = folder
    let priority = ["chrt", "-f", "10"]
    undisturbed = (try? ProcessRun.perform("/usr/bin/env", priority + ["true"])) == nil ? [] : priority
  }

  static let read = multiple(
    "link-read", "4-byte read, C program to model", "ring", .seconds, 2.5, 1.25, standing: 40)
  static let oneCore = multiple(
    "link-one-core", "4-byte read, C program to model, one core", "yielding", .seconds, 3, 1.5)
  static let relay = multiple(
    "link-relay", "4-byte read, C program to C program", "ring", .seconds, 5, 2.5, standing: 500)
  // Three share two cores, and who wakes up waits for a turn: microseconds, where a core of one's own needs
  // none. Somebody who is starved waits for slices of milliseconds, ten thousand times as long.
  static let busy = multiple(
    "link-busy", "4-byte read, C program to model, second core busy", "core free", .seconds, 10, 3,
    standing: 200)
  static let busyRelay = multiple(
    "link-busy-relay", "4-byte read, C program to C program, second core busy", "core free", .seconds, 10, 3,
    standing: 20)
  static let write = multiple(
    "link-write", "posted 4-byte writes, C program to model", "C ring", .perSecond, 0.15, 0.5,
    standing: 0.03)
  static let toHost = multiple(
    "link-to-host", "DMA of a C program to the host, 4 KiB, MPS 256", "two copies", .bytesPerSecond,
    0.4, 0.8, standing: 0.02)
  static let fromHost = multiple(
    "link-from-host", "DMA of a C program from the host, 4 KiB, 32 at once", "two copies", .bytesPerSecond,
    0.4, 0.8, standing: 0.02)
  static let many = multiple(
    "link-many", "4-byte read of a C program among 64 links", "one link", .seconds, 1.5, 1.15, standing: 3)
  static let vfio = multiple(
    "vfio-read", "4-byte read, vfio-user client to model", "socket pair", .seconds, 1.5, 1.15)
  static let memory = Figure(
    key: "link-memory", name: "memory of the broker for each of 64 links", unit: .bytes, gate: 512 * 1024,
    goal: 256 * 1024)
  static let idle = Figure(
    key: "link-idle", name: "processor time of the broker, 64 idle links", unit: .share, gate: 0.02,
    goal: 0.005)
  static let join = Figure(
    key: "link-join", name: "set-up and tear-down of a link", unit: .seconds, gate: 5e-3, goal: 1e-3)
  static let spawned = Figure(
    key: "link-case", name: "case with a spawned endpoint, above bare spawn", unit: .seconds, gate: 15e-3,
    goal: 5e-3, yardstick: "bare spawn")
  static let death = Figure(
    key: "link-death", name: "a killed endpoint is reported", unit: .seconds, gate: 100e-3, goal: 10e-3)

  static let all = [
    read, oneCore, relay, busy, busyRelay, write, toHost, fromHost, many, vfio, memory, idle, join, spawned,
    death,
  ]

  private static func multiple(
    _ key: String, _ name: String, _ yardstick: String, _ unit: FigureUnit, _ gate: Double, _ goal: Double,
    standing: Double? = nil
  ) -> Figure {
    Figure(
      key: key, name: name, unit: unit, direction: unit == .seconds ? .lessIsBetter : .moreIsBetter,
      gate: gate, goal: goal, standing: standing, yardstick: yardstick, isMultiple: true)
  }

  /// Measures one figure.
  func measure(_ figure: Figure, rounds: Int) throws(SystemError) -> Measured {
    switch figure.key {
    case Self.read.key: try measure(figure, .host(arguments("host-reads", rounds)))
    case Self.oneCore.key: try measure(figure, .host(arguments("host-reads-one-core", rounds)), cores: "0")
    case Self.relay.key: try measure(figure, .relay(arguments("host-reads", rounds)))
    case Self.busy.key: try measureBusy(figure, .host(arguments("host-reads-alone", 1)), rounds: 3)
    case Self.busyRelay.key: try measureBusy(figure, .relay(arguments("host-reads-alone", 1)), rounds: 3)
    case Self.write.key: try measure(figure, .host(arguments("host-writes", rounds)))
    case Self.toHost.key:
      try measure(figure, .device(arguments("device-to-host", rounds)), amounts: (4096, 256))
    case Self.fromHost.key:
      try measure(figure, .device(arguments("device-from-host", rounds)), amounts: (4096, 256))
    case Self.vfio.key: try measure(figure, .vfioHost(arguments("vfio-reads", rounds)))
    case Self.many.key: try measureMany(rounds: 3)
    case Self.memory.key, Self.idle.key: try measureIdle(figure)
    case Self.join.key: try measureJoins()
    case Self.spawned.key: try measureSpawns(rounds: 3)
    default: try measureDeath(rounds: 5)
    }
  }

  // MARK: Rounds that the program reports

  private var reportPath: String { "\(folder.path)/report" }

  private func arguments(_ work: String, _ count: Int) -> [String] { [work, reportPath, "\(count)"] }

  private func measure(
    _ figure: Figure, _ suite: LinkSuite, cores: String? = nil, amounts: (Double, Double) = (1, 1)
  ) throws(SystemError) -> Measured {
    var taken: [Round] = []
    // A machine may be busy for a while, or in its slow state.
    repeat {
      taken += try rounds(figure, suite, cores, amounts)
    } while taken.count < Measured.attemptsMax * 9 && !Measured(figure, Series(taken)).holdsGate
    return Measured(figure, Series(taken))
  }

  private func rounds(
    _ figure: Figure, _ suite: LinkSuite, _ cores: String?, _ amounts: (Double, Double)
  ) throws(SystemError) -> [Round] {
    try run(suite, cores: cores).map { line throws(SystemError) in
      guard line.count == 3 else { throw SystemError("a round of \(figure.key) has not three values") }
      func value(_ seconds: Double, _ amount: Double) -> Double {
        figure.unit == .seconds ? seconds : amount / seconds
      }
      return Round(
        subject: value(line[1], amounts.0), before: value(line[0], amounts.1),
        after: value(line[2], amounts.1))
    }
  }

  /// Runs a suite, and gives what the program has reported: the numbers of each line.
  private func run(
    _ suite: LinkSuite, cases: Int = 1, cores: String? = nil, before: [String]? = nil
  ) throws(SystemError) -> [[Double]] {
    let path = try folder.write("links.yaml", suite.text(image: workload, cases: cases))
    for board in suite.boards { _ = try folder.write("Boards/\(board.name).yaml", board.text) }
    let placed = cores.map { ["taskset", "-c", $0] } ?? []
    let output = "\(folder.path)/output"
    do throws(SystemError) {
      _ = try ProcessRun.perform(
        "/usr/bin/env",
        (before ?? undisturbed) + placed
          + [program, "run", path, "--jobs", "1", "--require-all", "--output", "\(folder.path)/out"],
        output: output)
    } catch { throw SystemError("\(error); it printed:\n\(TextFile.read(output) ?? "")") }
    return (TextFile.read(reportPath) ?? "").split(separator: "\n").map { line in
      line.split(separator: " ").compactMap { Double($0) }
    }
  }

  // MARK: Other measurements

  /// Two cores, of which somebody who never waits wants the second one. All have the priority of any program,
  /// as none would be busy beside one that has a higher one.
  private func measureBusy(_ figure: Figure, _ suite: LinkSuite, rounds: Int) throws(SystemError) -> Measured
  {
    let script = """
      taskset -c 1 "$1" burns & other=$!
      shift; "$@"; result=$?
      kill $other; exit $result
      """
    func read(_ before: [String]) throws(SystemError) -> Double {
      let lines = try run(suite, cores: "0,1", before: before)
      return Quartiles(of: lines.compactMap { $0.count == 3 ? $0[1] : nil })?.median ?? 0
    }
    return try .take(figure, rounds: rounds) { () throws(SystemError) in
      let before = try read([])
      let value = try read(["sh", "-c", script, "sh", workload])
      return Round(subject: value, before: before, after: try read([]))
    }
  }

  private func measureMany(rounds: Int) throws(SystemError) -> Measured {
    func read(_ links: Int) throws(SystemError) -> Double {
      let lines = try run(.device(arguments("device-reads", 9), links: links))
      return Quartiles(of: lines.compactMap { $0.count == 3 ? $0[1] : nil })?.median ?? 0
    }
    return try .take(Self.many, rounds: rounds) { () throws(SystemError) in
      let before = try read(1)
      let value = try read(64)
      return Round(subject: value, before: before, after: try read(1))
    }
  }

  private func measureIdle(_ figure: Figure) throws(SystemError) -> Measured {
    func idle(_ links: Int) throws(SystemError) -> [Double] {
      let seconds = figure.key == Self.idle.key ? 3 : 0
      guard let line = try run(.device(arguments("device-idles", seconds), links: links)).first,
        line.count == 2
      else { throw SystemError("the idle program has reported nothing") }
      return line
    }
    let many = try idle(64)
    guard figure.key == Self.memory.key else {
      return Measured(figure, Series([Round(subject: many[0])]))
    }
    return Measured(figure, Series([Round(subject: (many[1] - (try idle(1))[1]) * 1024 / 63)]))
  }

  private func measureJoins() throws(SystemError) -> Measured {
    let url = "unix:\(folder.path)/socket#host"
    let output = "\(folder.path)/output"
    let script = """
      "$1" endpoint memory-mock --listen "$3" 2> "$5" & server=$!
      until grep -q listening "$5"; do sleep 0.01; done
      "$2" host-joins "$4" "$3"; result=$?
      kill $server; exit $result
      """
    _ = try ProcessRun.perform(
      "/bin/sh", ["-c", script, "sh", program, workload, url, reportPath, output])
    let values = (TextFile.read(reportPath) ?? "").split(separator: "\n").compactMap { Double($0) }
    guard !values.isEmpty else { throw SystemError("the program has not joined") }
    return Measured(Self.join, Series(values.map { Round(subject: $0) }))
  }

  private func measureSpawns(rounds: Int) throws(SystemError) -> Measured {
    func bare() throws(SystemError) -> Double {
      var values: [Double] = []
      for _ in 0..<9 { values.append(try ProcessRun.perform(workload, ["nothing"]).seconds) }
      return Quartiles(of: values)?.median ?? 0
    }
    func seconds(_ cases: Int) throws(SystemError) -> Double {
      let begun = csys_monotonic()
      _ = try run(LinkSuite.spawns, cases: cases)
      return Double(csys_monotonic() - begun) / 1e9
    }
    return try .take(Self.spawned, rounds: rounds) { () throws(SystemError) in
      let before = try bare()
      let value = (try seconds(21) - seconds(1)) / 20
      let after = try bare()
      return Round(subject: value - (before + after) / 2, before: before, after: after)
    }
  }

  private func measureDeath(rounds: Int) throws(SystemError) -> Measured {
    try .take(Self.death, rounds: rounds) { () throws(SystemError) in
      guard let value = try run(.death(["host-awaits-death", reportPath])).first?.first else {
        throw SystemError("the host has not learned of the death")
      }
      return Round(subject: value)
    }
  }
}
