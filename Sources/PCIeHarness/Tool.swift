import ArgumentParser
import Runner

/// The program: what needs no command line is answered before one is built.
@main
enum Tool {
  static let version = "0.1.0"

  static func main() {
    if StandardStream.openMissing().contains(StandardStream.output.rawValue) {
      Speech.complain("note: standard output is closed; what belongs there is lost")
    }
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case "worker": leave(WorkerEntry.run(Array(arguments.dropFirst())))
    case "--version" where arguments.count == 1: Speech.say("pcie-harness \(version)")
    default: Harness.main(arguments)
    }
  }

  private static func leave(_ status: Int32) -> Never {
    Harness.exit(withError: ArgumentParser.ExitCode(status))
  }
}

/// The root of the command line.
struct Harness: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pcie-harness",
    abstract: "Runs test suites against PCIe topologies of models and simulators.",
    discussion: """
      EXAMPLES:
        pcie-harness run suites/dma.yaml
        pcie-harness run Suites --tag smoke --junit report.xml
        pcie-harness list Suites
        pcie-harness check Suites/dma.yaml

      EXIT CODES:
        0    everything selected passed; skips are allowed
        1    a case failed
        3    a case could not be run
        4    nothing selected
        64   bad command line, or no such file
        65   bad suite or board file
        69   --require-all, and a case was skipped
        70   bug in the harness, or a report is lost
        77   every case was skipped, and --skip-exit-code 77
        130  interrupted; 143 when by SIGTERM
      """,
    version: "pcie-harness \(Tool.version)",
    subcommands: [
      Run.self, Explore.self, List.self, Check.self, Graph.self, Replay.self, Schema.self, Faults.self,
      Coverage.self, Endpoint.self, Dissector.self, InitialFileSystem.self, Doctor.self, Completions.self,
    ])
}
