import Foundation
import Testing

/// Programs that break every rule of their link or console: each is named with what it last said, the other
/// cases go on, and nothing is left.
@Suite(.timeLimit(.minutes(5))) struct BadPeerTests {
  /// A folder with a suite of two cases, of which one runs a script and one a program that does all right.
  private func folder(
    _ script: String, timeout: String = "30s", faults: String = "[]", steps: String
  ) throws -> Folder {
    let folder = try Folder()
    let board = ReadmeTests.root.appending(path: "Boards/native.yaml")
    try folder.write("Boards/native.yaml", try String(contentsOf: board, encoding: .utf8))
    for name in ["hostile", "dma_device"] { try LinkProgram.place(name, in: folder) }
    try folder.write("bad", "#!/bin/sh\necho $$ > pid\n\(script)\n", isProgram: true)
    try folder.write("good", "#!/bin/sh\nexec ./dma_device\n", isProgram: true)
    for (name, timeout, steps) in [
      ("bad", timeout, steps), ("good", "30s", "[{wait: {console: ep, matches: ready}}]"),
    ] {
      try folder.write(
        "Suites/\(name).yaml",
        """
        format: 1
        suite: \(name)
        timeout: \(timeout)
        images:
          app: {file: ../\(name), hint: none}
        topology:
          nodes:
            rc: {model: root-complex, memory: 1MiB}
            ep: {board: native, image: app, role: endpoint}
          links:
            l0: {upstream: rc, downstream: ep}
        cases:
          c: {faults: \(name == "bad" ? faults : "[]"), steps: \(steps)}

        """)
    }
    return folder
  }

  private func run(_ folder: Folder) throws -> Program.Ending {
    let ending = try Program.run("run", "Suites", "--jobs", "2", in: folder)
    #expect(ending.output.contains(/PASS \[.*\] good +c\n/), "\(ending.output)")
    #expect(ending.output.contains("2 cases: 1 passed, 1 failed"), "\(ending.output)\(ending.errors)")
    let pid = try #require(Int32(folder.text("pid").trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(Program.isGone(pid))
    return ending
  }

  static let hellos = [
    ("version", "the other side speaks version 99, this one 2"),
    ("layout", "the other side has layout 0x"),
    ("noise", "the first message begins with 0xa5a5a5a5a5a5a5a5"),
    ("half", "the message has 112 bytes of 224"),
    ("long", "the hello has 896 bytes; it has 224"),
    ("huge-bar", "BAR 0 has 1125899906842624 bytes; it takes a power of two from 128 to 2147483648"),
    ("descriptors", "the hello brings descriptors; it has none"),
  ]

  @Test("hello", arguments: hellos) func wrongHello(_ way: String, _ finding: String) throws {
    let folder = try folder("exec ./hostile \(way) hello", steps: "[{wait: {link: l0, state: down}}]")
    let ending = try run(folder)
    #expect(ending.output.contains("bad.c: ep cannot join its link: \(finding)"), "\(ending.output)")
    // Where the node is described.
    #expect(ending.output.contains("    Suites/bad.yaml:9:5\n       9 |     ep: {board"), "\(ending.output)")
    #expect(ending.output.contains("hostile: says hello"))
  }

  static let records = [
    ("garbage", "a record that is no TLP: the TLP ends after 12 bytes; its header needs 16"),
    ("length", "a ring holds a record that no sender writes: kind 1 with 65532 bytes"),
    ("kind", "a ring holds a record that no sender writes: kind 200 with 12 bytes"),
    ("counter", "a ring counter is out of its range"),
  ]

  @Test("record", arguments: records) func brokenRing(_ way: String, _ finding: String) throws {
    // More than the ring holds, so that the broker looks at what the program says to have taken.
    let folder = try folder(
      "exec ./hostile \(way)",
      steps: """
        [{mem_write: {by: rc, to: ep.bar0, offset: 0x0, data: {random: 64KiB}}}, {wait: {link: l0, state: down}}]
        """)
    let ending = try run(folder)
    #expect(
      ending.output.contains(
        "bad.c: node-protocol at ep, link l0: the peer does not speak the protocol: \(finding)"),
      "\(ending.output)")
    #expect(ending.output.contains("hostile: ready"))
  }

  /// The ring of a program whose own records are held back is broken all the same.
  @Test func brokenRingOfAProgramThatIsHeldBack() throws {
    let folder = try folder(
      "exec ./hostile counter-and-flood",
      faults: "[{starve: {link: l0, from: ep, credits: posted, after: 0ns}}]",
      steps: """
        [{mem_write: {by: rc, to: ep.bar0, offset: 0x0, data: {random: 64KiB}}}, {wait: {link: l0, state: down}}]
        """)
    let ending = try run(folder)
    #expect(
      ending.output.contains(
        "bad.c: node-protocol at ep, link l0: the peer does not speak the protocol: "
          + "a ring counter is out of its range"), "\(ending.output)")
  }

  @Test func silentCaller() throws {
    let folder = try folder(
      "echo connects; exec ./hostile silence hello", timeout: "2s",
      steps: "[{wait: {link: l0, state: down}}]")
    let ending = try run(folder)
    #expect(
      ending.output.contains(
        "bad.c: ep had not joined its link within 2s; it has connected and says nothing"),
      "\(ending.output)")
    #expect(ending.output.contains("connects"))
  }

  /// Who comes when there is no descriptor left is sent away, and does not keep the runner busy.
  @Test func crowdOfSilentCallers() throws {
    let folder = try folder(
      "ulimit -S -n 1200; exec ./hostile crowd hello", timeout: "2s",
      steps: "[{wait: {link: l0, state: down}}]")
    let ending = try Program.shell("ulimit -S -n 300; exec $P run Suites --jobs 2", in: folder)
    #expect(ending.output.contains("2 cases: 1 passed, 1 failed"), "\(ending.output)\(ending.errors)")
    #expect(
      ending.output.contains(
        /was sent away, and so were \d+ that had said nothing: .*: Too many open files/),
      "\(ending.output)")
  }

  /// Who comes and goes for ever keeps nobody from looking at the clock, and fills no report.
  @Test func callerThatComesAndGoes() throws {
    let folder = try folder(
      "exec ./hostile knock hello", timeout: "2s", steps: "[{wait: {link: l0, state: down}}]")
    let ending = try run(folder)
    #expect(ending.output.contains("bad.c: ep had not joined its link within 2s"), "\(ending.output)")
    #expect(ending.output.components(separatedBy: "was refused: ").count < 60, "\(ending.output)")
  }

  @Test func rawDeviceBelowAModel() throws {
    let folder = try folder("exec ./hostile raw", steps: "[{wait: {link: l0, state: down}}]")
    let ending = try run(folder)
    #expect(
      ending.output.contains(
        "bad.c: ep was refused at its link: a raw device needs a program as root complex, which sets it up"),
      "\(ending.output)")
  }

  @Test func endInTheMiddleOfATLP() throws {
    let folder = try folder(
      "exec ./hostile mid-tlp", steps: "[{wait: {console: ep, matches: never}}]")
    let ending = try run(folder)
    #expect(
      ending.output.contains("node-exit at ep: its process exited with status 0; its last line was "),
      "\(ending.output)"
    )
  }

  @Test func floodWithoutReading() throws {
    let folder = try folder(
      "exec ./hostile flood",
      steps: "[{mem_read: {by: rc, from: ep.bar0, offset: 0x0, length: 4B, timeout: 100ms}}]")
    let ending = try run(folder)
    #expect(ending.output.contains("completion-timeout at rc: no completion for tag"), "\(ending.output)")
    #expect(ending.output.contains("hostile: ready"))
  }

  @Test func shrunkMemory() throws {
    let folder = try folder(
      "exec ./hostile shrink", steps: "[{wait: {console: ep, matches: 'Operation not permitted'}}]")
    let ending = try Program.run("run", "Suites", in: folder)
    #expect(ending.status == 0, "\(ending.output)")
  }

  /// What a program sends waits in its own ring once the link takes no more, and not in the broker's memory.
  @Test func floodAgainstAClientThatHangsIsHeldBack() throws {
    let folder = try folder("", steps: "[]")
    try folder.write(
      "Suites/bad.yaml",
      """
      format: 1
      suite: bad
      timeout: 30s
      images:
        client: {file: \(LinkProgram.path("pipe_client")), hint: none}
        server: {file: \(LinkProgram.path("pipe_server")), hint: none}
      topology:
        nodes:
          client: {board: native, image: client, role: root-complex}
          server: {board: native, image: server, role: endpoint}
        links:
          l0: {upstream: client, downstream: server}
      setup:
        - wait: {console: client, matches: 'Vectors connected'}
      cases:
        c:
          allow: [completion-timeout]
          faults:
            - hang: {node: client, after: {link: l0, tlp: MWr, count: 10}}
          steps:
            - send: {to: server, line: pipe flood 20000}
            - wait: {console: server, matches: 'flooded 20000', timeout: 2s}

      """)
    let ending = try Program.run("run", "Suites/bad.yaml", in: folder)
    #expect(
      ending.output.contains("bad.c: 'flooded 20000' on the console of server did not come within 2s"),
      "\(ending.output)")
  }

  static let consoles = [
    ("a gigabyte", "head -c 1000000000 /dev/zero | tr '\\0' x"),
    ("a gigabyte of lines", "yes | head -c 1000000000"),
  ]

  @Test("console", arguments: consoles) func consoleWithoutEnd(_ name: String, _ command: String) throws {
    let folder = try folder(
      "./dma_device > link & \(command); echo; echo all said; kill $!; exit 3",
      steps: "[{wait: {console: ep, matches: all said}}, {wait: {exit: ep, status: 7}}]")
    let ending = try run(folder)
    #expect(
      ending.output.contains("bad.c: expected ep to exit with status 7; it exited with status 3"),
      "\(ending.output)")
    #expect(ending.output.contains("all said"))
  }
}
