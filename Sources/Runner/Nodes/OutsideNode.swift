import Glibc
import LinkBroker
import Nodes
import SuiteLanguage
import Transports

/// A node of a case that is a process: its board, the process of the moment, and what the case knows of it.
final class OutsideNode {
  var name: String { start.node }
  var board: Board { start.board }
  /// Its number on the fabric.
  var number = -1
  private let start: BoardStart
  /// What the epoll set tells of it.
  let token: UInt64
  private(set) var process: NodeProcess?
  /// The ends of links that its program plays, in the order of the links.
  let ends: [OutsideNodeEnd]
  /// What earlier processes of the node have printed.
  private var kept = Console()
  /// What plays its processor; nil where its own software or nobody does.
  var processor: QTestProcessor? { start.processor }
  /// What adds devices to it while it runs; nil where nothing does.
  var monitor: QEMUMonitor? { start.monitor }
  /// What steps say to its console, and hear from it.
  var talk = NodeTalk()
  /// Whether its process has shown that it is up.
  var isUp = false
  /// What the case makes of the end of its process.
  var judgement = Judgement.open
  /// When a frozen node goes on; nil for one that does not.
  ///
  /// - Units: picoseconds of the fabric's clock.
  var thawsAt: UInt64?
  private var last: (end: ProcessEnd?, wasForced: Bool) = (nil, false)
  /// Whether its last process had to be killed, as it did not end when it was asked to.
  var wasForced: Bool { last.wasForced }
  /// What its processes left behind.
  private(set) var left: [LeftProcess] = []

  init(_ start: BoardStart, ends: [OutsideNodeEnd], token: UInt64) {
    self.start = start
    self.ends = ends
    self.token = token
  }

  /// Makes ready for its next process.
  func reopen() throws(NodeProblem) {
    for end in ends {
      end.isPlugged = !start.unplugged.contains(end.link)
      if end.isPlugged { try end.reopen(for: name) }
    }
    do throws(SocketError) {
      try processor?.reopen()
      try monitor?.reopen()
    } catch { throw .socket(node: name, error) }
  }

  /// Gives its monitor the command that adds the device of a link, or removes it.
  func ask(_ which: KeyPath<BoardMonitor, BoardArgument>, link: String) throws(NodeProblem) -> Int? {
    guard let monitor, let command = try start.command(which, link: link) else { return nil }
    return monitor.ask(command)
  }

  /// Whether its process is there and has not ended.
  var isRunning: Bool { process.map { $0.end == nil && $0.deadline == nil } ?? false }

  /// How its last process ended; nil before.
  var end: ProcessEnd? { process.map(\.end) ?? last.end }

  /// Starts its process.
  func launch(in poller: borrowing Poller) throws(NodeProblem) {
    let connection: ConsoleConnection
    do throws(SystemError) {
      connection = try ConsoleConnection(BoardStart.consoleKind(board))
    } catch { throw .system(node: name, error) }
    var start = start
    start.console = connection.devicePath
    let launch = try start.launch()
    do throws(SystemError) {
      let next = try NodeProcess(launch, on: connection, console: kept, token: token)
      try next.watch(in: poller)
      process = next
    } catch { throw .system(node: name, error) }
    judgement = .open
    isUp = false
  }

  /// Lets a process that stays have printed nothing, and be judged by the next case.
  func forget() {
    withConsole { $0 = Console() }
    judgement = .open
  }

  /// Works with the console, whoever has it.
  func withConsole<Value>(_ body: (inout Console) -> Value) -> Value {
    if let process { return body(&process.console) }
    return body(&kept)
  }

  /// Asks the process to end as the board says.
  func beginStop(at now: MonotonicInstant) {
    process?.beginStop(
      signal: board.stop.signal.number, until: now.adding(nanoseconds: board.stop.grace.nanoseconds))
  }

  /// Goes on with the stop, and answers whether nothing of the node is left.
  func attend(at now: MonotonicInstant, in poller: borrowing Poller) -> Bool {
    guard let process, process.attend(at: now, in: poller) else { return process == nil }
    left += process.left
    last = (process.end, process.wasForced)
    kept = process.console
    self.process = nil
    return true
  }
}

extension StopSignal {
  var number: CInt {
    switch self {
    case .terminate: SIGTERM
    case .interrupt: SIGINT
    case .hangUp: SIGHUP
    case .quit: SIGQUIT
    case .kill: SIGKILL
    }
  }
}

extension OutsideNode {
  /// Sends a line to the console.
  func send(_ line: String) throws(StepFailure) {
    guard let process else { throw .expectation("\(name) does not run") }
    let reason: String
    switch process.send(line) {
    case .taken: return
    case .full: reason = "it has not read what was sent before"
    case .closed: reason = process.end.map { "it \($0.ending)" } ?? "it has closed its console"
    case .tooLong: reason = "a line with its end has at most \(ConsoleInput.bytesMax) bytes"
    case .failed(let error): reason = "\(error)"
    }
    throw .expectation("\(name) did not take the line: \(reason)")
  }
}

extension OutsideNode {
  /// What a case makes of the end of a process.
  enum Judgement {
    case open
    /// It had its judgement.
    case passed
    /// A fault is what kills it, so that it needs none.
    case killed
  }
}
