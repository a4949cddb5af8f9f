import Foundation
import Testing

/// C programs at links, as nodes of a run.
@Suite(.timeLimit(.minutes(5))) struct NativeSuiteTests {
  /// A folder with a suite in which a script plays a device below the model of a root complex.
  private func folder(script: String, keys: String = "", _ cases: String) throws -> Folder {
    let folder = try Folder()
    for name in ["host", "dma_device", "hostile", "told"] { try LinkProgram.place(name, in: folder) }
    let board = ReadmeTests.root.appending(path: "Boards/native.yaml")
    try folder.write("Boards/native.yaml", try String(contentsOf: board, encoding: .utf8))
    try folder.write("app", "#!/bin/sh\n\(script)\n", isProgram: true)
    try folder.write(
      "Suites/s.yaml",
      """
      format: 1
      suite: s
      timeout: 20s
      images:
        app: {file: ../app, hint: none}
      topology:
        nodes:
          rc: {model: root-complex}
          ep: {board: native, image: app, role: endpoint\(keys)}
        links:
          l0: {upstream: rc, downstream: ep}
      cases:
        c:
      \(cases)

      """)
    return folder
  }

  /// The images of a suite, which names each after its file or the part of it behind the application.
  private static func images(of suite: String) throws -> [String] {
    let text = try String(contentsOf: ProductSuiteTests.suites.appending(path: suite), encoding: .utf8)
    return try text.matches(of: /(?m)^  ([a-z]+): +.file: build\/([a-z_]+),/).flatMap {
      ["--image", "\($0.1)=\(try LinkProgram.path(String($0.2)))"]
    }
  }

  @Test(arguments: ProductSuiteTests.nativeNames) func passes(name: String) throws {
    let folder = try Folder()
    let path = ProductSuiteTests.suites.appending(path: name).path(percentEncoded: false)
    let images = try Self.images(of: name)
    let ending = try Program(
      ["run", path, "--jobs", "2", "--require-all", "--junit", "r.xml"] + images, in: folder
    ).wait()
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)\(ending.output)")
    let report = try folder.text("r.xml")
    #expect(report.contains("failures=\"0\" errors=\"0\" skipped=\"0\""))
    #expect(report.contains("<property name=\"platform\" value=\"native\"/>"), "\(report.prefix(600))")
  }

  /// A folder with a suite of two programs at links, one of which a step starts.
  private func folder(topology: String, _ steps: String) throws -> Folder {
    let folder = try Folder()
    let board = ReadmeTests.root.appending(path: "Boards/native.yaml")
    try folder.write("Boards/native.yaml", try String(contentsOf: board, encoding: .utf8))
    let images =
      try ["hub", "leaver", "pipe_client", "pipe_server", "dma_device", "dma_driver", "survey"].map {
        "  \($0): {file: \(try LinkProgram.path($0)), hint: none}"
      } + ["  model: {file: ../model, hint: none}"]
    try folder.write(
      "Suites/s.yaml",
      """
      format: 1
      suite: s
      timeout: 20s
      images:
      \(images.joined(separator: "\n"))
      topology:
      \(topology)
      cases:
        c:
          steps:
      \(steps)

      """)
    return folder
  }

  @Test func aHostHasSeveralLinks() throws {
    let folder = try folder(
      topology: """
          nodes:
            hub: {board: native, image: hub, role: root-complex}
            a:   {board: native, image: pipe_server, role: endpoint}
            b:   {model: memory-mock, msix: 2}
          links:
            left:         {upstream: hub, downstream: a}
            to-the_right: {upstream: hub, downstream: b}
        """,
      """
            - wait:   {console: hub, matches: 'PCIE_LINK_LEFT leads to 1234:5049'}
            - wait:   {console: hub, matches: 'PCIE_LINK_TO_THE_RIGHT leads to 0001:0002'}
            - send:   {to: a, line: pipe raise 0}
            - wait:   {msix: 0, at: hub, from: a}
            - msix:   {by: b, vector: 0}
            - wait:   {msix: 0, at: hub, from: b}
            - expect: {counter: hub.msix, equals: 2}
      """)
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
  }

  @Test func aHostTakesItsLinksInAnyOrder() throws {
    let folder = try folder(
      topology: """
          nodes:
            hub: {board: native, image: hub, role: root-complex}
            a:   {model: memory-mock, msix: 2}
            b:   {model: memory-mock, msix: 2}
          links:
            to-the_right: {upstream: hub, downstream: b}
            left:         {upstream: hub, downstream: a}
        """, "      - wait: {console: hub, matches: 'PCIE_LINK_TO_THE_RIGHT leads to 0001:0002'}")
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
  }

  private static let leaver = """
      nodes:
        rc: {model: root-complex, memory: 4MiB}
        ep: {board: native, image: leaver, role: endpoint}
      links:
        l0: {upstream: rc, downstream: ep, speed: 2.5GT/s, width: 1}
    """

  @Test func whatAProgramSentBeforeItLeftArrives() throws {
    let folder = try folder(
      topology: Self.leaver,
      """
            - mem_write: {by: rc, to: ep.bar0, offset: 0x100, data: {bytes: 01 00 00 00}}
            - wait:      {link: l0, state: down, timeout: 10s}
            - wait:      {exit: ep, status: 0}
            - mem_read:  {by: rc, address: 0x4fffc, length: 4B, expect: {data: {bytes: ab ab ab ab}}}
      """)
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
  }

  @Test func writesThatWaitArriveBeforeTheBarIsSwitchedOff() throws {
    let folder = try folder(
      topology: Self.leaver,
      """
            - mem_write: {by: rc, to: ep.bar0, offset: 0x1000, data: {random: 16KiB}}
            - mem_write: {by: rc, to: ep.bar0, offset: 0x10, data: {bytes: 11 22 33 44}}
            - cfg_write: {by: rc, to: ep, offset: 0x4, size: 2, data: {bytes: 00 00}}
            - cfg_write: {by: rc, to: ep, offset: 0x4, size: 2, data: {bytes: 06 00}}
            - mem_read:
                {by: rc, from: ep.bar0, offset: 0x10, length: 4B, timeout: 5s,
                 expect: {data: {bytes: 11 22 33 44}}}
          faults:
            - hang: {node: ep, after: {link: l0, tlp: MWr, count: 1}, for: 30ms}
      """)
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
  }

  static let latecomers = ["client": "server", "server": "client"]

  @Test(arguments: latecomers.keys) func aStepStartsAProgramAtALink(_ late: String) throws {
    func start(_ node: String) -> String { node == late ? ", start: manual" : "" }
    let folder = try folder(
      topology: """
          nodes:
            client: {board: native, image: pipe_client, role: root-complex\(start("client"))}
            server: {board: native, image: pipe_server, role: endpoint\(start("server"))}
          links:
            l0: {upstream: client, downstream: server}
        """,
      """
            - wait:   {link: l0, state: down}
            - start:  {node: \(late)}
            - wait:   {console: server, matches: ready}
            - wait:   {console: client, matches: 'Vectors connected'}
            - expect: {counter: l0.cfgwr, at_least: 4}
            - send:   {to: client, line: pipe exchange}
            - wait:   {console: client, matches: 'exchange is done'}
      """)
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
  }

  /// The function of the program has lost its settings, as that of any card that is plugged in again.
  @Test func aDeviceComesAgainBelowAModel() throws {
    let folder = try folder(
      topology: """
          nodes:
            rc: {model: root-complex}
            ep: {board: native, image: dma_device, role: endpoint}
          links:
            l0: {upstream: rc, downstream: ep}
        """,
      """
            - cfg_read: {by: rc, to: ep, offset: 0x4, size: 2, expect: {data: {bytes: 07 00}}}
            - stop:     {node: ep}
            - wait:     {link: l0, state: down}
            - start:    {node: ep}
            - wait:     {console: ep, matches: ready}
            - cfg_read: {by: rc, to: ep, offset: 0x0, size: 4, expect: {data: {bytes: 34 12 01 00}}}
            - cfg_read: {by: rc, to: ep, offset: 0x4, size: 2, expect: {data: {bytes: 00 00}}}
      """)
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
  }

  @Test func anotherDeviceBelowAModelIsRefused() throws {
    let folder = try folder(
      script: "if test -e again; then exec ./hostile; fi; touch again; exec ./dma_device",
      "    steps: [{stop: {node: ep}}, {start: {node: ep}}]")
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(
      ending.output.contains(
        "ep was refused at its link: it describes another function than before, which the root complex has not "
          + "set up"), "\(ending.output)")
  }

  @Test func garbageIsAViolationOfTheNode() throws {
    let folder = try folder(
      script: "exec ./hostile garbage", "    steps: [{wait: {link: l0, state: down, timeout: 10s}}]")
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 1)
    #expect(
      ending.output.contains(
        "node-protocol at ep, link l0: the peer does not speak the protocol: a record that is no TLP"),
      "\(ending.output)")
    #expect(ending.output.contains("hostile: ready"))
  }

  @Test func programThatEndsBeforeItsLinkIsNamed() throws {
    let folder = try folder(
      script: "echo cannot; exit 3", "    steps: [{wait: {link: l0, state: up}}]")
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 1)
    #expect(
      ending.output.contains("ep exited with status 3 before it had joined its link"), "\(ending.output)")
    #expect(ending.output.contains("cannot"))
  }

  @Test func programThatNeverComesIsATimeout() throws {
    let folder = try folder(
      script: "echo idle; exec tail -f /dev/null",
      "    timeout: 100ms\n    steps: [{wait: {link: l0, state: up}}]")
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 1)
    #expect(ending.output.contains("ep had not joined its link within 100ms"), "\(ending.output)")
  }

  @Test func hostInThePlaceOfADeviceIsRefused() throws {
    let folder = try folder(
      script: "exec ./host 2>&1", "    steps: [{wait: {link: l0, state: up}}]")
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 1)
    #expect(
      ending.output.contains(
        "ep was refused at its link: the suite has it as endpoint, and it comes as host"), "\(ending.output)")
  }

  /// What program and suite say of a function, and what comes of it when that does not fit.
  static let descriptions = [
    (
      "told", "",
      "ep was refused at its link: neither its program nor the suite describes its function; give the "
        + "node an id: with vendor and device, or the program a description"
    ),
    (
      "dma_device", ", id: {vendor: 0x1234, device: 0x2}",
      "ep cannot join its link: device id is 0x1 in the program and 0x2 in the suite"
    ),
    (
      "hostile raw", ", id: {vendor: 0x1234, device: 0x2}",
      "ep cannot join its link: the suite describes its function, and a raw device keeps that itself"
    ),
  ]

  @Test(arguments: descriptions)
  func functionIsDescribedOnce(program: String, keys: String, message: String) throws {
    let folder = try folder(
      script: "exec ./\(program)", keys: keys, "    steps: [{wait: {link: l0, state: down}}]")
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 1)
    #expect(ending.output.contains(message), "\(ending.output)")
  }

  /// The model of this program plays a node of another run, and keeps its function itself.
  @Test func interruptsOfARawDeviceAreRefusedByName() throws {
    let folder = try self.folder(
      topology: """
          nodes:
            host: {board: native, image: survey, role: root-complex}
            ep:   {board: native, image: model, role: endpoint}
          links:
            l0: {upstream: host, downstream: ep}
        """,
      """
            - wait:   {console: host, matches: 'survey: done'}
            - wait:   {exit: host, status: 0}
      STEP
      """)
    try folder.write(
      "model", "#!/bin/sh\nexec \(Program.path) endpoint memory-mock --settings 'msix: 2'\n", isProgram: true)
    let suite = try folder.text("Suites/s.yaml")
    let reason = "ep is a raw device, whose interrupts are writes to memory like any other"
    for (step, message) in [
      ("", ""), ("wait: {msix: 0, at: host, from: ep}", "no interrupt can be waited for: \(reason)"),
      ("wait: {msix: 0, at: host}", "no interrupt can be waited for: \(reason)"),
      ("expect: {counter: host.msix, equals: 0}", "host.msix is not counted here: \(reason)"),
      ("expect: {counter: ep.msix, equals: 0}", "ep.msix is not counted here: \(reason)"),
    ] {
      try folder.write(
        "Suites/s.yaml", suite.replacing("STEP", with: step.isEmpty ? "" : "      - \(step)"))
      let ending = try Program.run("run", "Suites/s.yaml", in: folder)
      #expect((ending.status == 0) == step.isEmpty, "\(ending.output)\(ending.errors)")
      #expect(ending.output.contains(message) || step.isEmpty, "\(ending.output)")
    }
  }

  @Test func secondProgramAtALinkIsAViolation() throws {
    let folder = try folder(
      script: """
        ./dma_device & read line
        python3 -c "import os, socket
        link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        link.connect(os.environ['PCIE_LINK'][5:].split('#')[0].replace('@', chr(0)))
        link.recv(1)"
        exec tail -f /dev/null
        """,
      """
          steps:
            - wait: {console: ep, matches: ready}
            - send: {to: ep, line: go}
            - wait: {link: l0, state: down, timeout: 10s}
      """)
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 1)
    #expect(
      ending.output.contains(
        "node-protocol at ep, link l0: a program that connected was refused: a program plays 'ep' already"),
      "\(ending.output)")
  }

  @Test func deathOfAProgramIsReported() throws {
    let folder = try folder(
      script: "./dma_device & read line; kill -9 $!; exec tail -f /dev/null",
      """
          steps:
            - wait: {console: ep, matches: ready}
            - send: {to: ep, line: die}
            - wait: {link: l0, state: down, timeout: 10s}
      """)
    let ending = try Program.run("run", "Suites/s.yaml", in: folder)
    #expect(ending.status == 1)
    #expect(ending.output.contains("surprise-down at rc, link l0"), "\(ending.output)")
  }
}
