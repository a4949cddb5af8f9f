import ArgumentParser
import Nodes
import Reports
import RunEvents
import Runner

/// `replay`: renders the record of a run again; starts nothing.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Render a recorded run again.",
    discussion: """
      FILE is what run --events wrote, or events.jsonl in the folder of a run; - is the standard input.
      The exit code is that of the run.

      EXAMPLES:
        pcie-harness replay harness-out/7f3a/events.jsonl
        pcie-harness replay events.jsonl --junit report.xml --junit-flaky
      """)

  @Argument(help: ArgumentHelp("The record.", valueName: "file"), completion: .file(extensions: ["jsonl"]))
  var file: String

  @OptionGroup(title: "Reports") var reports: ReportOptions
  @OptionGroup(title: "Exit code") var exits: ExitOptions

  func run() throws {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try FileStore.read(file == "-" ? "/dev/stdin" : file)
    } catch {
      let code =
        error.isAbsent ? "no record at \(file)   [cli.no-such-record]" : "\(error)   [cli.unreadable]"
      throw Speech.fail(code)
    }
    let sinks = ReportSinks(reports, folder: nil)
    var replay = Reports.Replay()
    replay.add(bytes) { sinks.observe($0) }
    replay.finish { sinks.observe($0) }
    sinks.finish()
    for problem in replay.problems { Speech.complain("error: \(file): \(problem)   [events.bad-line]") }
    if replay.problemCount > replay.problems.count {
      Speech.complain("error: \(file): \(replay.problemCount - replay.problems.count) more bad lines")
    }
    if replay.end == nil { Speech.complain("note: \(file) has no end; the run was cut off") }
    if replay.problemCount > 0 { throw Speech.leave(.badData) }
    throw Speech.leave(
      RunEvents.ExitCode(
        totals: replay.totals, signal: replay.end?.signal, policy: exits.policy,
        harnessBroke: sinks.isReportLost))
  }
}
