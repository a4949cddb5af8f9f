import Foundation
import Testing

/// Debian's tshark, where it is installed, with the dissector of the repository.
enum Tshark {
  static let path = ["/usr/bin/tshark", "/usr/local/bin/tshark", "/opt/homebrew/bin/tshark"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  static let dissector = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../../Sources/PCIeHarness/Dissector/pcie.lua").standardizedFileURL
    .path(percentEncoded: false)

  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
    var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
  }

  /// Runs tshark on a capture, in a home of its own so that nobody's settings count.
  static func run(_ capture: [UInt8], _ arguments: [String], withDissector: Bool = true) throws -> Outcome {
    let home = FileManager.default.temporaryDirectory.appending(path: "tshark-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: home) }
    let (file, errors) = (home.appending(path: "a.pcapng"), home.appending(path: "errors"))
    try Data(capture).write(to: file)
    try Data().write(to: errors)
    let process = Process()
    process.executableURL = URL(filePath: try #require(path))
    process.arguments =
      ["-n", "-r", file.path(percentEncoded: false)]
      + (withDissector ? ["-X", "lua_script:\(dissector)"] : []) + arguments
    process.environment = [
      "HOME": home.path(percentEncoded: false), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC",
    ]
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self),
      errors: try String(contentsOf: errors, encoding: .utf8)
        .replacing("Running as user \"root\" and group \"root\". This could be dangerous.\n", with: ""))
  }

  /// A frame's fields by name, as tshark prints them; a field that is not there is empty.
  struct Row {
    var fields: [String: String]
    subscript(name: String) -> String { fields[name] ?? "" }

    /// A field that is a number, decimal or hexadecimal; nil when it is not there.
    func number(_ name: String) -> UInt64? {
      let text = self[name]
      return text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    }

    /// A field that is a time in seconds, as nanoseconds.
    func nanoseconds(_ name: String) -> UInt64? { UInt64(self[name].filter { $0 != "." }) }
  }

  /// The fields of every frame.
  static func rows(_ capture: [UInt8], _ names: [String], twoPasses: Bool = false) throws -> [Row] {
    let outcome = try run(
      capture, (twoPasses ? ["-2"] : []) + ["-T", "fields"] + names.flatMap { ["-e", $0] })
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    return outcome.lines.dropLast().map { line in
      let values = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return Row(fields: Dictionary(zip(names, values)) { first, _ in first })
    }
  }

  /// How many frames each filter selects, counted in one run; a filter must be without commas.
  static func counts(_ capture: [UInt8], _ filters: [String]) throws -> [Int] {
    let outcome = try run(capture, ["-q", "-z", "io,stat,0," + filters.joined(separator: ",")])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let columns = try #require(outcome.lines.first { $0.contains("<>") }).split(separator: "|").dropFirst()
    return columns.enumerated().filter { $0.offset % 2 == 0 }
      .compactMap { Int($0.element.filter { $0 != " " }) }
  }
}
