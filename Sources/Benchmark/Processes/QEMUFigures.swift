import Figures

/// The figures with QEMU, run as a user runs its suites, from the folder of `make qemu guest`.
struct QEMUFigures: ~Copyable {
  private let program: String
  private let folder: TemporaryFolder
  private let bootSuite: String

  init(program: String) throws(SystemError) {
    let folder = try TemporaryFolder()
    bootSuite = try folder.write("boot.yaml", Self.boot)
    self.program = program
    self.folder = folder
  }

  static let scenario = Figure(
    key: "qtest", name: "QEMU without guest: set-up, 8 MSI-X, 64 KiB DMA, resets", unit: .seconds, gate: 3,
    goal: 1, yardstick: "true")
  static let guest = Figure(
    key: "guest-boot", name: "a Linux guest boots to its agent's first line, and is ended", unit: .seconds,
    gate: 120, goal: 10, yardstick: "true")

  static let all = [scenario, guest]

  /// What a figure needs and is not there; nil when all of it is.
  static func missing(for figure: Figure) -> String? {
    let files =
      figure.key == guest.key
      ? [".tools/bin/qemu-system-x86_64", "Suites/build/linux/vmlinux", "Suites/build/linux/initramfs"]
      : [".tools/bin/qemu-system-x86_64", "Suites/qemu-qtest.yaml"]
    return files.first { !TextFile.isThere($0) }
  }

  func measure(_ figure: Figure, rounds: Int) throws(SystemError) -> Measured {
    let isGuest = figure.key == Self.guest.key
    let arguments =
      isGuest
      ? [bootSuite, "--image", "linux=Suites/build/linux"]
      : ["Suites/qemu-qtest.yaml", "--case", "transfers"]
    return try .take(figure, rounds: isGuest ? 1 : rounds) { () throws(SystemError) in
      let before = try ProcessRun.yardstick()
      let run = try ProcessRun.perform(
        program, ["run"] + arguments + ["--require-all", "--output", folder.path])
      return Round(subject: run.seconds, before: before, after: try ProcessRun.yardstick())
    }
  }

  private static let boot = """
    format: 1
    suite: boot
    timeout: 5min
    seed: 0x5eed
    images:
      linux: {file: linux, hint: make guest}
    topology:
      nodes:
        linux: {board: qemu_x86_64_linux, image: linux, role: root-complex}
    cases:
      boots: {steps: [{note: {text: it is up}}]}

    """
}
