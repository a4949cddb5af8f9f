import Foundation

/// A program that is run to its end, with all that it says.
struct Command {
  /// How it ended and what it said on both streams.
  struct Outcome {
    let status: Int32
    let text: String
  }

  static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let library = repository.appending(path: "Sources/CPCIeLink").path(percentEncoded: false)
  static let programs = repository.appending(path: "Tests/CPCIeLinkTests/Programs").path(
    percentEncoded: false)

  /// Tests run on threads that block all signals, and children inherit that: cmake would wait for a SIGCHLD that
  /// never comes, and the limit that a program has set itself by SIGALRM would not hold.
  private static let unblocking = """
    import os, signal, sys
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execvp(sys.argv[1], sys.argv[1:])
    """

  /// Runs a program of PATH. What it says goes to a file: a pipe that nobody reads would stall it.
  static func run(_ words: [String], environment: [String: String] = [:], in scratch: Scratch) throws
    -> Outcome
  {
    let log = scratch.path + "/log-\(UUID().uuidString)"
    try Data().write(to: URL(filePath: log))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", unblocking] + words
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = URL(filePath: scratch.path)
    let handle = try FileHandle(forWritingTo: URL(filePath: log))
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, text: try String(contentsOfFile: log, encoding: .utf8))
  }
}
