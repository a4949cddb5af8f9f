import Figures
import Glibc

/// What hooks for faults cost where no fault is armed, against a build whose hooks are compiled out.
///
/// Counted in instructions, because two builds place the same code differently, and that alone moves times by
/// more than a hook takes.
struct HookFigures: ~Copyable {
  /// This program.
  let program: String
  /// The same program, built with `WITHOUT_FAULT_HOOKS`.
  let bare: String
  private let folder: TemporaryFolder

  /// - Throws: when one of the programs is not what it is taken for.
  init(program: String, bare: String) throws(SystemError) {
    let folder = try TemporaryFolder()
    guard try Self.hasHooks(program, folder), try !Self.hasHooks(bare, folder) else {
      throw SystemError("\(bare) must be built with -DWITHOUT_FAULT_HOOKS, and \(program) without")
    }
    let with = try Self.stripped(program, to: "\(folder.path)/with")
    let without = try Self.stripped(bare, to: "\(folder.path)/without")
    self.program = with
    self.bare = without
    self.folder = folder
  }

  static let read = figure("hooks-read", "4-byte read round trip, instructions, faults off")
  static let write = figure("hooks-write", "posted 4-byte write, instructions, faults off")

  private static func figure(_ key: String, _ name: String) -> Figure {
    Figure(
      key: key, name: name, unit: .count, gate: 1.02, goal: 1.005, yardstick: "no hooks", isMultiple: true)
  }

  /// Counts the instructions of a figure's work in both builds; the same in every run.
  func measure(_ figure: Figure) throws(SystemError) -> Measured {
    let name = figure.key == Self.read.key ? "read" : "write"
    let without = try instructions(bare, name)
    let with = try instructions(program, name)
    return Measured(figure, Series([Round(subject: with, before: without, after: without)]))
  }

  /// The instructions of one repetition: what so many more of them take more, so many that what differs from
  /// start to start of a program is a fraction of one.
  private func instructions(_ program: String, _ work: String) throws(SystemError) -> Double {
    let (few, many) = (1024, 33_792)
    let more = try count(program, work, many) - count(program, work, few)
    return more / Double(many - few)
  }

  private func count(_ program: String, _ work: String, _ repetitions: Int) throws(SystemError) -> Double {
    let file = "\(folder.path)/callgrind"
    _ = try ProcessRun.perform(
      "/usr/bin/env",
      [
        "SWIFT_DETERMINISTIC_HASHING=1", "valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=\(file)",
        program, "--repeat",
        "\(work):\(repetitions)",
      ])
    let lines = (TextFile.read(file) ?? "").split(separator: "\n")
    guard let line = lines.last(where: { $0.hasPrefix("totals: ") }), let total = Double(line.dropFirst(8))
    else { throw SystemError("no total in what callgrind wrote to \(file)") }
    return total
  }

  /// A copy without debug information, which valgrind fails to read.
  private static func stripped(_ program: String, to path: String) throws(SystemError) -> String {
    _ = try ProcessRun.perform("/usr/bin/env", ["strip", "-g", "-o", path, program])
    return path
  }

  private static func hasHooks(
    _ program: String, _ folder: borrowing TemporaryFolder
  ) throws(SystemError) -> Bool {
    let file = "\(folder.path)/hooks"
    _ = try ProcessRun.perform(program, ["--hooks", "tell"], output: file)
    return TextFile.read(file) == "with\n"
  }
}
