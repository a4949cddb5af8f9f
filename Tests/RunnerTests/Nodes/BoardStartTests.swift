import Simulation
import SuiteLanguage
import Testing

@testable import Nodes
@testable import Runner

/// From a board file to a program with its arguments.
@Suite struct BoardStartTests {
  private func board(_ launch: String, console: String = "pipe") throws -> Board {
    let text = "format: 1\nboard: b\narch: x\nsimulator: s\nconsole: \(console)\nlaunch: \(launch)\n"
    let result = BoardLoader.load(path: "b.yaml", bytes: Array(text.utf8))
    return try #require(result.board, "\(result.diagnostics.map { $0.text(in: result.source) })")
  }

  @Test func referencesAndJoinsBecomeArguments() throws {
    let board = try board(
      """
      {program: /bin/x, args: [[-k, {join: [$image, /k.elf]}], [-serial, $console]],
       per_link: [[-device, {join: ['p=', $socket, ',q']}]], env: {A: $image, B: '1'}}
      """, console: "pty")
    var start = BoardStart(board: board, node: "n")
    start.image = "build"
    start.console = "/dev/pts/7"
    start.sockets = [("l0", "/tmp/a", true), ("to-b", "/tmp/b", true)]
    let launch = try start.launch()
    #expect(launch.path == "/bin/x")
    #expect(
      launch.arguments == [
        "-k", "build/k.elf", "-serial", "/dev/pts/7", "-device", "p=/tmp/a,q", "-device", "p=/tmp/b,q",
      ])
    #expect(
      launch.environment.map { "\($0.name)=\($0.value)" } == [
        "PCIE_LINK=unix:/tmp/a#n", "PCIE_LINK_L0=unix:/tmp/a#n", "PCIE_LINK_TO_B=unix:/tmp/b#n", "A=build",
        "B=1",
      ])
    #expect(BoardStart.consoleKind(board) == .device)
  }

  @Test func aDeviceThatComesLaterIsACommand() throws {
    let text = """
      format: 1
      board: b
      arch: x
      simulator: s
      launch: {program: /x, args: [[$monitor]], per_link: [[{join: [port, $index]}]], per_device: [[{join: [d, $index]}]]}
      monitor: {plug: {join: ['add ', $index, ' ', $socket]}, unplug: {join: ['del ', $index]}}

      """
    let board = try #require(BoardLoader.load(path: "b.yaml", bytes: Array(text.utf8)).board)
    var start = BoardStart(board: board, node: "n")
    start.sockets = [("l0", "/tmp/a", false), ("l1", "/tmp/b", false)]
    start.unplugged = ["l1"]
    #expect(try start.launch().arguments == ["", "port1", "d1", "port2"])
    #expect(try start.command(\.plug, link: "l1") == "add 2 /tmp/b")
    #expect(try start.command(\.unplug, link: "l0") == "del 1")
    #expect(try start.command(\.plug, link: "l2") == nil)
  }

  @Test func hostAndPortOfAWireBecomeArguments() throws {
    let board = try board(
      "{program: /bin/x, args: [[-a, $host, {join: ['p=', $port]}]], env: {PORT: $port}}")
    var start = BoardStart(board: board, node: "n")
    start.calling = ("127.0.0.1", 2115)
    let launch = try start.launch()
    #expect(launch.arguments == ["-a", "127.0.0.1", "p=2115"])
    #expect(launch.environment.map { "\($0.name)=\($0.value)" } == ["PORT=2115"])
  }

  @Test func aConsoleIsAPipeATerminalOrADevice() throws {
    #expect(BoardStart.consoleKind(try board("{program: /x}")) == .pipe)
    #expect(BoardStart.consoleKind(try board("{program: /x}", console: "pty")) == .terminal)
    #expect(BoardStart.consoleKind(try board("{program: /x, env: {T: $console}}", console: "pty")) == .device)
  }

  @Test func withoutLinksThereIsNoVariable() throws {
    let launch = try BoardStart(board: try board("{program: /x, per_link: [[$socket]]}"), node: "n").launch()
    #expect(launch.environment.isEmpty && launch.arguments == [])
  }

  @Test func toolsAndImagesAreFoundWhereTheCommandLineSays() throws {
    var start = BoardStart(board: try board("{program: tool-x}"), node: "n")
    #expect(throws: NodeProblem.noProgram(node: "n", program: "tool-x")) { _ = try start.launch() }
    start.tools = ["tool-x": "/opt/x"]
    #expect(try start.launch().path == "/opt/x")
    var image = BoardStart(board: try board("{program: $image}"), node: "n")
    #expect(throws: NodeProblem.noImage(node: "n", board: "b")) { _ = try image.launch() }
    image.image = "app"
    #expect(try image.launch().path == "./app")
  }

  @Test func imagesAreRelativeToTheirSuite() throws {
    let text = Fixture.head.replacing(
      "topology:", with: "images: {fw: {file: build/fw, hint: make}}\ntopology:")
    let result = SuiteLoader.load(
      path: "s.yaml", bytes: Array((text + "  a: {steps: [{note: {text: x}}]}\n").utf8))
    let image = try #require(result.plan?.suite.images.first)
    let places = NodePlaces()
    #expect(places.file(of: image, suitePath: "Suites/a.yaml") == "Suites/build/fw")
    #expect(places.file(of: image, suitePath: "a.yaml") == "build/fw")
    #expect(NodePlaces(images: ["fw": "/x"]).file(of: image, suitePath: "Suites/a.yaml") == "/x")
  }

  @Test func theClockOfACaseCountsFromItsStart() {
    let start = MonotonicInstant.now
    let clock = CaseClock(origin: .init(picoseconds: 7000), start: start)
    #expect(clock.instant(.init(picoseconds: 7000)) == start)
    #expect(clock.instant(.init(picoseconds: 9500)) == start.adding(nanoseconds: 3))
    #expect(clock.instant(.init(picoseconds: 1)) == start)
    #expect(clock.picoseconds(start.adding(nanoseconds: 5)) == 5000)
    #expect(clock.now.map { $0 >= clock.origin } ?? false)
    let virtual = CaseClock(origin: .zero, start: nil)
    #expect(virtual.now == nil && virtual.instant(.zero) == nil)
  }
}
