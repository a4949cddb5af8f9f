import Foundation
import Testing

/// A host whose processor the harness plays, with stand-ins for QEMU.
@Suite(.timeLimit(.minutes(5))) struct QTestNodeTests {
  private static let suite = """
    format: 1
    suite: qtest
    timeout: 3s
    topology:
      nodes:
        host: {board: machine, role: root-complex}
    cases:
      ask:
        steps:
          - cfg_read: {by: host, to: '00:02.0', offset: 0x0, size: 4, expect: {data: {bytes: 34 12 78 56}}}

    """
  private static let board = """
    format: 1
    board: machine
    arch: x86_64
    simulator: qemu
    launch: {program: python3, args: [[machine.py, $qtest]]}
    console: pipe
    agent: qtest

    """
  /// A machine with one function and no register but its identification.
  private static let machine = """
    import socket, sys
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    count = 0
    for line in s.makefile():
      word = line.split()
      count += 1
      OWN
      if word[0] == 'readl' and int(word[1], 16) == 0xb0010000: answer = 'OK 0x0000000056781234'
      elif word[0] == 'readl' and int(word[1], 16) & 0xfff == 0: answer = 'OK 0x00000000ffffffff'
      elif word[0].startswith('read'): answer = 'OK 0x0000000000000000'
      else: answer = 'OK'
      s.sendall((answer + '\\n').encode())

    """

  private func run(_ own: String = "pass", machine: String? = nil) throws -> Program.Ending {
    let folder = try Folder()
    try folder.write("Boards/machine.yaml", Self.board)
    try folder.write("Suites/qtest.yaml", Self.suite)
    try folder.write("machine.py", machine ?? Self.machine.replacing("OWN", with: own))
    return try Program(["run", "Suites/qtest.yaml"], in: folder).wait()
  }

  @Test func theHarnessIsTheProcessor() throws {
    let ending = try run()
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
  }

  @Test(arguments: [
    ("if count == 1: sys.exit(7)", "host exited with status 7 before it was up"),
    ("if count > 9: sys.exit(7)", "host exited with status 7 while it was set up"),
    ("if count > 9: s.sendall(b'what\\n')", "qtest answered 'what' to '"),
    ("if count > 9: s.sendall(b'OK 0x0\\n' * 9)", "to no command, which is no answer"),
    ("if count == 2: s.sendall(b'FAIL\\n')", "qtest answered 'FAIL' to 'outl 0xcfc 0x0'"),
    ("if count == 5: continue", "was not up within 3s"),
    ("if count == 20: continue", "enumeration: a configuration access to"),
  ])
  func whatAMachineDoesWrongIsNamed(own: String, message: String) throws {
    let ending = try run(own)
    #expect(ending.status == 1 && ending.output.contains(message), "\(ending.output)\(ending.errors)")
  }

  @Test func aMachineThatNeverCallsIsNamed() throws {
    let ending = try run(machine: "import time\ntime.sleep(60)\n")
    #expect(ending.status == 1 && ending.output.contains("its qtest was to call at"), "\(ending.output)")
  }
}
