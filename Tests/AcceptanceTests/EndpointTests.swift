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
