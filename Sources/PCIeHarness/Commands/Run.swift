import ArgumentParser
import Nodes
import RunEvents
import Runner
import SuiteLanguage

/// `run`: performs cases and reports how they ended.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run suites.",
    discussion: """
      Every case runs in a worker process; a crash costs one case. The seed is always printed, and the \
      same seed gives the same events with any number of jobs. The record is kept in harness-out.

      EXAMPLES:
        pcie-harness run suites/dma.yaml
        pcie-harness run Suites --tag smoke --junit report.xml
        pcie-harness run Suites/dma.yaml --case 'write-read[length=4B,*'
        pcie-harness run Suites --capture failed
        pcie-harness run Suites -E 'model(switch) and not slow()' --seed 0x5eed

      EXPRESSIONS (-E):
        suite(glob) case(glob) tag(glob) board(glob) model(glob) fault(glob) slow()
        joined by and, or, not, or by & | !, with parentheses;
        fault() takes ids that pcie-harness faults prints
      """)

  @OptionGroup var suiteOptions: SuiteOptions
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup(title: "Running") var running: RunningOptions
  @OptionGroup(title: "Processes") var placing: PlaceOptions
  @OptionGroup(title: "Captures") var captures: CaptureOptions
  @OptionGroup(title: "Reports") var reports: ReportOptions
  @OptionGroup(title: "Exit code") var exits: ExitOptions

  func run() throws {
    let suites = try suiteOptions.suites()
    var cases = try selection.select(from: suites)
    if cases.isEmpty && exits.noCases == .fail {
      throw Speech.fail("\(selection.emptyMessage(suites))   [cli.no-cases]", .nothingSelected)
    }
    let instances = cases.map { (suites[$0.suite].plan.instances[$0.instance], suites[$0.suite].plan) }
    let unbuilt = Findings(unbuiltIn: instances)
    unbuilt.tell()
    if unbuilt.hasErrors { throw Speech.leave(.badData) }
    var places = try placing.places(for: suites)
    var tools = placing.toolCheck
    for index in cases.indices {
      let (instance, plan) = instances[index]
      cases[index].skipReason = tools.skipReason(instance, of: plan, places: places)
    }
    if running.kvm { for line in places.accelerate(suites, cases) { Speech.complain(line) } }
    throw Speech.leave(try perform(suites, cases, places))
  }

  /// Runs the cases and answers with the exit code.
  private func perform(
    _ suites: [LoadedSuite], _ cases: [SelectedCase], _ places: NodePlaces
  ) throws -> RunEvents.ExitCode {
    do throws(SystemError) {
      var configuration = try running.configuration(
        suites: suites, cases: cases, hasTerminal: reports.terminalSize != nil)
      var folder: String?
      var lost: SystemError?
      do throws(SystemError) {
        folder = try FileStore.makeNewFolder("\(running.output)/\(configuration.name)")
      } catch { lost = error }
      var sinks = ReportSinks(reports, folder: folder)
      if let lost { sinks.lose(lost) }
      configuration.places = places
      configuration.captures = captures.request(folder: folder)
      var supervisor = try Supervisor(configuration)
      let end = try supervisor.run(observer: &sinks)
      sinks.finish()
      return RunEvents.ExitCode(
        totals: end.totals, signal: end.signal, policy: exits.policy, harnessBroke: sinks.isReportLost)
    } catch { throw Speech.fail("\(error)   [harness.system]", .internalError) }
  }
}
