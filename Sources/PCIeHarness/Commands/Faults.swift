import ArgumentParser
import Nodes
import RunEvents
import Runner
import SuiteLanguage

/// `faults`: prints the catalogue of faults, and which suites bring them about.
struct Faults: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the kinds of fault.",
    discussion: """
      For each kind: whether this version can bring it about, the bits of the AER status registers that must \
      show it and no others, the reaction that the specification demands, and the suites that bring it about. \
      Without paths the folder Suites is searched, where there is one.

      EXAMPLES:
        pcie-harness faults
        pcie-harness faults --fault 'dll.*' Suites/faults.yaml
        pcie-harness faults --format json
      """)

  @Argument(
    help: ArgumentHelp("Suite files, or folders of them, whose faults are counted.", valueName: "path"),
    completion: .file(extensions: ["yaml", "yml"]))
  var paths: [String] = []

  @Option(
    name: .customLong("fault"),
    help: ArgumentHelp("Kinds by id; * and ? are wild. Given again it adds more.", valueName: "glob"))
  var globs: [String] = []

  @Option(help: "table for people, json for programs.")
  var format: Format = .table

  /// The forms of the catalogue.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json
  }

  func run() throws {
    let chosen = globs.map { Glob($0) }
    let entries = FaultCatalogue.entries.filter { entry in
      chosen.isEmpty || chosen.contains { $0.matches(entry.id.rawValue) }
    }
    if entries.isEmpty {
      let near = globs.compactMap { NearName.find($0, among: FaultID.allCases.map(\.rawValue)) }.first
      throw Speech.fail(
        "no fault is named \(globs.map { "'\($0)'" }.joined(separator: " or "))"
          + "\(near.map { "; did you mean '\($0)'?" } ?? "")   [cli.no-such-fault]")
    }
    let listing = FaultListing(entries: entries, uses: FaultListing.uses(of: try suites()))
    switch format {
    case .json: try Speech.write(listing.json)
    case .table: try Speech.write(Array(listing.table(width: ReportOptions.tableWidth).utf8))
    }
  }

  private func suites() throws -> [LoadedSuite] {
    let places = paths.isEmpty ? ["Suites"].filter { FileStore.kind($0) == .folder } : paths
    return places.isEmpty ? [] : try SuiteOptions.parse(["--"] + places).suites()
  }
}
