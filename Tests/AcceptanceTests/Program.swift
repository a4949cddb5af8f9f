import Foundation
import Testing

/// The built program, started as a user starts it.
final class Program {
  /// How a program ended and what it said.
  struct Ending {
    var status: Int32
    var output: String
    var errors: String
  }

  /// What a program gets to end by itself; a hang must not stop the tests.
  private let limit: DispatchTimeInterval

  /// The binary beside the bundle of the tests.
  static let path: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let arguments = [own] + CommandLine.arguments
    let folders = arguments.map { URL(filePath: $0).deletingLastPathComponent().path(percentEncoded: false) }
    return folders.map { $0 + "pcie-harness" }.first(where: FileManager.default.isExecutableFile)
      ?? "pcie-harness"
  }()

  /// Kept, so that the folder stays until the program has ended.
  private let folder: Folder
  private let process = Process()
  private let ended = DispatchSemaphore(value: 0)
  private let output = Pipe()
  private let errors = Pipe()
  private var seen = Data()

  /// Starts the program in a folder.
  init(
    _ arguments: [String], in folder: Folder, environment: [String: String] = [:],
    limit: DispatchTimeInterval = .seconds(60)
  ) throws {
    self.folder = folder
    self.limit = limit
    process.executableURL = URL(filePath: Self.path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    let ended = ended
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
  }

  var pid: Int32 { process.processIdentifier }

  /// The children of the program: its workers.
  var children: [Int32] {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)) ?? ""
    return text.split(separator: " ").compactMap { Int32($0) }
  }

  func send(_ signal: Int32) { kill(pid, signal) }

  /// Closes the reading end of the standard output, as a pager does that is left.
  func closeOutput() throws { try output.fileHandleForReading.close() }

  /// Waits until the standard output holds a text; false when it ends before.
  func waitForOutput(_ text: String) -> Bool {
    let number = output.fileHandleForReading.fileDescriptor
    while !String(decoding: seen, as: UTF8.self).contains(text) {
      var request = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&request, 1, 30_000) == 1 else { return false }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return false }
      seen += more
    }
    return true
  }

  /// Whether a process has ended; an orphan of the program may wait to be reaped by whoever runs the tests.
  static func isGone(_ pid: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return true }
    return text[(text.lastIndex(of: ")") ?? text.startIndex)...].hasPrefix(") Z")
  }

  /// Waits until something holds that no descriptor tells; false when it does not come true.
  static func waitUntil(_ condition: () -> Bool) -> Bool {
    for _ in 0..<3000 {
      if condition() { return true }
      _ = poll(nil, 0, 10)
    }
    return false
  }

  /// Waits for the end; both streams are read meanwhile, so that neither can fill up.
  func wait(readingOutput: Bool = true) throws -> Ending {
    let box = Box()
    let group = DispatchGroup()
    let output = output.fileHandleForReading
    let errors = errors.fileHandleForReading
    if readingOutput {
      DispatchQueue.global().async(group: group) { box.set(output: output.readDataToEndOfFile()) }
    }
    DispatchQueue.global().async(group: group) { box.set(errors: errors.readDataToEndOfFile()) }
    if ended.wait(timeout: .now() + limit) == .timedOut {
      kill(pid, SIGKILL)
      Issue.record("the program did not end within \(limit)")
      ended.wait()
    }
    group.wait()
    let status =
      process.terminationReason == .exit ? process.terminationStatus : 256 + process.terminationStatus
    let (out, err) = box.texts
    return Ending(status: status, output: String(decoding: seen + out, as: UTF8.self), errors: err)
  }

  /// What two readers bring home.
  private final class Box: @unchecked Sendable {
    private let lock = NSLock()
    private var output = Data()
    private var errors = Data()

    func set(output: Data) { lock.withLock { self.output = output } }
    func set(errors: Data) { lock.withLock { self.errors = errors } }
    var texts: (Data, String) { lock.withLock { (output, String(decoding: errors, as: UTF8.self)) } }
  }

  /// Runs the program to its end.
  static func run(_ arguments: String..., in folder: Folder, environment: [String: String] = [:]) throws
    -> Ending
  {
    try Program(arguments, in: folder, environment: environment).wait()
  }

  /// Runs a line of a shell in which `$P` is the program.
  static func shell(_ line: String, in folder: Folder) throws -> Ending {
    let program = try Program(shell: line, in: folder)
    return try program.wait()
  }

  private init(shell line: String, in folder: Folder) throws {
    self.folder = folder
    limit = .seconds(60)
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.environment = ["PATH": "/usr/bin:/bin", "P": Self.path]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    let ended = ended
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
  }
}
