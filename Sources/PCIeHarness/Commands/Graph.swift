import ArgumentParser
import RunEvents
import Runner
import SuiteLanguage

/// `graph`: draws the topology of suites.
struct Graph: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw the topology of suites.",
    discussion: """
      EXAMPLES:
        pcie-harness graph Suites/switch.yaml
        pcie-harness graph Suites/switch.yaml --format mermaid
        pcie-harness graph Suites/switch.yaml --format dot | dot -Tsvg > switch.svg
      """)

  @OptionGroup var suiteOptions: SuiteOptions

  @Option(help: "ascii for terminals, mermaid for forges, dot for Graphviz.")
  var format: Format = .ascii

  /// The forms of a picture.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case ascii, mermaid, dot
  }

  func run() throws {
    let suites = try suiteOptions.suites()
    let count = suites.reduce(0) { $0 + $1.plan.topologies.count }
    for suite in suites {
      for (index, topology) in suite.plan.topologies.enumerated() {
        let picture = TopologyPicture(topology)
        let several = suite.plan.topologies.count > 1
        let title = several ? "\(suite.plan.suite.name) \(index + 1)" : suite.plan.suite.name
        switch format {
        case .ascii: Speech.say((count > 1 ? "\(title)\n" : "") + picture.ascii)
        case .mermaid: Speech.say(picture.mermaid)
        case .dot: Speech.say(picture.dot(named: title))
        }
      }
    }
  }
}
