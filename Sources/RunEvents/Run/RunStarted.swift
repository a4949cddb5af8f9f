/// What will run, and how: the first event of a stream.
public struct RunStarted: Hashable, Sendable {
  /// The short name of the run, a fixed hash of seed and plan.
  public var run: String
  /// The version of the product that wrote the stream.
  public var product: String
  /// The seed of the run.
  public var seed: UInt64
  /// The clock of the run: virtual when every node of every case is a model.
  public var clock: Clock
  /// The suites, in the order of the plan.
  public var suites: [SuiteSummary]
  /// The number of cases that run side by side; left out of the record of a run in virtual time.
  public var slots: Int?
  /// The share of the plan this run takes, as given on the command line.
  public var partition: String?

  /// Makes the first event's content.
  public init(
    run: String, product: String, seed: UInt64, clock: Clock = .virtual, suites: [SuiteSummary],
    slots: Int? = nil, partition: String? = nil
  ) {
    self.run = run
    self.product = product
    self.seed = seed
    self.clock = clock
    self.suites = suites
    self.slots = slots
    self.partition = partition
  }

  /// The number of cases selected, over all suites.
  public var caseCount: Int { suites.reduce(0) { $0 + $1.cases } }
}

/// The clock that times of events count on.
public enum Clock: String, Hashable, Sendable, CaseIterable {
  /// Every node is a model: time is computed, and equal on every machine.
  case virtual
  /// A node is outside: time is that of the machine.
  case real
}

/// A suite that takes part in a run.
public struct SuiteSummary: Hashable, Sendable {
  /// The suite's own name, the first part of its case ids.
  public var name: String
  /// The real path of the suite file, as a person would type it.
  public var path: String
  /// The number of its cases that were selected.
  public var cases: Int
  /// The boards that play its nodes; empty when every node is a model.
  public var boards: [BoardSummary]

  /// Makes a summary.
  public init(name: String, path: String, cases: Int, boards: [BoardSummary] = []) {
    self.name = name
    self.path = path
    self.cases = cases
    self.boards = boards
  }
}

/// A board that plays a node of a suite.
public struct BoardSummary: Hashable, Sendable {
  /// The board's name.
  public var name: String
  /// The architecture the board file names.
  public var architecture: String?
  /// The version of its simulator, as found on this machine.
  public var version: String?

  /// Makes a summary.
  public init(name: String, architecture: String? = nil, version: String? = nil) {
    self.name = name
    self.architecture = architecture
    self.version = version
  }
}
