import SuiteLanguage
import Testing

@testable import Runner

@Suite struct BoardFinderTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func problems(_ node: String, image: String = "", link: String = "") throws -> [String] {
    let text = """
      format: 1
      suite: s
      \(image)
      topology:
        nodes:
          rc: {model: root-complex}
          app: \(node)
      \(link.isEmpty ? "" : "  links: {l0: {upstream: rc, downstream: app\(link)}}")
      cases:
        a: {steps: [{note: {text: x}}]}

      """
    let result = SuiteLoader.load(path: "\(folder.path)/Suites/s.yaml", bytes: Array(text.utf8))
    let plan = try #require(result.plan, "\(result.diagnostics.map(\.message))")
    var finder = BoardFinder()
    finder.find(for: plan)
    return finder.problems.map { $0.diagnostic.message.replacing(folder.path, with: "F") }
  }

  private func write(
    _ name: String, board: String? = nil, launch: String = "{program: $image}", simulator: String = "x",
    keys: String = ""
  ) throws {
    let text =
      "format: 1\nboard: \(board ?? name)\narch: host\nsimulator: \(simulator)\nlaunch: \(launch)\n\(keys)\n"
    try folder.write("Boards/\(name).yaml", text)
  }

  @Test func boardsStandBesideTheFolderOfTheSuite() throws {
    try folder.write("Suites/x")
    try write("native")
    #expect(try problems("{board: native, image: fw}", image: "images: {fw: {file: a, hint: b}}") == [])
  }

  /// A suite describes only what finds that out by the link library.
  @Test func aProgramThatIsAskedItselfIsNotDescribed() throws {
    try write("plain")
    try write("socket", launch: "{program: a, per_link: [[$socket]]}", keys: "wire: vfio-user")
    for (board, link, wire) in [
      ("plain", ", wire: warp-pipe", "warp-pipe"), ("socket", ", width: 4", "vfio-user"),
    ] {
      let found = try problems(
        "{board: \(board), image: fw, role: endpoint, id: {vendor: 0x1, device: 0x2}}",
        image: "images: {fw: {file: a, hint: b}}", link: link)
      #expect(
        found == [
          "the suite describes the function of 'app', and on wire: \(wire) its program tells that itself; "
            + "leave out id, bars, msix and msi"
        ])
    }
  }

  @Test func aBoardThatIsNotThereIsToldWithThoseThatAre() throws {
    try folder.write("Suites/x")
    try write("native")
    try write("qemu_x86_64")
    #expect(
      try problems("{board: nativ}") == [
        "no board 'nativ' among those in F/Boards: native, qemu_x86_64; did you mean 'native'?"
      ])
  }

  @Test(arguments: [("agent: console", true), ("agent: qtest", false), ("", false)])
  func onlyAnAgentInAGuestBringsItBackToWhatItWas(keys: String, fits: Bool) throws {
    try folder.write("Suites/x")
    let arguments = keys == "agent: qtest" ? ", args: [[$qtest]]" : ""
    try write("guest", launch: "{program: sh\(arguments)}", keys: keys)
    let text = """
      format: 1
      suite: s
      topology: {nodes: {host: {board: guest, role: root-complex, scope: suite}}}
      cases: {a: {steps: [{note: {text: x}}]}}

      """
    let plan = try #require(
      SuiteLoader.load(path: "\(folder.path)/Suites/s.yaml", bytes: Array(text.utf8)).plan)
    var finder = BoardFinder()
    finder.find(for: plan)
    let message =
      "'host' has scope: suite, and board 'guest' has no agent: console, which brings a guest back to what it was"
    #expect(finder.problems.map(\.diagnostic.message) == (fits ? [] : [message]))
  }

  @Test func aBoardThatRunsAnImageNeedsOne() throws {
    try folder.write("Suites/x")
    try write("native")
    #expect(
      try problems("{board: native}") == [
        "board 'native' runs $image, and 'app' names none; add image: NAME"
      ])
  }

  @Test func whatSystemSoftwareDoesNeedsAHostThatTheHarnessSetsUp() throws {
    try folder.write("Suites/x")
    func problems() throws -> [String] {
      let text = """
        format: 1
        suite: s
        topology:
          nodes: {host: {board: h, role: root-complex}, mem: {model: memory-mock, msix: 1}}
          links: {l0: {upstream: host, downstream: mem}}
        cases:
          a: {steps: [{reset: {node: mem, kind: flr}}]}
          b: {steps: [{msix: {by: mem, vector: 0}}]}

        """
      let result = SuiteLoader.load(path: "\(folder.path)/Suites/s.yaml", bytes: Array(text.utf8))
      var finder = BoardFinder()
      finder.find(for: try #require(result.plan, "\(result.diagnostics.map(\.message))"))
      return finder.problems.map { "\($0.diagnostic.span.start.line) \($0.diagnostic.message)" }
    }
    for agent in ["", "agent: console"] {
      try write("h", launch: "{program: /x}", keys: agent)
      #expect(
        try problems() == [
          "7 a reset needs a host that the harness sets up: model: root-complex, or a board with agent: qtest; "
            + "'host' is a program of board 'h', which sets up its functions itself"
        ])
    }
    for agent in ["qtest", "qtest-real-time"] {
      try write("h", launch: "{program: /x, args: [[$qtest]]}", keys: "agent: \(agent)")
      #expect(try problems() == [])
    }
    try write("h", launch: "{program: /x}", keys: "agent: qtest")
    #expect(try problems().first?.contains("give QEMU -qtest with unix: and $qtest in args") ?? false)
    try write("h", launch: "{program: /x, args: [[$qtest]]}")
    #expect(try problems().first?.contains("at which nobody listens without agent: qtest") ?? false)
  }

  @Test func whatComesLaterNeedsAMonitor() throws {
    try folder.write("Suites/x")
    func problems(_ node: String, _ step: String) throws -> [String] {
      let text = """
        format: 1
        suite: s
        topology:
          nodes: {host: {board: h, role: root-complex}, mem: {model: memory-mock\(node)}}
          links: {l0: {upstream: host, downstream: mem}}
        cases: {a: {steps: [{repeat: {times: 1, steps: [{\(step)}]}}]}}

        """
      let result = SuiteLoader.load(path: "\(folder.path)/Suites/s.yaml", bytes: Array(text.utf8))
      var finder = BoardFinder()
      finder.find(for: try #require(result.plan, "\(result.diagnostics.map(\.message))"))
      return finder.problems.map(\.diagnostic.message)
    }
    let message =
      "'mem' comes or goes while 'host' runs, and board 'h' has no monitor: key that adds a device"
    try write("h", launch: "{program: /x}")
    #expect(try problems("", "note: {text: x}") == [])
    for (node, step) in [
      (", start: manual", "note: {text: x}"), ("", "stop: {node: mem}"), ("", "start: {node: mem}"),
    ] {
      #expect(try problems(node, step) == [message])
    }
    try write("h", launch: "{program: /x, args: [[$monitor]]}", keys: "monitor: {plug: a, unplug: b}")
    #expect(try problems(", start: manual", "start: {node: mem}") == [])
  }

  @Test func nobodyCallsOnALinkOfRings() throws {
    try folder.write("Suites/x")
    let node = "{board: caller, role: endpoint}"
    for call in ["listen", "connect"] {
      try write("caller", launch: "{program: /x}", keys: "call: \(call)")
      #expect(
        try problems(node, link: ", wire: pcie-link") == [
          "board 'caller' has call: \(call), and 'app' has no link of wire: warp-pipe, "
            + "the only wire on which somebody calls"
        ])
    }
    try write("caller", launch: "{program: /x, args: [[$host, $port]]}", keys: "call: listen")
    #expect(try problems(node, link: ", wire: warp-pipe") == [])
  }

  @Test func aGuestNeedsASocketOfItsSimulator() throws {
    try folder.write("Suites/x")
    let node = "{board: guest, role: endpoint}"
    try write("guest", launch: "{program: /x}", simulator: "qemu")
    #expect(
      try problems(node, link: ", speed: 8GT/s") == [
        "board 'guest' runs a guest of qemu, which has no way to the link of 'app'; "
          + "give qemu $socket in per_link"
      ])
    // It may take part by its console alone.
    #expect(try problems("{board: guest}") == [])
    try write("guest", launch: "{program: /x, per_link: [[$socket]]}", simulator: "qemu")
    #expect(try problems(node, link: ", speed: 8GT/s") == [])
  }

  @Test func whatIsWrongWithABoardIsTold() throws {
    try folder.write("Suites/x")
    try write("native", board: "other")
    #expect(try problems("{board: native}") == ["the file describes board 'other'; rename it to other.yaml"])
    try write("native", launch: "{programm: x}")
    #expect(try problems("{board: native}").first?.contains("'programm'") ?? false)
  }
}
