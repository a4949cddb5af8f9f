import Figures
import Glibc

/// Measures every figure that the project promises and fails on a broken gate.
@main
enum Benchmark {
  static func main() {
    do {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      if let service = options.service { return try perform(service) }
      let report = Report(try measure(options))
      try TextFile.write("\n\(report.table)", to: STDOUT_FILENO)
      if let path = options.json { try TextFile.write(report.json, to: path) }
      exit(report.holds ? 0 : 1)
    } catch {
      try? TextFile.write("error: \(error)\n", to: STDERR_FILENO)
      exit(70)
    }
  }

  private static func perform(_ service: Options.Service) throws {
    switch service {
    case .work(let work): try work.perform()
    case .tellHooks:
      try TextFile.write(try RepeatedWork.hasHooks() ? "with\n" : "without\n", to: STDOUT_FILENO)
    }
  }

  private static func measure(_ options: Options) throws -> [Measured] {
    var figures: [Measured] = []
    var broken: [(place: Int, workload: Workload, rounds: Int)] = []
    func take(_ measured: Measured) throws {
      figures.append(measured)
      try tell(measured)
    }
    func take(_ workload: Workload, rounds: Int) throws {
      let measured = workload.measure(rounds: rounds)
      if !measured.holdsGate { broken.append((figures.count, workload, rounds)) }
      try take(measured)
    }
    let fabric = FabricFigures(path: try MeasuredPath())
    for workload in fabric.workloads where options.selects(workload.figure) {
      try take(workload, rounds: options.rounds ?? 11)
    }
    if options.selects(FabricFigures.allocations) { try take(fabric.countAllocations()) }
    let layers = try LayerFigures(plain: fabric.path)
    for workload in layers.workloads where options.selects(workload.figure) {
      try take(workload, rounds: options.rounds ?? 11)
    }
    if options.selects(LayerFigures.allocations) { try take(layers.countAllocations()) }
    let faults = try FaultFigures(plain: fabric.path)
    for workload in try faults.workloads + MemoryFigures().workloads
    where options.selects(workload.figure) {
      try take(workload, rounds: options.rounds ?? 21)
    }
    let units = AMUFigures.keys.contains(where: options.selects(key:)) ? try AMUFigures() : nil
    for workload in units?.workloads ?? [] where options.selects(workload.figure) {
      try take(workload, rounds: options.rounds ?? 11)
    }
    if options.selects(HookFigures.read) || options.selects(HookFigures.write) {
      guard let bare = options.bare else { throw Options.usage("--without-hooks is missing") }
      let hooks = try HookFigures(program: try own(), bare: bare)
      for figure in [HookFigures.read, HookFigures.write] where options.selects(figure) {
        try take(hooks.measure(figure))
      }
    }

    let processes = try ProcessFigures(program: try beside("pcie-harness"))
    let rounds = options.rounds ?? 5
    if options.selects(ProcessFigures.overhead) { try take(processes.measureOverhead(rounds: rounds)) }
    if options.selects(ProcessFigures.suite) { try take(processes.measureSuite(rounds: rounds)) }
    if options.selects(ProcessFigures.version) { try take(processes.measureVersion(rounds: rounds * 3)) }
    if options.selects(ProcessFigures.memory) { try take(processes.measureMemory(rounds: 1)) }
    if options.selects(ExploreFigures.tlps) || options.selects(ExploreFigures.schedules) {
      for measured in try ExploreFigures(program: try beside("pcie-harness")).measure(rounds: rounds)
      where options.selects(measured.figure) {
        try take(measured)
      }
    }
    let links = try LinkFigures(program: try beside("pcie-harness"), workload: try beside("LinkWorkload"))
    for figure in LinkFigures.all where options.selects(figure) {
      try take(links.measure(figure, rounds: options.rounds ?? 9))
    }
    try takeWarpPipe(options, take)
    try takeQEMU(options, take)
    // A machine that is slow keeps at it for some twenty seconds: what was broken then is measured again now.
    for _ in 0..<2 {
      for entry in broken where !figures[entry.place].holdsGate {
        figures[entry.place] = entry.workload.measure(rounds: entry.rounds)
        try tell(figures[entry.place], again: true)
      }
    }
    precondition(
      fabric.path.movesData() && fabric.path.endsClean() && layers.endClean() && faults.endClean()
        && units?.endClean() ?? true,
      "the workloads break no rule, leave nothing behind, and no fault strikes")
    return figures
  }

  /// Measures the wire of Warp Pipe, where its programs are.
  private static func takeWarpPipe(_ options: Options, _ take: (Measured) throws -> Void) throws {
    let wanted = WarpPipeFigures.all.filter(options.selects)
    guard !wanted.isEmpty else { return }
    guard let given = options.warpPipe else {
      let keys = wanted.map(\.key).joined(separator: ", ")
      return try TextFile.write(
        "bench: skipped \(keys): --warp-client and --warp-mock name no programs\n", to: STDOUT_FILENO)
    }
    let figures = try WarpPipeFigures(
      program: try beside("pcie-harness"), client: given.client, mock: given.mock)
    for measured in try figures.measure(wanted, rounds: options.rounds ?? 5) { try take(measured) }
  }

  /// Measures runs with QEMU, where it has been provided.
  private static func takeQEMU(_ options: Options, _ take: (Measured) throws -> Void) throws {
    var wanted: [Figure] = []
    for figure in QEMUFigures.all where options.selects(figure) {
      if let missing = QEMUFigures.missing(for: figure) {
        let text = "bench: skipped \(figure.key): \(missing) is not there; make qemu guest\n"
        try TextFile.write(text, to: STDOUT_FILENO)
      } else {
        wanted.append(figure)
      }
    }
    let figures = try QEMUFigures(program: try beside("pcie-harness"))
    for measured in try figures.measure(wanted, rounds: options.rounds ?? 5) { try take(measured) }
  }

  private static func tell(_ measured: Measured, again: Bool = false) throws {
    let figure = measured.figure
    try TextFile.write(
      "bench: \(again ? "again, " : "")\(figure.name): \(figure.unit.text(measured.series.median)), "
        + "\(measured.verdict)\n",
      to: STDOUT_FILENO)
  }

  /// This program.
  private static func own() throws(SystemError) -> String {
    let own = CommandLine.arguments.first ?? ""
    guard own.contains("/") else {
      throw SystemError("start the benchmark by a path, such as .build/release/Benchmark")
    }
    return own
  }

  /// A program that was built together with this one.
  private static func beside(_ name: String) throws(SystemError) -> String {
    let own = try own()
    return try ProcessRun.wholePath(String(own[...(own.lastIndex(of: "/") ?? own.startIndex)]) + name)
  }
}
