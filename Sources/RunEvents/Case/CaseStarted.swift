/// A try of a case begins.
public struct CaseStarted: Hashable, Sendable {
  /// The suite's place in the list of the run's first event.
  public var suite: Int
  /// The id of the case, `<suite>.<case>[key=value,…]`.
  public var id: String
  /// The seed that `--seed` must be given to run this case again in the same way.
  ///
  /// It is the seed of the run, unless the case or its suite brings its own.
  public var seed: UInt64
  /// The seed the case draws from, derived from `seed` and the id.
  public var caseSeed: UInt64
  /// The place of the case in its suite.
  public var span: SourceSpan
  /// The most tries the case may have: one more than its retries.
  public var triesMax: Int
  /// The slot it runs in; left out of the record of a run in virtual time.
  public var slot: Int?

  /// Makes the content of a case's first event.
  public init(
    suite: Int, id: String, seed: UInt64, caseSeed: UInt64, span: SourceSpan, triesMax: Int = 1,
    slot: Int? = nil
  ) {
    self.suite = suite
    self.id = id
    self.seed = seed
    self.caseSeed = caseSeed
    self.span = span
    self.triesMax = triesMax
    self.slot = slot
  }

  /// The id without the suite, as `--case` accepts it too.
  public var name: Substring {
    guard let dot = id.firstIndex(of: ".") else { return id[...] }
    return id[id.index(after: dot)...]
  }
}

/// The next run of a case that runs with several seeds.
public struct SeedStarted: Hashable, Sendable {
  /// Which run it is, from one.
  public var index: Int
  /// How many runs there are.
  public var count: Int
  /// The derived seed of this run.
  public var seed: UInt64

  /// Makes the content of the event.
  public init(index: Int, count: Int, seed: UInt64) {
    self.index = index
    self.count = count
    self.seed = seed
  }
}

/// A case has used half of its time.
public struct SlowMark: Hashable, Sendable {
  /// The time it has used so far.
  ///
  /// - Units: picoseconds of `clock`.
  public var elapsed: UInt64
  /// The clock the time was measured with; the record of a virtual run leaves out marks by the real one.
  public var clock: Clock

  /// Makes a mark.
  public init(elapsed: UInt64, clock: Clock) {
    self.elapsed = elapsed
    self.clock = clock
  }
}

/// A process a case left behind.
public struct Leak: Hashable, Sendable {
  /// The node it belonged to.
  public var node: String
  /// The process id.
  public var pid: Int
  /// The command line, cut to what fits a line.
  public var command: String
  /// Whether it is gone now.
  public var killed: Bool

  /// Makes a leak.
  public init(node: String, pid: Int, command: String, killed: Bool) {
    self.node = node
    self.pid = pid
    self.command = command
    self.killed = killed
  }
}
