import ArgumentParser
import Nodes
import RunEvents
import Runner
import SuiteLanguage

/// `list`: tells the cases after matrix expansion; starts nothing.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List cases without running them.",
    discussion: """
      EXAMPLES:
        pcie-harness list Suites
        pcie-harness list Suites/dma.yaml --format names --tag smoke
        pcie-harness list Suites --format cmake > CTestTestfile.cmake
      """)

  @OptionGroup var suiteOptions: SuiteOptions
  @OptionGroup(title: "Selection") var selection: SelectionOptions

  @Option(help: "tree and names for people, json for programs, cmake for CTest.")
  var format: Format = .tree

  @OptionGroup(title: "Processes") var placing: PlaceOptions

  /// The forms of a list.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case tree, json, names, cmake
  }

  func run() throws {
    let suites = try suiteOptions.suites()
    var cases = try selection.select(from: suites)
    let places = try placing.places(for: suites)
    var check = placing.toolCheck
    for index in cases.indices {
      let plan = suites[cases[index].suite].plan
      cases[index].skipReason = check.skipReason(
        plan.instances[cases[index].instance], of: plan, places: places)
    }
    if cases.isEmpty && format != .json {
      throw Speech.fail("\(selection.emptyMessage(suites))   [cli.no-cases]", .nothingSelected)
    }
    let listing = Listing(suites: suites, cases: cases)
    do throws(SystemError) {
      try StandardStream.output.write(Array(listing.text(format).utf8))
    } catch { if !error.isClosedPipe { throw Speech.fail("\(error)", .internalError) } }
  }
}
