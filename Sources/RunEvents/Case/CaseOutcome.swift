/// The end of a try or of a case.
public struct CaseOutcome: Hashable, Sendable {
  /// How it ended.
  public var verdict: Verdict
  /// One line that says why; empty for a pass.
  public var message: String
  /// The place and the surroundings of what went wrong; nil for a pass and a skip.
  public var failure: FailureDetail?
  /// The time on the case's own clock.
  ///
  /// - Units: picoseconds.
  public var duration: UInt64
  /// The time on the wall; left out of the record of a run in virtual time.
  ///
  /// - Units: nanoseconds.
  public var wallNanoseconds: UInt64?
  /// How much was done.
  public var counts: CaseCounts
  /// The seeds of a case that runs with several.
  public var seeds: SeedRuns?

  /// What became of its faults; nil for a case without any.
  public var faults: FaultTally?

  /// Makes an outcome.
  ///
  /// - Units: `duration` in picoseconds, `wallNanoseconds` in nanoseconds.
  public init(
    _ verdict: Verdict, message: String = "", failure: FailureDetail? = nil, duration: UInt64 = 0,
    wallNanoseconds: UInt64? = nil, counts: CaseCounts = CaseCounts(), seeds: SeedRuns? = nil,
    faults: FaultTally? = nil
  ) {
    self.verdict = verdict
    self.message = message
    self.failure = failure
    self.duration = duration
    self.wallNanoseconds = wallNanoseconds
    self.counts = counts
    self.seeds = seeds
    self.faults = faults
  }
}

/// How much a case did.
public struct CaseCounts: Hashable, Sendable {
  /// The steps that were performed, those in `repeat` each time.
  public var steps: UInt64
  /// The expectations that were compared.
  public var checks: UInt64
  /// The TLPs that crossed a link.
  public var tlps: UInt64

  /// Makes counts.
  public init(steps: UInt64 = 0, checks: UInt64 = 0, tlps: UInt64 = 0) {
    self.steps = steps
    self.checks = checks
    self.tlps = tlps
  }
}

/// The runs of a case that runs with several seeds.
public struct SeedRuns: Hashable, Sendable {
  /// The runs that were made; the last one is the failing one, if any failed.
  public var run: Int
  /// The runs the case asks for.
  public var count: Int
  /// The derived seed of the run that failed.
  public var failing: UInt64?

  /// Makes the runs.
  public init(run: Int, count: Int, failing: UInt64? = nil) {
    self.run = run
    self.count = count
    self.failing = failing
  }
}

/// The place and the surroundings of what went wrong.
public struct FailureDetail: Hashable, Sendable {
  /// The step that failed; nil when no step is to blame.
  public var step: StepPlace?
  /// Further lines that explain the message, such as the bytes that differ.
  public var facts: [String]
  /// The links of the topology and the number of TLPs that crossed each of them.
  public var links: [LinkTotal]
  /// The nodes of the topology, for the consoles.
  public var nodes: [String]
  /// The captures of the case, relative to the folder of the run.
  public var captures: [String]
  /// What kind of thing was wrong, apart from where, such as `data` or `found malformed-tlp`; nil where the
  /// type of the verdict says it all.
  public var subject: String?
  /// A smaller case that fails in the same way; nil where none was looked for or found.
  public var minimal: MinimalCase?

  /// Makes a detail.
  public init(
    step: StepPlace? = nil, facts: [String] = [], links: [LinkTotal] = [], nodes: [String] = [],
    captures: [String] = []
  ) {
    self.step = step
    self.facts = facts
    self.links = links
    self.nodes = nodes
    self.captures = captures
  }
}

/// A link and the TLPs that crossed it in a case.
public struct LinkTotal: Hashable, Sendable {
  /// The link's id.
  public var link: String
  /// The TLPs in both directions.
  public var tlps: UInt64

  /// Makes a total.
  public init(link: String, tlps: UInt64) {
    self.link = link
    self.tlps = tlps
  }
}
