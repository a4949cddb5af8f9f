import Glibc
import Testing

@testable import Nodes

/// A node with an epoll set, driven as its owner does it.
final class NodeBench {
  let node: NodeProcess
  private var poller: Poller
  /// What a test waits at most; only a fault of the code under test lets it run out.
  private static let limitNanoseconds: UInt64 = 120_000_000_000

  convenience init(
    _ path: String, _ arguments: [String] = [], console kind: ConsoleKind = .pipe,
    environment: [(name: String, value: String)] = []
  ) throws {
    try self.init(
      NodeLaunch(path, arguments: arguments, environment: environment), on: ConsoleConnection(kind))
  }

  /// Runs a script of a shell.
  convenience init(script: String, console kind: ConsoleKind = .pipe) throws {
    try self.init("/bin/sh", ["-c", script], console: kind)
  }

  init(_ launch: NodeLaunch, on connection: ConsoleConnection) throws {
    poller = try Poller()
    node = try NodeProcess(launch, on: connection, token: 0)
    try node.watch(in: poller)
  }

  /// Drives the node until something holds.
  func drive(
    until condition: (NodeProcess) -> Bool, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let limit = MonotonicInstant.now.adding(nanoseconds: Self.limitNanoseconds)
    while !condition(node) {
      let due = min(limit, node.deadline ?? limit)
      let left = due.nanoseconds(since: .now)
      for bits in try poller.wait(milliseconds: Int32(left / 1_000_000 + 1)) {
        node.take(try #require(NodeProcess.Channel(rawValue: bits & 3)), in: poller)
      }
      if node.deadline != nil { _ = node.attend(at: .now, in: poller) }
      try #require(MonotonicInstant.now < limit, "the node did not get there", sourceLocation: sourceLocation)
    }
  }

  func waitFor(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    try drive(until: { $0.console.holds(ConsolePattern(text)) }, sourceLocation: sourceLocation)
  }

  /// Stops the node and waits until nothing is left.
  func stop(signal: CInt = SIGTERM, graceMilliseconds: UInt64 = 60_000) throws {
    node.beginStop(
      signal: signal, until: MonotonicInstant.now.adding(nanoseconds: graceMilliseconds * 1_000_000))
    while !node.attend(at: .now, in: poller) {
      try drive(until: { $0.stop?.isDone ?? false })
    }
  }

  /// Whether a process is there that has not ended.
  static func isRunning(_ pid: Int) -> Bool { ProcessFacts(pid_t(pid)).map { !$0.hasEnded } ?? false }

  /// The number behind a word on the console, such as the process id in `child 123`.
  func number(after word: String) throws -> Int {
    let line = try #require(node.console.last(100).first { $0.text.hasPrefix(word + " ") })
    return try #require(Int(line.text.dropFirst(word.count + 1)))
  }
}
