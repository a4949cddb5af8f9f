import ArgumentParser
import Nodes
import RunEvents
import Runner
import SuiteLanguage

/// `schema`: writes the JSON schemas that editors check suites and boards with.
struct Schema: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the JSON schemas of suites and boards, for editors.",
    discussion: """
      Writes suite.schema.json and board.schema.json into the folders Suites and Boards here. A suite names \
      its schema on its first line: # yaml-language-server: $schema=suite.schema.json

      EXAMPLES:
        pcie-harness schema
        pcie-harness schema --print suite > suite.schema.json
      """)

  @Option(help: "Print one schema instead of writing both.")
  var print: Kind?

  @Option(help: ArgumentHelp("The folder that holds Suites and Boards.", valueName: "folder"))
  var folder = "."

  /// What a schema describes.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case suite, board

    fileprivate var text: String {
      switch self {
      case .suite: JSONSchema.suite
      case .board: JSONSchema.board
      }
    }

    fileprivate var path: String {
      switch self {
      case .suite: "Suites/suite.schema.json"
      case .board: "Boards/board.schema.json"
      }
    }
  }

  func run() throws {
    do throws(SystemError) {
      if let print { return try StandardStream.output.write(Array(print.text.utf8)) }
      for kind in Kind.allCases {
        let path = folder == "." ? kind.path : "\(folder)/\(kind.path)"
        try FileStore.write(Array(kind.text.utf8), to: path)
        Speech.say("wrote \(path)")
      }
    } catch { if !error.isClosedPipe { throw Speech.fail("\(error)", .internalError) } }
  }
}
