import ArgumentParser
import Nodes
import Reports
import RunEvents
import Runner
import SuiteLanguage

/// `coverage`: adds up which faults struck which TLPs in recorded runs.
struct Coverage: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell which faults struck which TLPs in recorded runs.",
    discussion: """
      Each FILE is what run --events wrote, or events.jsonl in the folder of a run; - is the standard input. \
      Several are added up, in any order. Ends with 65 when a record cannot be read whole.

      EXAMPLES:
        pcie-harness coverage harness-out/7f3a/events.jsonl
        pcie-harness coverage part-1.jsonl part-2.jsonl --format json
      """)

  @Argument(
    help: ArgumentHelp("Records of runs.", valueName: "file"), completion: .file(extensions: ["jsonl"]))
  var files: [String]

  @Option(help: "table for people, json for programs.")
  var format: Format = .table

  /// The forms of a matrix.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json
  }

  func run() throws {
    var coverage = CoverageReport()
    var isBad = false
    for file in files {
      let bytes: [UInt8]
      do throws(SystemError) {
        bytes = try FileStore.read(file == "-" ? "/dev/stdin" : file)
      } catch {
        throw Speech.fail(
          error.isAbsent ? "no record at \(file)   [cli.no-such-record]" : "\(error)   [cli.unreadable]")
      }
      var replay = Reports.Replay()
      replay.add(bytes) { coverage.add($0) }
      replay.finish { coverage.add($0) }
      for problem in replay.problems { Speech.complain("error: \(file): \(problem)   [events.bad-line]") }
      isBad = isBad || replay.problemCount > 0
    }
    switch format {
    case .json: try Speech.write(coverage.json)
    case .table: try Speech.write(Array(Self.text(coverage).utf8))
    }
    if isBad { throw Speech.leave(.badData) }
  }

  private static func text(_ coverage: CoverageReport) -> String {
    let width = ReportOptions.tableWidth
    let kinds = FaultCatalogue.entries.filter { !$0.id.isGeneral && $0.isBuilt && $0.standing == .built }
    let missing = kinds.filter { !coverage.faults.contains($0.id.rawValue) }.map(\.id.rawValue)
    var lines = coverage.lines(width: width)
    lines += [
      "",
      "\(kinds.count - missing.count) of the \(kinds.count) kinds that rules bring about have struck",
    ]
    if !missing.isEmpty, missing.count < kinds.count {
      lines += TextTable.wrapped("not: " + missing.joined(separator: ", "), width: width)
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
