import ArgumentParser
import Nodes
import RunEvents
import Runner
import SuiteLanguage

/// How cases run.
struct RunningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The seed of the run; without it the suites' own, else a drawn one.", valueName: "n"))
  var seed: SeedValue?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Cases that run side by side; without it one for each core.", valueName: "n"))
  var jobs: Int?

  @Option(help: ArgumentHelp("Tries after a failed one, for every case.", valueName: "n"))
  var retries: Int?

  @Flag(help: "A case that passes only on a later try has passed.")
  var flakyOk = false

  @Option(help: ArgumentHelp("The time for the whole run, such as 10min.", valueName: "duration"))
  var timeout: DurationValue?

  @Option(
    help: ArgumentHelp("A factor on all timeouts of cases and steps, such as 1.5.", valueName: "factor"))
  var timeoutScale = TimeoutScale()

  @Flag(help: "Let KVM run the guests of boards that boot with it within 20 s; else they are emulated.")
  var kvm = false

  @Option(
    help: ArgumentHelp("Where the folder of the run is made.", valueName: "folder"), completion: .directory)
  var output = "harness-out"

  @Option(help: .hidden)
  var drill: DrillValue?

  @Option(help: .hidden)
  var grace: DurationValue?

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs takes 1 to 1024, got \(jobs)") }
    if let retries, !(0...100).contains(retries) {
      throw ValidationError("--retries takes 0 to 100, got \(retries)")
    }
    if output.isEmpty { throw ValidationError("--output takes a folder, got nothing") }
  }

  /// Everything the supervisor has to know.
  func configuration(
    suites: [LoadedSuite], cases: [SelectedCase], hasTerminal: Bool
  ) throws(SystemError) -> RunConfiguration {
    let seed = try RunSeeds.seed(
      given: seed?.seed, cases: cases.map { suites[$0.suite].plan.instances[$0.instance] })
    var configuration = RunConfiguration(
      suites: suites, cases: cases, seed: seed, isSeedGiven: self.seed != nil,
      slots: max(1, min(jobs ?? Machine.coreCount, cases.count)), product: Tool.version)
    if let memory = Machine.availableMemory { configuration.memory = memory }
    configuration.tries = TryPolicy(retries: retries, allowsFlaky: flakyOk)
    configuration.limits.timeoutScale = timeoutScale
    configuration.limits.run = timeout?.span
    if let grace { configuration.limits.grace = grace.span }
    configuration.limits.tick = hasTerminal ? .milliseconds(100) : nil
    configuration.drill = drill?.drill
    return configuration
  }
}

/// A staged mishap of a worker on the command line.
struct DrillValue: ExpressibleByArgument {
  let drill: Drill

  init?(argument: String) {
    guard let drill = Drill(argument) else { return nil }
    self.drill = drill
  }
}
