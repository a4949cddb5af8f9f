import ArgumentParser
import Nodes
import RunEvents
import Runner
import SuiteLanguage

/// `explore`: runs random scenarios with random faults on the topologies of suites.
struct Explore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Search for failures with random scenarios and random faults.",
    usage: "pcie-harness explore [<options>] <path> ...",
    discussion: """
      For each seed a scenario over the suite's topology and a schedule of faults are drawn and run in virtual \
      time, with all checkers on. What fails is made smaller and printed as a suite that run takes. A seed \
      gives the same result whatever the budget, which is time on the wall. Without --faults only faults are \
      used that leave software unharmed; with others requests may end in any way, and the case allows what \
      the faults lead to. A swizzle takes links down, and has those of --faults besides.

      EXAMPLES:
        pcie-harness explore Suites/switch.yaml --seeds 1000
        pcie-harness explore Suites/dma.yaml --budget 30s --output found.yaml
        pcie-harness explore Suites --schedule fault_pair --faults 'fc.*,dll.*'
      """)

  @OptionGroup var suiteOptions: SuiteOptions

  @Option(
    name: .customLong("case"),
    help: ArgumentHelp("Cases whose topologies are explored; * and ? are wild.", valueName: "glob"))
  var caseNames: [String] = []

  @Option(help: ArgumentHelp("Schedules to run; 100 without a budget.", valueName: "n"))
  var seeds: Int?

  @Option(help: ArgumentHelp("Time on the wall, after which no schedule begins.", valueName: "duration"))
  var budget: DurationValue?

  @Option(help: "How faults follow each other: random, swizzle or fault_pair.")
  var schedule: ExplorationPlan.Schedule = .random

  @Option(
    name: .customLong("faults"),
    help: ArgumentHelp("Kinds of fault by id, with commas between; * and ? are wild.", valueName: "globs"))
  var faults: [String] = []

  @Option(help: ArgumentHelp("The seed that those of the schedules are drawn from.", valueName: "seed"))
  var seed: SeedValue?

  @Option(help: ArgumentHelp("Keep the first failing case here, as a suite; - prints it.", valueName: "file"))
  var output: String?

  func validate() throws {
    if let seeds, seeds < 1 { throw ValidationError("--seeds takes a number from 1, got \(seeds)") }
  }

  func run() throws {
    let suites = try suiteOptions.suites()
    guard suites.count == 1, let suite = suites.first else {
      throw Speech.fail("explore takes one suite, got \(suites.count)   [cli.one-suite]")
    }
    let plan = try explorationPlan()
    let selection = try SelectionOptions.parse(caseNames.map { "--case=\($0)" })
    let cases = try selection.select(from: suites).map { suite.plan.instances[$0.instance] }
    if cases.isEmpty {
      throw Speech.fail("\(selection.emptyMessage(suites))   [cli.no-cases]", .nothingSelected)
    }
    var exploration: Exploration
    do throws(ExplorationError) {
      exploration = try Exploration(plan, suite: suite.plan, cases: cases)
    } catch { throw Speech.fail("\(suite.path): \(error)   [explore.topology]", .badData) }
    let report = try explore(&exploration, ExplorationReport(plan: plan, path: suite.path))
    if let output, let failing = report.firstFailing { try keep(failing, output) }
    throw Speech.leave(report.exitCode)
  }

  private func keep(_ suite: String, _ output: String) throws {
    if output == "-" { return try Speech.write(Array(suite.utf8)) }
    do throws(SystemError) {
      try FileStore.write(Array(suite.utf8), to: output)
    } catch { throw Speech.fail("\(error)   [harness.system]", .internalError) }
    Speech.say("kept  \(output)")
  }

  private func explore(
    _ exploration: inout Exploration, _ start: ExplorationReport
  ) throws -> ExplorationReport {
    var report = start
    report.begin()
    let begun = MonotonicInstant.now
    var number = 0
    while !isOver(number, begun) {
      do throws(ExplorationError) {
        report.add(try exploration.run(number), nanoseconds: MonotonicInstant.now.nanoseconds(since: begun))
      } catch { throw Speech.fail("\(error)   [explore.schedule]", .internalError) }
      number += 1
    }
    report.finish(nanoseconds: MonotonicInstant.now.nanoseconds(since: begun))
    return report
  }

  private func isOver(_ number: Int, _ begun: MonotonicInstant) -> Bool {
    if let seeds, number >= seeds { return true }
    guard let budget else { return number >= seeds ?? 100 }
    return MonotonicInstant.now.nanoseconds(since: begun) >= budget.span.nanoseconds
  }

  private func explorationPlan() throws -> ExplorationPlan {
    let drawn: UInt64
    do throws(SystemError) {
      drawn = try RunSeeds.seed(given: seed?.seed, cases: [])
    } catch { throw Speech.fail("\(error)   [harness.system]", .internalError) }
    let patterns = faults.flatMap { $0.split(separator: ",").map(String.init) }
    do throws(FaultChoiceError) {
      return try ExplorationPlan(
        schedule: schedule, patterns: faults.isEmpty ? nil : patterns, seed: drawn)
    } catch { throw Speech.fail("\(error)   [cli.no-such-fault]") }
  }
}
