import Figures

/// The figures of a Warp Pipe wire: a client of Warp Pipe's own library drives this program's memory mock and
/// its own one in turn.
///
/// Neither foreign program is part of this project. The client is called as `CLIENT HOST PORT ROUNDS`, and
/// prints a line for each figure: its key and the seconds that an access takes. The mock is called as
/// `MOCK -4 -a HOST -p PORT`, and listens.
struct WarpPipeFigures: ~Copyable {
  /// The runner.
  private let program: String
  private let client: String
  private let mock: String
  private let folder: TemporaryFolder

  init(program: String, client: String, mock: String) throws(SystemError) {
    self.program = program
    self.client = client
    self.mock = mock
    folder = try TemporaryFolder()
  }

  static let read = figure("warp-read", "4-byte read of a Warp Pipe client", 1, 1, standing: 1.5)
  static let longRead = figure(
    "warp-read-2k", "2 KiB read of a Warp Pipe client", 1 / 1.5, 1.0 / 3, standing: 1)
  static let longWrite = figure(
    "warp-write-2k", "2 KiB write of a Warp Pipe client, a read after 16", 1 / 1.5, 1.0 / 3, standing: 1)

  static let all = [read, longRead, longWrite]

  private static func figure(
    _ key: String, _ name: String, _ gate: Double, _ goal: Double, standing: Double
  ) -> Figure {
    Figure(
      key: key, name: name, unit: .seconds, gate: gate, goal: goal, standing: standing,
      yardstick: "its own mock", isMultiple: true)
  }

  /// Measures all of them: what the client tells of each comes from the same runs.
  func measure(_ figures: [Figure], rounds: Int) throws(SystemError) -> [Measured] {
    var series: [String: [Round]] = [:]
    for _ in 0..<rounds {
      let before = try run(theirs)
      let subject = try run(ours)
      let after = try run(theirs)
      for figure in figures {
        guard let value = subject[figure.key], let first = before[figure.key], let last = after[figure.key]
        else { throw SystemError("\(client) has printed nothing of \(figure.key)") }
        series[figure.key, default: []].append(Round(subject: value, before: first, after: last))
      }
    }
    return figures.map { Measured($0, Series(series[$0.key] ?? [])) }
  }

  private var ours: [String] { [program, "endpoint", "memory-mock", "--once", "--listen"] }
  private var theirs: [String] { [mock, "-4", "-a", "127.0.0.1", "-p"] }

  /// What the client tells of a server, which gets the address as its last argument.
  private func run(_ server: [String]) throws(SystemError) -> [String: Double] {
    let port = try FreePort.find()
    let isOurs = server.first == program
    let output = "\(folder.path)/output"
    let script = """
      client="$1"; port="$2"; shift 2
      priority=; chrt -f 10 true 2> /dev/null && priority="chrt -f 10"
      $priority "$@" > /dev/null 2>&1 & server=$!
      for attempt in 1 2 3 4 5 6 7 8 9 10; do
        $priority "$client" 127.0.0.1 "$port" 2000; result=$?
        [ $result = 0 ] && break
        kill -0 $server 2> /dev/null || break
        sleep 0.1
      done
      kill -9 $server 2> /dev/null; exit $result
      """
    let address = isOurs ? "tcp:127.0.0.1:\(port)" : "\(port)"
    do throws(SystemError) {
      _ = try ProcessRun.perform(
        "/bin/sh", ["-c", script, "sh", client, "\(port)"] + server + [address], output: output)
    } catch { throw SystemError("\(error); it printed:\n\(TextFile.read(output) ?? "")") }
    var values: [String: Double] = [:]
    for line in (TextFile.read(output) ?? "").split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, let value = Double(words[1]) { values[String(words[0])] = value }
    }
    return values
  }
}
