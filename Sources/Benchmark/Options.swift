import Figures

/// What the command line of the benchmark says.
struct Options {
  /// Where the figures go as JSON.
  var json: String?
  /// The keys of the figures to measure; empty for all.
  var only: [String] = []
  /// The rounds of each figure, instead of its own.
  var rounds: Int?
  /// This program built without hooks for faults.
  var bare: String?
  /// A client and the mock of Warp Pipe, as `WarpPipeFigures` calls them.
  var warpPipe: (client: String, mock: String)?
  /// What to do instead of measuring.
  var service: Service?

  /// What the program does for another one that measures it.
  enum Service {
    case work(RepeatedWork)
    /// Says whether this build has hooks for faults.
    case tellHooks
  }

  /// - Throws: what is wrong, with the options there are.
  init(_ arguments: [String]) throws(SystemError) {
    var rest = arguments[...]
    var (client, mock): (String?, String?)
    while let option = rest.popFirst() {
      guard let value = rest.popFirst() else { throw Self.usage("\(option) without a value") }
      switch option {
      case "--json": json = value
      case "--only": only += value.split(separator: ",").map(String.init)
      case "--rounds":
        guard let count = Int(value), (1...1000).contains(count) else {
          throw Self.usage("--rounds \(value); allowed are 1 to 1000")
        }
        rounds = count
      case "--without-hooks": bare = value
      case "--warp-client": client = value
      case "--warp-mock": mock = value
      case "--hooks": service = .tellHooks
      case "--repeat": service = .work(try Self.work(value))
      default: throw Self.usage("unknown option \(option)")
      }
    }
    if let client, let mock { warpPipe = (client, mock) }
    for key in only where !Self.keys.contains(key) {
      throw Self.usage("no figure '\(key)'; there are \(Self.keys.joined(separator: ", "))")
    }
  }

  private static let keys =
    [
      "read", "write", "dma-write", "dma-read", "allocations", "data-link", "capture", "layer-allocations",
      "armed-read", "armed-write", "hooks-read", "hooks-write", "overhead", "suite", "version", "memory",
      "explore", "schedules", MemoryFigures.key,
    ] + AMUFigures.keys + (LinkFigures.all + WarpPipeFigures.all + QEMUFigures.all).map(\.key)

  func selects(key: String) -> Bool { only.isEmpty || only.contains(key) }

  func selects(_ figure: Figure) -> Bool { only.isEmpty || only.contains(figure.key) }

  private static func work(_ text: String) throws(SystemError) -> RepeatedWork {
    let parts = text.split(separator: ":")
    guard parts.count == 2, RepeatedWork.names.contains(String(parts[0])), let count = Int(parts[1]),
      count > 0
    else {
      throw usage("--repeat \(text); allowed are \(RepeatedWork.names.joined(separator: ", ")) with :N")
    }
    return RepeatedWork(name: String(parts[0]), count: count)
  }

  static func usage(_ problem: String) -> SystemError {
    SystemError(
      "\(problem); usage: Benchmark --without-hooks PROGRAM [--json FILE] [--only KEY,KEY] [--rounds N] "
        + "[--warp-client PROGRAM --warp-mock PROGRAM]")
  }
}
