import Foundation
import Testing

/// The C programs beside this file, built with sanitizers and run.
@Suite(.timeLimit(.minutes(10))) struct LinkProgramTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let program: String
    var others: [String] = []
    var sanitizer = "address,undefined"
    /// nil: the folder for its sockets.
    var argument: String?
    var testDescription: String { "\(program) \(argument ?? "") (\(sanitizer))" }
  }

  static let cases: [Case] = [
    Case(program: "ring", argument: ""),
    Case(program: "handshake"),
    Case(program: "pair", others: ["small_broker"]),
    Case(program: "scripted"),
    Case(program: "room"),
    Case(program: "hung"),
    Case(program: "wakeup", argument: "product"),
    Case(program: "wakeup", argument: "mutant"),
    Case(program: "wakeup", argument: "stress"),
    Case(program: "wakeup", sanitizer: "thread", argument: "stress"),
  ]

  @Test("program", arguments: cases) func passes(_ each: Case) throws {
    let scratch = try Scratch()
    let sources = ([each.program] + each.others).map { "\(Command.programs)/\($0).c" }
    let library = try FileManager.default.contentsOfDirectory(atPath: Command.library)
      .filter { $0.hasSuffix(".c") }.map { "\(Command.library)/\($0)" }
    let build = try Command.run(
      [
        "gcc", "-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread",
        "-fsanitize=\(each.sanitizer)", "-fno-sanitize-recover", "-I\(Command.library)/include",
      ] + sources + library + ["-o", "\(scratch.path)/program"], in: scratch)
    #expect(build.status == 0, "\(build.text)")
    let argument = each.argument ?? scratch.path
    let run = try Command.run(
      ["\(scratch.path)/program"] + (argument.isEmpty ? [] : [argument]), in: scratch)
    #expect(run.status == 0 && run.text.contains("passed"), "\(run.text)")
  }
}
