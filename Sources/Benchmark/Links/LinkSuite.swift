/// A suite of cases in which the workload program sits at links, and the boards that start it.
struct LinkSuite {
  /// What the program does as a node, and at which end.
  struct Player {
    let node: String
    let isHost: Bool
    /// The arguments of the program.
    let arguments: [String]
  }

  private var nodes: [String] = []
  private var links: [String] = []
  private var steps: [String] = []
  private var keys: [String] = []
  /// The boards by their names.
  private(set) var boards: [(name: String, text: String)] = []

  /// The program as host of a memory mock.
  static func host(_ arguments: [String]) -> LinkSuite {
    var suite = LinkSuite()
    suite.add(Player(node: "host", isHost: true, arguments: arguments))
    suite.nodes.append("mem: {model: memory-mock, bars: {bar0: 128B, bar1: 64KiB}}")
    suite.link("host", "mem")
    suite.await("host")
    return suite
  }

  /// The program as host of a memory mock, by vfio-user.
  static func vfioHost(_ arguments: [String]) -> LinkSuite {
    var suite = host(arguments)
    suite.boards[0].text += "wire: vfio-user\n"
    suite.boards[0].text.replace("console:", with: "  per_link: [[$socket]]\nconsole:")
    return suite
  }

  /// The program as device of a root complex, among others that do nothing.
  static func device(_ arguments: [String], links count: Int = 1) -> LinkSuite {
    var suite = LinkSuite()
    suite.nodes.append("rc: {model: root-complex, memory: 4MiB}")
    suite.add(Player(node: "d0", isHost: false, arguments: arguments))
    suite.link("rc", "d0")
    // A bus has room for 31 devices.
    let perSwitch = 31
    for number in 1..<max(count, 1) {
      let parent = "s\(number / perSwitch)"
      if number == 1 || number % perSwitch == 0 {
        suite.nodes.append("\(parent): {model: switch}")
        suite.link("rc", parent)
      }
      suite.add(Player(node: "d\(number)", isHost: false, arguments: ["device-serves"]))
      suite.link(parent, "d\(number)")
    }
    // Room for the largest read request: Device Control of the PCI Express capability.
    suite.steps.append(
      "cfg_write: {by: rc, to: d0, capability: express, offset: 0x8, size: 2, data: {bytes: 30 50}}")
    suite.await("d0")
    return suite
  }

  /// A device that dies, and a host that waits for the news.
  static func death(_ arguments: [String]) -> LinkSuite {
    var suite = LinkSuite()
    suite.add(Player(node: "host", isHost: true, arguments: arguments))
    suite.add(Player(node: "device", isHost: false, arguments: ["device-dies"]))
    suite.link("host", "device")
    suite.keys.append("allow: [node-exit, surprise-down, unsupported-request, completion-timeout]")
    suite.await("host")
    return suite
  }

  /// A program as host of another one, between which the broker relays.
  static func relay(_ arguments: [String]) -> LinkSuite {
    var suite = LinkSuite()
    suite.add(Player(node: "host", isHost: true, arguments: arguments))
    suite.add(Player(node: "device", isHost: false, arguments: ["device-serves"]))
    suite.link("host", "device")
    suite.await("host")
    return suite
  }

  /// A device that is started and read from once.
  static var spawns: LinkSuite {
    var suite = LinkSuite()
    suite.nodes.append("rc: {model: root-complex, memory: 1MiB}")
    suite.add(Player(node: "d0", isHost: false, arguments: ["device-serves"]))
    suite.link("rc", "d0")
    suite.steps.append("mem_read: {by: rc, from: d0.bar0, offset: 0x0, length: 4B, timeout: 10s}")
    return suite
  }

  private mutating func add(_ player: Player) {
    let role = player.isHost ? "root-complex" : "endpoint"
    nodes.append("\(player.node): {board: \(player.node), image: workload, role: \(role)}")
    boards.append((player.node, Self.board(player)))
  }

  /// A link that would take less time than any program: its own time is no figure of ours, and a fabric is
  /// never faster than its links.
  private mutating func link(_ upper: String, _ lower: String) {
    links.append(
      "l\(links.count): {upstream: \(upper), downstream: \(lower), speed: 8GT/s, width: 4, "
        + "latency: 20ns, max_payload: 256B}")
  }

  private mutating func await(_ node: String) {
    steps.append("wait: {exit: \(node), status: 0, timeout: 100s}")
  }

  private static func board(_ player: Player) -> String {
    let arguments = player.arguments.map { "    - [\"\($0)\"]\n" }.joined()
    return """
      format: 1
      board: \(player.node)
      arch: host
      simulator: native
      launch:
        program: $image
        args:
      \(arguments)console: pipe
      stop: {signal: TERM, grace: 2s}

      """
  }

  /// The text of the suite.
  func text(image: String, cases: Int = 1) -> String {
    let body =
      keys.map { "    \($0)\n" }.joined() + "    steps:\n" + steps.map { "      - \($0)\n" }.joined()
    return "format: 1\nsuite: links\ntimeout: 120s\nimages: {workload: {file: \(image), hint: build it}}\n"
      + "topology:\n  nodes:\n" + nodes.map { "    \($0)\n" }.joined()
      + "  links:\n" + links.map { "    \($0)\n" }.joined()
      + "cases:\n" + (0..<cases).map { "  case-\($0):\n\(body)" }.joined()
  }
}
