import Foundation
import Testing

/// Programs that speak vfio-user, as nodes of a run and at an endpoint of its own.
@Suite(.timeLimit(.minutes(5))) struct VfioUserSuiteTests {
  @Test(arguments: ProductSuiteTests.vfioUserNames) func passes(name: String) throws {
    let folder = try Folder()
    let path = ProductSuiteTests.suites.appending(path: name).path(percentEncoded: false)
    let ending = try Program(
      ["run", path, "--jobs", "2", "--require-all", "--junit", "r.xml"], in: folder
    ).wait()
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)\(ending.output)")
    #expect(try folder.text("r.xml").contains("failures=\"0\" errors=\"0\" skipped=\"0\""))
  }

  /// A host in a few lines of another language: what each message is stands in QEMU's documentation.
  private static let host = """
    import socket, struct, sys
    s = socket.socket(socket.AF_UNIX)
    def send(command, payload=b'', id=1, flags=0, size=None):
      s.sendall(struct.pack('<HHIII', id, command, 16 + len(payload) if size is None else size, flags, 0) + payload)
    def take(count):
      data = b''
      while len(data) < count:
        more = s.recv(count - len(data))
        if not more: sys.exit('closed')
        data += more
      return data
    def reply():
      id, command, size, flags, error = struct.unpack('<HHIII', take(16))
      return flags, error, take(size - 16)
    def read(region, offset, count):
      send(9, struct.pack('<QII', offset, region, count))
      return reply()
    def write(region, offset, data):
      send(10, struct.pack('<QII', offset, region, len(data)) + data)
      return reply()
    s.connect(sys.argv[1])
    if sys.argv[2:] != ['rude']:
      send(1, struct.pack('<HH', 0, 0) + b'{"capabilities": {}}\\0')
      reply()

    """

  private func talk(_ script: String, rude: Bool = false) throws -> Program.Ending {
    let folder = try Folder()
    try folder.write("host.py", Self.host + script)
    // The endpoint tells where it listens; the pipe is read up to that line first.
    return try Program.shell(
      """
      mkfifo says; $P endpoint dma-endpoint --listen vfio-user:e --once 2> says & exec 3< says
      read line <&3; echo "$line"
      python3 host.py e \(rude ? "rude" : "") 2>&1; echo "status $?"
      cat <&3; wait; ls
      """, in: folder)
  }

  @Test func aHostUsesTheModel() throws {
    let ending = try talk(
      """
      print(read(7, 0, 4)[2][16:].hex())
      write(7, 0x10, struct.pack('<I', 0xe0000000)); write(7, 4, struct.pack('<H', 6))
      write(0, 0x103, b'abc'); print(read(0, 0x102, 5)[2][16:])
      print(read(0, 4094, 4))
      """)
    #expect(
      ending.output == """
        dma-endpoint: listening at vfio-user:e
        c316daed
        b'\\x00abc\\x00'
        (33, 22, b'')
        status 0
        dma-endpoint: connected
        dma-endpoint: the peer has closed the connection
        host.py
        says

        """, "\(ending.output)")
  }

  /// What a host does wrong, each with what is told of it.
  @Test(arguments: [
    ("send(4, size=3)", "a message says it has 3 bytes; its header alone has 16"),
    ("send(4, size=1 << 30)", "a message says it has 1073741824 bytes; 1052672 are the most"),
    ("send(4, flags=7)", "a message of type 7; 0 is a command and 1 a reply"),
    ("send(11, flags=1)", "a reply with ID 1 came, which no command has that waits for one"),
    (
      "s.sendall(b'GET / HTTP/1.1\\r\\n\\r\\n')",
      "a message of type 4; 0 is a command and 1 a reply"
    ),
    ("send(4, b'abc', size=1000)", "the peer has closed the connection inside a frame, after 19 bytes of it"),
  ])
  func whatAHostDoesWrongIsTold(script: String, text: String) throws {
    for rude in [false, true] {
      let end = script.contains("abc") ? "" : "\ntake(1)"
      let ending = try talk(script + end, rude: rude)
      #expect(ending.output.contains(text), "\(ending.output)")
      // The socket is gone.
      #expect(ending.output.hasSuffix("\nhost.py\nsays\n"))
      #expect(!ending.output.contains("\ne\nhost.py"))
    }
  }

  /// A host that is to be at a link of a suite, and a script in its place.
  private func suite(_ script: String, start: String = "auto", steps: String, in folder: Folder) throws {
    try folder.write("host.py", "import os, signal, socket, struct, sys\n" + script)
    try folder.write(
      "Boards/host.yaml",
      """
      format: 1
      board: host
      arch: x86_64
      simulator: qemu
      launch: {program: python3, args: [[host.py]], per_link: [[$socket]]}
      wire: vfio-user
      console: pipe

      """)
    try folder.write(
      "Suites/host.yaml",
      """
      format: 1
      suite: host
      timeout: 20s
      topology:
        nodes: {host: {board: host, role: root-complex, start: \(start)}, ep: {model: memory-mock}}
        links: {l0: {upstream: host, downstream: ep}}
      cases: {waits: {steps: \(steps)}}

      """)
  }

  /// QEMU is killed before it connects, when it has, within its first message, and behind it.
  @Test(arguments: [
    ("", "before it had joined its link"),
    ("s.connect(sys.argv[1])", "host: its process was killed by SIGKILL"),
    ("s.connect(sys.argv[1]); s.sendall(m[:8])", "host: its process was killed by SIGKILL"),
    ("s.connect(sys.argv[1]); s.sendall(m[:20])", "host: its process was killed by SIGKILL"),
    ("s.connect(sys.argv[1]); s.sendall(m); s.recv(1)", "host.waits: "),
  ])
  func aHostThatIsKilledInItsVersionIsTold(script: String, text: String) throws {
    let folder = try Folder()
    try suite(
      """
      p = struct.pack('<HH', 0, 0) + b'{"capabilities": {}}\\0'
      m = struct.pack('<HHIII', 1, 1, 16 + len(p), 0, 0) + p
      s = socket.socket(socket.AF_UNIX)
      \(script)
      os.kill(os.getpid(), signal.SIGKILL)

      """, steps: "[{wait: {console: host, matches: never}}]", in: folder)
    let ending = try Program(["run", "Suites/host.yaml"], in: folder).wait()
    #expect(ending.status == 1 && ending.output.contains(text), "\(ending.output)\(ending.errors)")
    #expect(!ending.output.contains("leak"))
  }

  /// The next run in this place finds nothing of it.
  @Test(arguments: ["trap", "exit"]) func aWorkerThatIsGoneLeavesNoSocket(mishap: String) throws {
    let folder = try Folder()
    try suite("", start: "manual", steps: "[{note: {text: here}}]", in: folder)
    let ending = try Program.shell(
      "mkdir t; TMPDIR=$PWD/t $P run Suites/host.yaml --drill \(mishap):host.waits; echo status $?; ls t",
      in: folder)
    #expect(ending.output.hasSuffix("status 3\n"), "\(ending.output)")
    let other = try Program.shell(
      "mkdir u; TMPDIR=$PWD/u $P run Suites/host.yaml; echo status $?; ls u", in: folder)
    #expect(other.output.hasSuffix("status 0\n"), "\(other.output)")
  }

  @Test func aPathThatIsTooLongIsTold() throws {
    let folder = try Folder()
    let path = String(repeating: "a", count: 108)
    let ending = try Program.run("endpoint", "dma-endpoint", "--listen", "vfio-user:\(path)", in: folder)
    #expect(ending.status != 0)
    #expect(ending.errors.contains("the path of a socket has at most 107 bytes"), "\(ending.errors)")
  }
}
