import Figures

/// What the command line of the benchmark says.
struct Options {
  /// Where the figures go as JSON.
  var json: String?
  /// The keys of the figures to measure; empty for all.
  var only: [String] = []
  /// The rounds of each figure, instead of its own.
  var rounds: Int?

  /// - Throws: what is wrong, with the options there are.
  init(_ arguments: [String]) throws(SystemError) {
    var rest = arguments[...]
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
      default: throw Self.usage("unknown option \(option)")
      }
    }
    for key in only where !Self.keys.contains(key) {
      throw Self.usage("no figure '\(key)'; there are \(Self.keys.joined(separator: ", "))")
    }
  }

  private static let keys = [
    "read", "write", "dma-write", "dma-read", "allocations", "data-link", "capture", "layer-allocations",
    "overhead", "suite", "version", "memory",
  ]

  func selects(_ figure: Figure) -> Bool { only.isEmpty || only.contains(figure.key) }

  private static func usage(_ problem: String) -> SystemError {
    SystemError("\(problem); usage: Benchmark [--json FILE] [--only KEY,KEY] [--rounds N]")
  }
}
