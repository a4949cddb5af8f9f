import Figures
import RunEvents

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
    key: "guest-boot", name: "a Linux guest boots to its agent's first line", unit: .seconds, gate: 120,
    goal: 10, yardstick: "true")
  static let guestCase = Figure(
    key: "guest-case", name: "a case in a guest that has booted, with its reset and check", unit: .seconds,
    gate: 200e-3, goal: 50e-3, yardstick: "true")

  static let all = [scenario, guest, guestCase]

  /// What a figure needs and is not there; nil when all of it is.
  static func missing(for figure: Figure) -> String? {
    let files =
      figure.key == scenario.key
      ? [".tools/bin/qemu-system-x86_64", "Suites/qemu-qtest.yaml"]
      : [".tools/bin/qemu-system-x86_64", "Suites/build/linux/vmlinux", "Suites/build/linux/initramfs"]
    return files.first { !TextFile.isThere($0) }
  }

  /// - Parameter figures: those that are wanted; what a guest is measured by is one run of it.
  func measure(_ figures: [Figure], rounds: Int) throws(SystemError) -> [Measured] {
    var measured: [Measured] = []
    if figures.contains(Self.scenario) {
      measured.append(
        try .take(Self.scenario, rounds: rounds) { () throws(SystemError) in
          let before = try ProcessRun.yardstick()
          let seconds = try run(["Suites/qemu-qtest.yaml", "--case", "transfers"])
          return Round(subject: seconds, before: before, after: try ProcessRun.yardstick())
        })
    }
    let ofGuest = figures.filter { $0 != Self.scenario }
    return ofGuest.isEmpty ? measured : measured + (try measureGuest().filter { ofGuest.contains($0.figure) })
  }

  private func run(_ arguments: [String]) throws(SystemError) -> Double {
    try ProcessRun.perform(program, ["run"] + arguments + ["--require-all", "--output", folder.path]).seconds
  }

  /// Boots once for all its cases.
  private func measureGuest() throws(SystemError) -> [Measured] {
    let before = try ProcessRun.yardstick()
    let events = "\(folder.path)/events"
    _ = try run([bootSuite, "--image", "linux=Suites/build/linux", "--events", events])
    let after = try ProcessRun.yardstick()
    func round(_ seconds: Double) -> Round { Round(subject: seconds, before: before, after: after) }
    let (boot, cases) = try Self.times(in: TextFile.read(events) ?? "")
    return [
      Measured(Self.guest, Series([round(boot)])), Measured(Self.guestCase, Series(cases.map(round))),
    ]
  }

  /// The seconds from QEMU's start to the first line of the agent, and those of each case behind the first.
  private static func times(in events: String) throws(SystemError) -> (boot: Double, cases: [Double]) {
    var reader = EventReader()
    reader.append(events.utf8)
    var boot: Double?
    var cases: [Double] = []
    while let event = try next(of: &reader) {
      switch event.kind {
      case .consoleLine(let line) where line.text == "agent 1 ready":
        boot = boot ?? Double(event.time) / 1e12
      case .caseEnded(let outcome): cases.append(Double(outcome.wallNanoseconds ?? .max) / 1e9)
      // Such as that it was started anew.
      case .note(let note): throw SystemError(note.text)
      default: break
      }
    }
    guard let boot, cases.count == caseCount else { throw SystemError("the guest has not run its cases") }
    return (boot, Array(cases.dropFirst()))
  }

  private static func next(of reader: inout EventReader) throws(SystemError) -> Event? {
    do throws(EventStreamError) { return try reader.next() } catch { throw SystemError("\(error)") }
  }

  private static let caseCount = 21

  private static let boot =
    """
    format: 1
    suite: boot
    timeout: 5min
    seed: 0x5eed
    images:
      linux: {file: linux, hint: make guest}
    topology:
      nodes:
        linux: {board: qemu_x86_64_linux, image: linux, role: root-complex, scope: suite}
        ep: {model: dma-endpoint, msix: 8}
      links:
        l0: {upstream: linux, downstream: ep}
    cases:

    """
    + (1...caseCount).map {
      "  read-\($0): {steps: [{cfg_read: {by: linux, to: ep, offset: 0x0, size: 4}}]}\n"
    }.joined()
}
