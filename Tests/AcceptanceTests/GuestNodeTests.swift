import Foundation
import Testing

/// Steps by a host that is a program with an agent: the real agent as a process here, and stand-ins that misbehave.
@Suite(.timeLimit(.minutes(5))) struct GuestNodeTests {
  private static func suite(_ steps: [String], image: Bool = false) -> String {
    """
    format: 1
    suite: guest
    timeout: 60s
    topology:
      nodes:
        host: {board: guest, role: root-complex}
    cases:
      ask:
        allow: [node-exit]
        steps:
    \(steps.map { "      - \($0)" }.joined(separator: "\n"))

    """
  }

  private static let board = """
    format: 1
    board: guest
    arch: x86_64
    simulator: shell
    launch: {program: sh, args: [[-c, 'exec sh ./guest']]}
    console: pipe
    agent: console
    ready: {matches: agent 1 ready, timeout: 20s}

    """

  private func run(_ steps: [String], guest: String, in folder: Folder? = nil, _ more: String...) throws
    -> Program.Ending
  {
    let folder = try folder ?? Folder()
    try folder.write("Boards/guest.yaml", Self.board)
    try folder.write("Suites/guest.yaml", Self.suite(steps))
    try folder.write("guest", guest + "\n")
    return try Program(["run", "Suites/guest.yaml"] + more, in: folder).wait()
  }

  @Test func stepsAreDoneByTheAgent() throws {
    let folder = try GuestAgentTests.machine()
    let agent = try GuestAgentTests.agent()
    let ending = try run(
      [
        "cfg_read: {by: host, to: '01:00.0', offset: 0x0, size: 4, expect: {data: {bytes: 34 12 78 56}}}",
        "cfg_read: {by: host, to: '01:00.0', capability: msix, offset: 0x4, size: 4, expect: {data: {bytes: 02 00 00 00}}}",
        "cfg_write: {by: host, to: '01:00.0', offset: 0x3c, size: 1, data: {bytes: 0b}}",
        "cfg_read: {by: host, to: '01:00.0', offset: 0x3c, size: 1, expect: {data: {bytes: 0b}}}",
        "mem_write: {by: host, address: 0x1e000003, data: {random: 999B}, save: sent}",
        "mem_read: {by: host, address: 0x1e000003, length: 999B, expect: {data: {saved: sent}}}",
        "parallel: {branches: [[{cfg_read: {by: host, to: '01:00.0', offset: 0x0, size: 2}}], "
          + "[{cfg_read: {by: host, to: '01:00.0', offset: 0x2, size: 2, expect: {data: {bytes: 78 56}}}}]]}",
      ], guest: "exec \(agent) --sysfs sys --memory memory 0x1e000000 8192", in: folder)
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
    let wrong = try run(
      ["cfg_read: {by: host, to: '01:00.0', offset: 0x0, size: 4, expect: {data: {bytes: 34 12 78 57}}}"],
      guest: "exec \(agent) --sysfs sys", in: folder)
    #expect(
      wrong.status == 1 && wrong.output.contains("expected byte 0x3 to be 57, got 56"), "\(wrong.output)")
    let refused = try run(
      ["mem_read: {by: host, address: 0x0, length: 4B}"], guest: "exec \(agent) --sysfs sys", in: folder)
    #expect(
      refused.output.contains(
        "the agent of host refused memory-read: the kernel was started without pcie.memory=ADDRESS,SIZE"),
      "\(refused.output)")
  }

  private static let read = "cfg_read: {by: host, to: '01:00.0', offset: 0x0, size: 4, timeout: 1s}"

  @Test(arguments: [
    ("echo agent 1 ready; read x; echo last words; kill -9 $$", 1, "its agent had not answered 'config-read"),
    (
      "echo agent 1 ready; read tag x; echo \"$tag ok zz\"; read x", 3,
      "answered 'ok zz' to config-read, which is no data"
    ),
    ("echo agent 1 ready; read x; echo '#2 ok 00'; read x", 1, "the end of cfg_read"),
    (
      "echo agent 1 ready; read tag x; echo \"$tag error no such thing\"; read x", 1,
      "refused config-read: no such thing"
    ),
    ("echo agent 1 ready; exec cat >/dev/null", 1, "did not come within 1s"),
  ])
  func whatAnAgentDoesWrongIsNamed(guest: String, status: Int, message: String) throws {
    let ending = try run([Self.read], guest: guest)
    #expect(ending.status == status && ending.output.contains(message), "\(ending.output)\(ending.errors)")
  }

  @Test func aBoardWithoutAgentIsAnErrorOfTheSuite() throws {
    let folder = try Folder()
    try folder.write("Boards/guest.yaml", Self.board.replacing("agent: console\n", with: ""))
    try folder.write("Suites/guest.yaml", Self.suite([Self.read]))
    let ending = try Program.run("check", "Suites/guest.yaml", in: folder)
    #expect(ending.status == 65)
    #expect(
      ending.errors.contains(
        "error: steps read or write by 'host', and board 'guest' has no agent: key that takes them"),
      "\(ending.errors)")
  }

  /// QEMU's board with a stand-in for QEMU, which does `script` when it is to run a machine.
  private func boot(_ script: String, steps: [String] = [read], in folder: Folder? = nil, _ more: String...)
    throws -> Program.Ending
  {
    let folder = try folder ?? Folder()
    let board = ReadmeTests.root.appending(path: "Boards/qemu_x86_64_linux.yaml")
    try folder.write("Boards/qemu_x86_64_linux.yaml", try String(contentsOf: board, encoding: .utf8))
    try folder.write(
      "Suites/guest.yaml",
      Self.suite(steps).replacing("board: guest", with: "board: qemu_x86_64_linux, image: linux")
        .replacing("topology:", with: "images: {linux: {file: build, hint: make guest}}\ntopology:"))
    try folder.write("Suites/build/vmlinux")
    try folder.write(
      ".tools/bin/qemu-system-x86_64",
      """
      #!/bin/sh
      case $* in
        --version) echo "QEMU emulator version ${VERSION:-11.1.3}"; exit ;;
        *help) echo "${HELP:-vfio-user-pci options:}"; exit ;;
      esac
      \(script)

      """, isProgram: true)
    return try Program(["run", "Suites/guest.yaml", "--timeout-scale", "0.02"] + more, in: folder).wait()
  }

  @Test(arguments: [
    ("exit 1", "host exited with status 1 before it was up", ""),
    (
      "echo 'qemu-system-x86_64: cannot set up guest memory: Cannot allocate memory' >&2; exit 1",
      "host exited with status 1 before it was up", "cannot set up guest memory: Cannot allocate memory"
    ),
    ("kill -9 $$", "host was killed by SIGKILL before it was up", ""),
    ("echo SeaBIOS; kill -9 $$", "host was killed by SIGKILL before it was up", "SeaBIOS"),
    (
      "echo '[    0.000000] Linux version'; kill -9 $$", "host was killed by SIGKILL before it was up",
      "Linux version"
    ),
    ("echo SeaBIOS; exec cat", "host was not up within 2400ms", "SeaBIOS"),
    ("exec cat", "host was not up within 2400ms", ""),
    (
      "echo '[    1.0] Kernel panic - not syncing: VFS: Unable to mount root fs'; exit 0",
      "host exited with status 0 before it was up", "Kernel panic - not syncing: VFS"
    ),
    ("exec yes flood", "host was not up within 2400ms", "flood"),
  ])
  func aGuestThatDoesNotComeUpIsNamedWithItsLastLines(script: String, message: String, line: String) throws {
    let ending = try boot(script)
    #expect(ending.status == 1 && ending.output.contains(message), "\(ending.output)\(ending.errors)")
    #expect(line.isEmpty || ending.output.contains(line), "\(ending.output)")
  }

  @Test func floodsDoNotHideTheAnswerBetweenThem() throws {
    let ending = try boot(
      "echo agent 1 ready; read tag x; yes flood | head -c 4999998; echo \"$tag ok 34120000\"; yes flood | head -c 4999998; exec cat",
      steps: [Self.read.replacing("timeout: 1s", with: "timeout: 50s, expect: {data: {bytes: 34 12 00 00}}")],
      "--timeout-scale", "1")
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
  }

  @Test func aKernelThatPanicsLaterFailsWithThatLine() throws {
    let ending = try boot("echo agent 1 ready; read x; echo 'Kernel panic - not syncing: sysrq'; exit 0")
    #expect(
      ending.status == 1 && ending.output.contains("Kernel panic - not syncing: sysrq"), "\(ending.output)")
    #expect(ending.output.contains("and its agent had not answered"), "\(ending.output)")
  }

  /// Runs the program with a variable for the stand-in.
  private func tell(_ variables: String, _ command: String, in folder: Folder) throws -> Program.Ending {
    try Program.shell("\(variables) exec $P \(command)", in: folder)
  }

  @Test(arguments: [
    ("VERSION=7.2.22", "needs qemu-system-x86_64 10.1, found 7.2.22"),
    ("VERSION=none", "needs qemu-system-x86_64 10.1; its answer names no version"),
    ("HELP=nothing", "needs qemu-system-x86_64; its answer does not hold 'vfio-user-pci options:'"),
    ("PATH=/nowhere", "needs qemu-system-x86_64 10.1; qemu-system-x86_64 is not on PATH"),
  ])
  func withoutAFittingQEMUTheSuiteIsSkipped(variables: String, reason: String) throws {
    let folder = try Folder()
    _ = try boot("exit", in: folder)
    if variables.hasPrefix("PATH") {
      try FileManager.default.removeItem(atPath: "\(folder.path)/.tools")
    }
    let run = try tell(variables, "run Suites/guest.yaml", in: folder)
    #expect(run.status == 0 && run.output.contains("\(reason); make qemu"), "\(run.output)\(run.errors)")
    #expect(try tell(variables, "run Suites/guest.yaml --require-all", in: folder).status == 69)
    let doctor = try tell(variables, "doctor", in: folder)
    #expect(doctor.output.contains("miss  qemu_x86_64_linux \(reason)"), "\(doctor.output)")
    #expect(doctor.output.contains("fix: make qemu"), "\(doctor.output)")
  }
}
