import Foundation
import Testing

/// The agent of Linux guests as a process here, where files stand for what a guest finds.
@Suite(.timeLimit(.minutes(10))) struct GuestAgentTests {
  /// With the checks of the compiler, which the guest has no room for.
  private static let built: Program.Ending? = {
    let root = ReadmeTests.root.path(percentEncoded: false)
    return try? Program.shell(
      "exec 2>&1; make -s -C \(root)/Boards/guest OUT=\(root)/.build/guest "
        + "CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover' LDFLAGS=", in: Folder())
  }()
  /// The path of the agent.
  static func agent() throws -> String {
    let built = try #require(Self.built)
    try #require(built.status == 0, "\(built.output)")
    return ReadmeTests.root.appending(path: ".build/guest/guest-agent").path(percentEncoded: false)
  }

  /// A machine with one function: 1234:5678, MSI-X with two vectors in BAR 2, BAR 0 of 64 bytes.
  static func machine() throws -> Folder {
    let folder = try Folder()
    let function = "sys/bus/pci/devices/0000:01:00.0"
    var space = [UInt8](repeating: 0, count: 4096)
    space.replaceSubrange(0..<8, with: [0x34, 0x12, 0x78, 0x56, 0, 0, 0x10, 0])
    space.replaceSubrange(8..<12, with: [1, 0, 0, 0xff])
    space[0x34] = 0x40
    space.replaceSubrange(0x40..<0x4c, with: [0x11, 0, 1, 0, 2, 0, 0, 0, 2, 8, 0, 0])
    space.replaceSubrange(0x100..<0x104, with: [0x0d, 0, 1, 0x14])
    space.replaceSubrange(0x140..<0x14c, with: [3, 0, 1, 0, 8, 7, 6, 5, 4, 3, 2, 1])
    for (name, bytes) in [
      ("config", space), ("resource0", [UInt8](0..<64)), ("resource2", [UInt8](repeating: 0, count: 4096)),
    ] {
      try folder.write("\(function)/\(name)")
      try Data(bytes).write(to: URL(filePath: "\(folder.path)/\(function)/\(name)"))
    }
    try folder.write("\(function)/resource", "0xfe000000 0xfe00003f 0x40200\n0x0 0x0 0x0\n")
    try Data([UInt8](repeating: 0, count: 8192)).write(to: URL(filePath: "\(folder.path)/memory"))
    return folder
  }

  /// What the agent says to lines, without its greeting.
  private func answers(_ lines: [String], in folder: Folder) throws -> [String] {
    try folder.write("lines", lines.joined(separator: "\n") + "\n")
    let ending = try Program.shell(
      "exec \(Self.agent()) --sysfs sys --memory memory 0x1e000000 8192 <lines", in: folder)
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
    let answers = ending.output.split(separator: "\n").map(String.init)
    #expect(answers.first == "agent 1 ready")
    return Array(answers.dropFirst())
  }

  private func expect(_ dialogue: [(line: String, answers: [String])], in folder: Folder? = nil) throws {
    let said = try answers(dialogue.map(\.line), in: folder ?? Self.machine())
    #expect(said == dialogue.flatMap(\.answers))
  }

  /// Has a script speak with the agent, which reads and writes the files `in` and `out`: `ask LINE PATTERN` waits
  /// for the answer.
  private func converse(_ script: String, in folder: Folder) throws -> Program.Ending {
    try Program.shell(
      """
      mkfifo in; \(Self.agent()) --sysfs sys --tainted tainted --memory memory 0x1e000000 8192 <in >out 2>errors & agent=$!
      exec 3>in
      ask() { echo "$1" >&3; until grep -q "$2" out; do kill -0 $agent || exit 9; sleep 0.01; done; }
      \(script)
      exec 3>&-; kill $agent; cat out | head -c 4000; cat errors >&2; exit 0
      """, in: folder)
  }

  @Test func answersEveryLineWithItsTag() throws {
    try expect([
      ("#1 ping", ["#1 ok"]),
      ("  ping  a  b ", ["ok a  b"]),
      ("#12345678901 ping", ["error a request is a verb behind a tag, # and up to 10 digits"]),
      ("#x ping", ["error a request is a verb behind a tag, # and up to 10 digits"]),
      ("", []),
      ("#7 nonsense", ["#7 error no verb 'nonsense'; help lists them"]),
      ("#8 dump", ["#8 error write: dump FUNCTION"]),
      ("#9 read 1 2 3 4 5 6 7 8", ["#9 error a request has at most 8 words"]),
      (String(repeating: "x", count: 9000), ["error a line has at most 8447 bytes, none of them 0"]),
      ("#10 ping\0", ["error a line has at most 8447 bytes, none of them 0"]),
      ("#11 ping", ["#11 ok"]),
    ])
  }

  @Test func showsConfigurationSpace() throws {
    try expect(
      [
        (
          "list",
          [
            "| 0000:01:00.0 1234:5678 class ff0000 revision 01",
            "| 0000:01:00.0 bar0 0xfe000000 size 0x40", "ok 1",
          ]
        ),
        ("config-read 01:00.0 0x0 4", ["ok 34127856"]),
        ("config-read 0000:01:00.0 2 2", ["ok 7856"]),
        ("config-write 01:00.0 0x3c 0a", ["ok 1"]),
        ("config-read 01:00.0 0x3c 1", ["ok 0a"]),
        ("enable 01:00.0", ["ok 0600"]),
        ("config-read 01:00.0 0x4 2", ["ok 0600"]),
        ("config-read 01:00.0 cap0x11+0x4 4", ["ok 02000000"]),
        ("config-write 01:00.0 cap0x11+0x2 0180", ["ok 2"]),
        ("config-read 01:00.0 0x42 2", ["ok 0180"]),
        ("config-read 01:00.0 ext0x3+4 8", ["ok 0807060504030201"]),
        ("config-read 01:00.0 ext0x1+4 4", ["error the function has no capability ext0x1"]),
        ("config-read 01:00.0 cap0x5+0 2", ["error the function has no capability cap0x5"]),
        ("config-read 01:00.0 cap+0 2", ["error 'cap+0' names no capability"]),
        ("config-read 01:00.0 ext0x3+0xf00 2", ["error 'ext0x3+0xf00' is no offset below 0x1000"]),
        ("config-read 01:00.0 0xffd 4", ["error '4' is no size up to the end of the space"]),
        ("config-read 01:00.0 0x1000 4", ["error '0x1000' is no offset below 0x1000"]),
        ("config-write 01:00.0 0 123", ["error '123' is no data up to the end of the space"]),
        ("config-read 02:00.0 0 4", ["error no function 0000:02:00.0: No such file or directory"]),
        ("config-read ../x 0 4", ["error '../x' is no function; write BB:DD.F"]),
      ])
    let dump = try answers(["#3 dump 01:00.0"], in: Self.machine())
    #expect(dump.count == 257 && dump.last == "#3 ok 4096")
    #expect(dump[0] == "#3 | 000 3412785600001000010000ff00000000" && dump[255].hasPrefix("#3 | ff0 "))
    #expect(dump[0].count == "#3 | 000 ".count + 32)
  }

  @Test func accessesBarsInEveryWidth() throws {
    try expect([
      ("read 01:00.0 0 0x8 1 4", ["ok 08090a0b"]),
      ("read 01:00.0 0 0x8 2 4", ["ok 08090a0b"]),
      ("read 01:00.0 0 0x8 4 4", ["ok 08090a0b"]),
      ("read 01:00.0 0 0x8 8 8", ["ok 08090a0b0c0d0e0f"]),
      ("write 01:00.0 0 0x10 8 a0a1a2a3a4a5a6a7", ["ok 8"]),
      ("write 01:00.0 0 0x10 1 b0", ["ok 1"]),
      ("write 01:00.0 0 0x12 2 c2c3", ["ok 2"]),
      ("write 01:00.0 0 0x14 4 d4d5d6d7", ["ok 4"]),
      ("read 01:00.0 0 0x10 4 8", ["ok b0a1c2c3d4d5d6d7"]),
      ("read 01:00.0 0 0x2 4 4", ["error 4 bytes at 0x2 are not aligned to 4"]),
      ("read 01:00.0 0 0x0 3 3", ["error '3' is no width: 1, 2, 4 or 8"]),
      ("read 01:00.0 0 0x3c 8 8", ["error 8 bytes at 0x3c are not aligned to 8"]),
      ("read 01:00.0 0 0x40 4 4", ["error 4 bytes at 0x40 end past BAR 0 (0x40)"]),
      (
        "read 01:00.0 0 0xfffffffffffffffc 4 4", ["error 4 bytes at 0xfffffffffffffffc end past BAR 0 (0x40)"]
      ),
      ("read 01:00.0 6 0 4 4", ["error '6' is no BAR from 0 to 5"]),
      ("read 01:00.0 0 0 4 4097", ["error '4097' is no length from 1 to 4096"]),
      (
        "read 01:00.0 1 0 4 4",
        ["error sys/bus/pci/devices/0000:01:00.0/resource1: No such file or directory"]
      ),
    ])
    let time = try answers(["time 01:00.0 0 0 4 100"], in: Self.machine())
    #expect(time.first?.firstMatch(of: /^ok min \d+ median \d+ max \d+ ns$/) != nil, "\(time)")
  }

  @Test func keepsToTheMemoryForDevices() throws {
    try expect([
      ("memory", ["ok 0x1e000000 size 0x2000"]),
      ("memory-write 0x1e000ffe 01020304", ["ok 4"]),
      ("memory-read 0x1e000fff 2", ["ok 0203"]),
      ("memory-read 0x1e001ffc 4", ["ok 00000000"]),
      (
        "memory-read 0x1e001ffd 4",
        ["error 4 bytes at 0x1e001ffd are not in the memory for devices, 0x1e000000 to 0x1e001fff"]
      ),
      (
        "memory-write 0x1dffffff 00",
        ["error 1 bytes at 0x1dffffff are not in the memory for devices, 0x1e000000 to 0x1e001fff"]
      ),
      (
        "memory-read 18446744073709551616 4",
        ["error 4 bytes at 18446744073709551616 are not in the memory for devices, 0x1e000000 to 0x1e001fff"]
      ),
    ])
  }

  @Test func pointsMSIXAtWordsAndWaitsForThem() throws {
    let folder = try Self.machine()
    try expect(
      [
        (
          "wait 01:00.0 0 1",
          ["error 0000:01:00.0 has no such interrupt; ask for 'interrupts 0000:01:00.0' first"]
        ),
        ("interrupts 01:00.0", ["ok 2"]),
        ("config-read 01:00.0 0x42 2", ["ok 0180"]),
        ("read 01:00.0 2 0x10 4 16", ["ok 0410001e000000000200000000000000"]),
        // Asked for again they have the same words.
        ("interrupts 01:00.0", ["ok 2"]),
        ("read 01:00.0 2 0x10 4 16", ["ok 0410001e000000000200000000000000"]),
        (
          "wait 01:00.0 2 1",
          ["error 0000:01:00.0 has no such interrupt; ask for 'interrupts 0000:01:00.0' first"]
        ),
      ], in: folder)
    try folder.write(
      "raise", "printf '\\002' | dd of=memory bs=1 seek=\(8192 - 4096 + 4) conv=notrunc status=none\n")
    let raised = try converse(
      """
      ask '#1 interrupts 01:00.0' '#1 ok 2'; ask '#2 shell sh raise' '#2 ok 0'
      ask '#3 wait 01:00.0 1 60000' '#3 ok 0'; ask '#4 wait 01:00.0 1 60000' ''
      ask '#5 shell sh raise' '#4 ok 0'; ask '#6 ping' '#6 ok'
      """, in: folder)
    #expect(raised.status == 0 && raised.errors.isEmpty, "\(raised.errors)\(raised.output)")
    let late = try answers(["interrupts 01:00.0", "#4 wait 01:00.0 0 1"], in: Self.machine())
    #expect(late.contains("#4 error no interrupt of 0000:01:00.0 within its time"), "\(late)")
  }

  @Test func runsCommands() throws {
    try expect([("#2 shell echo one; echo two >&2; exit 3", ["#2 | one", "#2 | two", "#2 ok 3"])])
    try expect([("shell printf 'a\\tb\\001c'", ["| a b.c", "ok 0"])])
    try expect([("shell kill -9 $$", ["ok 265"])])
    let long = try answers(["shell head -c 2500 /dev/zero"], in: Self.machine())
    #expect(long.map(\.count) == [1002, 1002, 502, 4], "a line is cut, and no byte of it is control")
  }

  @Test func aCommandThatNeverEndsKeepsNobodyWaiting() throws {
    let folder = try Self.machine()
    let ending = try converse(
      """
      ask '#1 shell yes' '#1 . y'; ask '#2 ping' '#2 ok'; ask '#3 shell echo x' '#3 ok 0'
      for i in 4 5 6; do ask "#$i shell sleep 30 & exec sleep 20" ""; done; ask '#7 shell true' '#7 error 4 commands'
      """, in: folder)
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)\(ending.output)")
  }

  @Test func whatACommandLeavesRunningIsNotWaitedFor() throws {
    let ending = try converse("ask '#1 shell echo on; sleep 20 &' '#1 ok 0'", in: Self.machine())
    #expect(ending.status == 0 && ending.output.contains("#1 | on"), "\(ending.errors)\(ending.output)")
  }

  @Test func aFunctionThatGoesTakesItsMemoryWithIt() throws {
    let folder = try Self.machine()
    let bar = "sys/bus/pci/devices/0000:01:00.0/resource0"
    let ending = try converse(
      """
      ask '#1 read 01:00.0 0 0x0 4 4' '#1 ok 00010203'; truncate -s 0 \(bar)
      ask '#2 read 01:00.0 0 0x0 4 4' '#2 error'; ask '#3 write 01:00.0 0 0x0 4 00000000' '#3 error'
      rm \(bar); ask '#4 read 01:00.0 0 0x0 4 4' '#4 error'
      head -c 64 /dev/zero >\(bar); ask '#5 read 01:00.0 0 0x0 4 4' '#5 ok 00000000'
      rm \(bar); yes | head -c 64 >\(bar); ask '#6 read 01:00.0 0 0x0 4 4' '#6 ok 790a790a'
      """, in: folder)
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)\(ending.output)")
    #expect(ending.output.contains("#2 error the memory is gone"), "\(ending.output)")
  }

  @Test func bringsTheMachineBackToWhatItWas() throws {
    try expect([
      ("enable 01:00.0", ["ok 0600"]),
      ("interrupts 01:00.0", ["ok 2"]),
      ("config-write 01:00.0 0x10 000000fe", ["ok 4"]),
      ("config-write 01:00.0 0x3c 0b", ["ok 1"]),
      ("memory-write 0x1e000010 01020304", ["ok 4"]),
      ("#5 shell sleep 50", []),
      ("wait 01:00.0 1 60000", []),
      ("renew", ["ok 1"]),
      ("config-read 01:00.0 0x4 2", ["ok 0000"]),
      ("config-read 01:00.0 0x10 4", ["ok 00000000"]),
      ("config-read 01:00.0 0x3c 1", ["ok 00"]),
      ("config-read 01:00.0 cap0x11+0x2 2", ["ok 0100"]),
      ("memory-read 0x1e000010 4", ["ok 00000000"]),
      (
        "wait 01:00.0 1 1",
        ["error 0000:01:00.0 has no such interrupt; ask for 'interrupts 0000:01:00.0' first"]
      ),
      ("reset 01:00.0", ["error 0000:01:00.0 has no function level reset"]),
      ("reset 02:00.0", ["error 0000:02:00.0 is not there"]),
    ])
  }

  @Test func tellsWhatCannotBeBroughtBack() throws {
    let folder = try Self.machine()
    let function = "sys/bus/pci/devices/0000:01:00.0"
    try folder.write("tainted", "0\n")
    let ending = try converse(
      """
      ask '#1 renew' '#1 ok 1'
      printf '\\377\\377' | dd of=\(function)/config conv=notrunc status=none; ask '#2 renew' '#2 error'
      printf '\\064\\022' | dd of=\(function)/config conv=notrunc status=none; ask '#3 renew' '#3 ok'
      ln -s ../drivers/uio \(function)/driver; ask '#4 renew' '#4 error'; rm \(function)/driver
      mkdir sys/bus/pci/devices/0000:02:00.0; ask '#5 renew' '#5 error'; rmdir sys/bus/pci/devices/0000:02:00.0
      mkdir -p \(function)/nvme/nvme0; echo dead >\(function)/nvme/nvme0/state; ask '#6 renew' '#6 error'
      rm -r \(function)/nvme; echo 512 >tainted; ask '#7 renew' '#7 error'; echo 4096 >tainted
      ask '#8 renew' '#8 ok'; mv \(function) x; ask '#9 renew' '#9 error'
      """, in: folder)
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)\(ending.output)")
    for line in [
      "#2 error 0000:01:00.0 does not answer", "#4 error 0000:01:00.0 has the driver 'uio' instead of ''",
      "#5 error 0000:02:00.0 was not there", "#6 error 0000:01:00.0 is dead instead of",
      "#7 error the kernel is tainted by an error of its own (0x200)", "#9 error 0000:01:00.0 is gone",
    ] {
      #expect(ending.output.contains(line), "\(ending.output)")
    }
  }

  @Test func survivesWhateverIsWritten() throws {
    let words = [
      "list", "dump", "config-read", "config-write", "enable", "read", "write", "time", "memory-read",
      "memory-write", "interrupts", "intx", "wait", "help", "reset", "renew", "01:00.0", "0", "1", "2", "4",
      "8", "0x40",
      "4096",
      "-1", "0xffffffffffffffff", "zz", "aabb", "#1", "intx", "\u{7f}", "%s%n",
    ]
    var state: UInt64 = 0x5eed
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    let lines = (0..<2000).map { _ in
      (0...next() % 7).map { _ in words[Int(next()) % words.count] }.joined(separator: " ")
    }
    let said = try answers(lines + ["#99 ping end"], in: Self.machine())
    #expect(said.contains("#99 ok end"))
    #expect(said.allSatisfy { !$0.isEmpty })
  }
}
