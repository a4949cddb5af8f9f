import ArgumentParser
import RunEvents
import Runner
import SuiteLanguage

/// `check`: reads and resolves suites, and tells everything that is wrong with them.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check suites without running them.",
    discussion: """
      Ends with 65 when any file has an error, and when a case needs what this version does not have.

      EXAMPLES:
        pcie-harness check Suites
        pcie-harness check Suites/dma.yaml --format json
      """)

  @OptionGroup var suiteOptions: SuiteOptions

  @OptionGroup(title: "Processes") var placing: PlaceOptions

  @Option(help: "text for people, json for editors: one finding on each line.")
  var format: Format = .text

  /// The forms of findings.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  func run() throws {
    let sources = try suiteOptions.sources()
    var findings = Findings(sources)
    let plans = sources.compactMap(\.result.plan)
    findings.add(placing.places(for: plans).findings)
    findings.add(Findings(unbuiltIn: plans.flatMap { plan in plan.instances.map { ($0, plan) } }))
    switch format {
    case .json: for finding in findings.all { Speech.say(finding.diagnostic.json) }
    case .text:
      findings.tell()
      for source in sources {
        if let plan = source.result.plan { Speech.say("\(source.path): \(Self.summary(plan))") }
      }
    }
    if findings.hasErrors { throw Speech.leave(.badData) }
  }

  private static func summary(_ plan: Plan) -> String {
    let instances = plan.instances.count
    let cases = Set(plan.instances.map(\.caseName)).count
    let raised = plan.instances.count { !$0.raisedLinks.isEmpty }
    let unbuilt = plan.instances.count { !$0.requiresUnbuilt.isEmpty }
    let text = "\(instances) case\(instances == 1 ? "" : "s")"
    return text + (cases == instances ? "" : " of \(cases) descriptions")
      + (raised > 0 ? ", \(raised) with a data link layer switched on" : "")
      + (unbuilt > 0 ? ", \(unbuilt) cannot run" : "")
  }
}
