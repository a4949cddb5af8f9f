import Foundation
import Testing

/// `endpoint` with programs that are not ours at the other end.
@Suite(.timeLimit(.minutes(5))) struct EndpointTests {
  /// Starts an endpoint and waits until it listens; gives what it then says.
  private func serve(_ arguments: String, then command: String, in folder: Folder) throws -> Program.Ending {
    // The endpoint tells on its standard error where it listens; the pipe is read up to that line first.
    try Program.shell(
      """
      mkfifo says; $P endpoint \(arguments) --once 2> says & exec 3< says
      read line <&3; echo "$line"; address="${line#*listening at }"
      \(command); echo "status $?"
      cat <&3
      """, in: folder)
  }

  @Test func hostProgramUsesTheModelThroughTheLibrary() throws {
    let folder = try Folder()
    try LinkProgram.place("host", in: folder)
    let ending = try serve(
      "memory-mock --listen unix:link#mem", then: "PCIE_LINK=\"$address\" ./host", in: folder)
    #expect(
      ending.output == """
        memory-mock: listening at unix:link#mem
        0001:0002
        bar0 10 to 8f
        offset 0: same
        offset 1: same
        offset 2: same
        offset 3: same
        nowhere: completed with Unsupported Request
        status 0
        memory-mock: connected
        memory-mock: unsupported-request: MRd of 4 bytes at 0xdead0000 lies in no BAR; there are bar0 0xe0000000 \
        to 0xe000007f, bar1 0xe0000800 to 0xe0000fff
        memory-mock: the program says goodbye: closed by the program
        memory-mock: the peer has closed the connection

        """)
    #expect(ending.errors == "")
  }

  /// Each model with keys of its own, and how it shows itself.
  static let models = [
    ("memory-mock", "", "0001:0002", "0 vectors"),
    ("memory-mock", "msix: 4, id: {device: 0x7}", "0001:0007", "4 vectors"),
    ("dma-endpoint", "msix: 8, msi: 4", "16c3:edda", "8 vectors"), ("nvme", "", "16c3:0803", "9 vectors"),
    ("revere-amu", "", "13b5:ff81", "2048 vectors"),
  ]

  @Test("unix", arguments: models)
  func modelIsAtALinkOfTheLibrary(_ model: String, _ keys: String, _ id: String, _ vectors: String) throws {
    let folder = try Folder()
    try LinkProgram.place("survey", in: folder)
    let ending = try serve(
      "\(model) --settings '\(keys)' --listen unix:link#mem", then: "PCIE_LINK=\"$address\" ./survey",
      in: folder)
    #expect(ending.output.contains("survey: \(id), class"), "\(ending.output)\(ending.errors)")
    #expect(ending.output.contains(", \(vectors)\n"), "\(ending.output)")
    #expect(ending.output.contains("survey: done\nstatus 0\n"), "\(ending.output)\(ending.errors)")
  }

  @Test("tcp", arguments: models)
  func modelIsOnAWarpPipeWire(_ model: String, _ keys: String, _ id: String, _ vectors: String) throws {
    let folder = try Folder()
    let client = """
      import socket, sys
      s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
      s.sendall(bytes.fromhex('03 00 01 04 00 00 01 00 00 00 0f 00 00 00 00 af 18 00 9a')); got = b''
      while len(got) < 30: got += s.recv(4096)
      print('%02x%02x:%02x%02x' % (got[23], got[22], got[25], got[24]))
      s.close()
      """
    try folder.write("client.py", client)
    let ending = try serve(
      "\(model) --settings '\(keys)' --listen tcp:127.0.0.1:0", then: "python3 client.py ${address##*:}",
      in: folder)
    #expect(ending.output.contains("\n\(id)\nstatus 0\n"), "\(ending.output)\(ending.errors)")
  }

  /// The model plays a node of a run, below a program that sets it up.
  @Test("connect", arguments: models)
  func modelIsANodeOfAnotherRun(_ model: String, _ keys: String, _ id: String, _ vectors: String) throws {
    let folder = try Folder()
    let board = ReadmeTests.root.appending(path: "Boards/native.yaml")
    try folder.write("Boards/native.yaml", try String(contentsOf: board, encoding: .utf8))
    try folder.write(
      "model",
      "#!/bin/sh\nexec \(Program.path) endpoint \(model) --settings '\(keys)' --connect $PCIE_LINK\n",
      isProgram: true)
    try folder.write(
      "Suites/s.yaml",
      """
      format: 1
      suite: s
      timeout: 20s
      images:
        survey: {file: \(try LinkProgram.path("survey")), hint: none}
        model:  {file: ../model, hint: none}
      topology:
        nodes:
          host: {board: native, image: survey, role: root-complex}
          ep:   {board: native, image: model, role: endpoint}
        links:
          l0: {upstream: host, downstream: ep}
      cases:
        c:
          steps:
            - wait: {console: host, matches: '\(id), class [0-9a-f]+, \(vectors)'}
            - wait: {console: host, matches: 'survey: done'}
            - wait: {exit: host, status: 0}

      """)
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
  }

  @Test(arguments: ["root-complex", "switch", "memory-mok"])
  func whatIsNoEndpointIsNamed(model: String) throws {
    let ending = try Program.run("endpoint", model, "--listen", "tcp:127.0.0.1:0", in: Folder())
    #expect(ending.status == 64)
    #expect(
      ending.errors
        == "error: '\(model)' cannot be served at a link; what can is memory-mock, dma-endpoint, revere-amu, "
        + "nvme   "
        + "[cli.no-endpoint]\n")
  }

  /// Whoever falls asleep at whatever point of a round trip is woken.
  @Test(arguments: ["", "loop"]) func noWakeUpIsLost(way: String) throws {
    let folder = try Folder()
    try LinkProgram.place("rounds", in: folder)
    let ending = try serve(
      "memory-mock --listen unix:link#mem", then: "PCIE_LINK=\"$address\" ./rounds 3000 \(way)", in: folder)
    #expect(ending.output.contains("3000 rounds\nstatus 0\n"), "\(ending.output)\(ending.errors)")
  }

  @Test func programThatPlaysAnotherNodeIsSentAway() throws {
    let folder = try Folder()
    try LinkProgram.place("host", in: folder)
    let ending = try serve(
      "memory-mock --listen unix:link#mem",
      then: "PCIE_LINK=unix:link#other ./host 2>&1; PCIE_LINK=\"$address\" ./host > /dev/null", in: folder)
    #expect(ending.output.contains("it asks for node 'other'; this is 'mem'"))
    #expect(ending.output.contains("status 0"))
  }

  /// Frames of an unmodified client, as captured; each answer is known byte for byte.
  @Test func warpPipeClientIsAnswered() throws {
    let folder = try Folder()
    let client = """
      import socket, sys
      s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
      def turn(frame, count):
          s.sendall(bytes.fromhex(frame)); got = b''
          while len(got) < count: got += s.recv(4096)
          print(got.hex(' '))
      turn('03 00 01 04 00 00 01 00 00 00 0f 00 00 00 00 af 18 00 9a', 30)
      turn('03 00 06 44 00 00 01 00 00 00 0f 00 00 00 10 00 00 10 00 bf 51 6d 12', 7)
      turn('03 00 0b 00 00 00 01 00 00 06 0f 00 10 00 00 9b 05 26 69', 30)
      s.close()
      """
    try folder.write("client.py", client)
    let ending = try serve(
      "memory-mock --listen tcp:127.0.0.1:0", then: "python3 client.py ${address##*:}", in: folder)
    #expect(
      ending.output.contains(
        """
        02 00 00 00 01 12 79 03 00 01 4a 00 00 01 00 00 00 04 00 00 00 00 01 00 02 00 b6 c5 80 30
        02 00 00 00 06 \(Self.acknowledgement6)
        02 00 00 00 0b \(Self.acknowledgement11) 03 00 02 4a 00 00 01 00 00 00 04 00 00 06 00 10 11 12 13
        """))
    #expect(
      ending.output.hasSuffix("memory-mock: connected\nmemory-mock: the peer has closed the connection\n"))
  }

  /// A client that resets the function gives its BARs addresses again, and goes on with payloads as large as before:
  /// Max_Payload_Size is none of what such a reset clears.
  /// - Source: PCI Express Base 5.0, 6.6.2 "Function Level Reset (FLR)".
  @Test func warpPipeClientResetsTheFunction() throws {
    let folder = try Folder()
    try folder.write(
      "client.py",
      """
      import socket, sys, zlib
      s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
      sequence = 0
      def take(count):
          got = b''
          while len(got) < count: got += s.recv(count - len(got))
          return got
      def send(tlp):
          global sequence
          sequence += 1
          frame = sequence.to_bytes(2, 'big') + tlp
          s.sendall(b'\\x03' + frame + zlib.crc32(frame).to_bytes(4, 'little'))
      def completion():
          while True:
              lead = take(7)
              if lead[0] == 2: continue
              length = (lead[5] & 3) << 8 | lead[6] or 1024
              return take(12 + 4 * length)[8:-4]
      def read(kind, address, words=1):
          enables = 0xff if words > 1 else 0x0f
          send(bytes([kind, 0, words >> 8, words & 255, 0, 0, 1, enables]) + address.to_bytes(4, 'big'))
          return completion()
      def write(kind, address, data):
          words = len(data) // 4
          enables = 0xff if words > 1 else 0x0f
          send(bytes([kind, 0, words >> 8, words & 255, 0, 0, 0, enables]) + address.to_bytes(4, 'big') + data)
      def number(data): return int.from_bytes(data[:4], 'little')
      def place():
          write(0x44, 0x10, (0x100000).to_bytes(4, 'little')); write(0x44, 0x14, (0x140000).to_bytes(4, 'little'))
      def exchange(name):
          data = bytes((i * 7 + len(name)) & 255 for i in range(2048))
          write(0x40, 0x140000, data)
          print(name, read(0x00, 0x140000, 512) == data)
      place(); exchange('before')
      capability = number(read(0x04, 0x34)) & 255
      while number(read(0x04, capability)) & 255 != 0x10:
          capability = number(read(0x04, capability)) >> 8 & 255
      control = number(read(0x04, capability + 8)) & 0xffff
      write(0x44, capability + 8, (control | 0x8000).to_bytes(4, 'little'))
      while number(read(0x04, 0)) != 0x00020001: pass
      print('bar', hex(number(read(0x04, 0x14)) & ~15), 'payload', number(read(0x04, capability + 8)) >> 5 & 7)
      place(); exchange('after')
      s.close()
      """)
    let ending = try serve(
      "memory-mock --listen tcp:127.0.0.1:0", then: "python3 client.py ${address##*:}", in: folder)
    #expect(
      ending.output.contains("\nbefore True\nbar 0x0 payload 5\nafter True\nstatus 0\n"),
      "\(ending.output)\(ending.errors)")
  }

  /// The checksums of Ack 006 and Ack 00b.
  private static let acknowledgement6 = "75 3b"
  private static let acknowledgement11 = "58 93"

  @Test func addressesThatAreNoneAreNamed() throws {
    let folder = try Folder()
    let bad = try Program.run("endpoint", "memory-mock", "--listen", "2115", in: folder)
    #expect(bad.status == 64)
    #expect(
      bad.errors
        == "error: '2115' is no address; write tcp:HOST:PORT in numbers, unix:PATH#NODE or, to listen, "
        + "vfio-user:PATH"
        + "   [cli.bad-address]\n")
    let none = try Program.run("endpoint", "memory-mock", in: folder)
    #expect(none.errors.contains("say --listen ADDRESS or --connect ADDRESS"))
    let settings = try Program.run(
      "endpoint", "memory-mock", "--settings", "bars: {bar9: 4KiB}", "--listen", "tcp:127.0.0.1:0", in: folder
    )
    #expect(settings.status == 65)
    #expect(settings.errors.contains("bar9"))
    let unbuilt = try Program.run(
      "endpoint", "memory-mock", "--settings", "start: manual", "--listen", "tcp:127.0.0.1:0", in: folder)
    #expect(unbuilt.errors.contains("models that are started and stopped"))
  }

  @Test func portOfSomebodyElseIsRefused() throws {
    let folder = try Folder()
    let ending = try serve(
      "memory-mock --listen tcp:127.0.0.1:0",
      then: "$P endpoint memory-mock --listen $address 2>&1; python3 -c "
        + "\"import socket; socket.create_connection(('127.0.0.1', int('${address##*:}')))\"", in: folder)
    #expect(ending.output.contains("Address already in use; somebody listens there already"))
  }
}
