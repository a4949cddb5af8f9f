import RunEvents
import SuiteLanguage
import Testing

@testable import Nodes
@testable import Runner

/// Runs the steps of one case with a process `app`, without workers.
///
/// The process is a shell that runs a script, or whatever else a test says.
struct ProcessFixture {
  /// The lines of the board's file behind its launch.
  var board = "stop: {signal: TERM, grace: 20s}"
  var console = "pipe"
  /// The keys of the node besides its board.
  var node = ""
  /// The keys of the case besides its steps.
  var keys = ""
  var timeout = "60s"

  struct Run {
    var outcome: CaseOutcome
    var events: [(kind: Event.Kind, time: UInt64)]

    /// The lines of all consoles.
    var console: [String] {
      events.compactMap { if case .consoleLine(let line) = $0.kind { line.text } else { nil } }
    }
    var leaks: [Leak] { events.compactMap { if case .leak(let leak) = $0.kind { leak } else { nil } } }
    var notes: [String] { events.compactMap { if case .note(let note) = $0.kind { note.text } else { nil } } }
    var findings: [Finding] {
      events.compactMap { if case .finding(let finding) = $0.kind { finding } else { nil } }
    }
  }

  /// Runs a case whose process is a script of a shell.
  func run(script: String, _ steps: String...) throws -> Run {
    let quoted = "'" + script.replacing("'", with: "''") + "'"
    return try run("launch: {program: /bin/sh, args: [[-c, \(quoted)]]}", steps)
  }

  func run(_ launch: String, _ steps: [String]) throws -> Run {
    let boardText = """
      format: 1
      board: shell
      arch: host
      simulator: native
      console: \(console)
      \(launch)
      \(board)

      """
    let suite = """
      format: 1
      suite: p
      timeout: \(timeout)
      topology:
        nodes:
          rc: {model: root-complex, memory: 64KiB}
          mem: {model: memory-mock}
          app: {board: shell\(node)}
        links:
          l0: {upstream: rc, downstream: mem}
      cases:
        c:
      \(keys.isEmpty ? "" : "    \(keys)")
          steps:
      \(steps.map { "      - \($0)" }.joined(separator: "\n"))

      """
    let loaded = BoardLoader.load(path: "Boards/shell.yaml", bytes: Array(boardText.utf8))
    let board = try #require(loaded.board, "\(loaded.diagnostics.map { $0.text(in: loaded.source) })")
    let result = SuiteLoader.load(path: "p.yaml", bytes: Array(suite.utf8))
    let plan = try #require(result.plan, "\(result.diagnostics.map { $0.text(in: result.source) })")
    var task = CaseTask(plan: plan, instance: plan.instances[0], seed: 1)
    task.places.boards["shell"] = LoadedBoard(path: "Boards/shell.yaml", text: [], board: board)
    var performer = FabricPerformer()
    var events: [(kind: Event.Kind, time: UInt64)] = []
    let outcome = performer.perform(task) { events.append(($0, $1)) }
    return Run(outcome: outcome, events: events)
  }
}
