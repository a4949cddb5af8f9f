import ArgumentParser
import RunEvents
import Runner
import SuiteLanguage

/// `doctor`: tells what this machine can run, and how to mend what it cannot.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what this machine can run, and how to mend what it cannot.",
    discussion: """
      EXAMPLES:
        pcie-harness doctor
        pcie-harness doctor Suites
      """)

  @Argument(
    help: ArgumentHelp("Suites to look at; without a path those of the folder Suites.", valueName: "path"))
  var paths: [String] = []

  @Option(
    name: .customLong("tool"), help: ArgumentHelp("The program to use for a tool.", valueName: "name=path"))
  var tools: [NamedPath] = []

  func run() throws {
    let cores = Machine.coreCount
    let group = Machine.hasDelegatedControlGroup ? "cgroup v2 delegated" : "no delegated cgroup"
    Speech.say("  ok    broker         subreaper, \(group), \(cores) core\(cores == 1 ? "" : "s")")
    Speech.say("  ok    in-process     models on \(Machine.architecture), virtual time")
    let folder = (try? SuiteFinder.suites(at: "Suites")) == nil ? [] : ["Suites"]
    let wanted = paths.isEmpty ? folder : paths
    if wanted.isEmpty {
      return Speech.say("  no folder Suites here; name suites to see which of their cases run")
    }
    var options = SuiteOptions()
    options.paths = wanted
    var check = ToolCheck(given: Dictionary(tools.map { ($0.name, $0.path) }) { _, last in last })
    let suites = try options.suites()
    var reasons: [String: Int] = [:]
    for suite in suites {
      let instances = suite.plan.instances
      var skipped = 0
      for instance in instances {
        guard let reason = check.skipReason(instance) ?? Self.unbuilt(instance.requiresUnbuilt) else {
          continue
        }
        skipped += 1
        reasons[reason, default: 0] += 1
      }
      let name = suite.plan.suite.name
      Speech.say(
        skipped == 0
          ? "  \(name) runs here in full: \(instances.count) cases"
          : "  \(name): \(skipped) of \(instances.count) cases cannot run")
    }
    for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
      Speech.say("  miss  \(count) case\(count == 1 ? "" : "s")  \(reason)")
    }
  }

  private static func unbuilt(_ parts: [String]) -> String? {
    parts.isEmpty ? nil : "needs \(parts.joined(separator: " and ")), which this version does not have"
  }
}
