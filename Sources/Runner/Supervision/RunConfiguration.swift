public import SuiteLanguage

/// All that decides how a run goes.
public struct RunConfiguration: Sendable {
  /// The suites, in the order of the run.
  public var suites: [LoadedSuite]
  /// The cases to run, in the order of the plan.
  public var cases: [SelectedCase]
  /// The seed of the run.
  public var seed: UInt64
  /// Whether the seed was given, so that it rules over those of suites and cases.
  public var isSeedGiven: Bool
  /// The cases that run side by side.
  public var slots: Int
  /// The memory that the processes of cases may take side by side, by what their boards say.
  ///
  /// - Units: bytes.
  public var memory = UInt64.max
  /// What the command line says about retries and flaky cases.
  public var tries = TryPolicy()
  /// The limits on time.
  public var limits = RunLimits()
  /// A mishap to stage, for tests of the supervisor.
  public var drill: Drill?
  /// Where the programs of outside nodes come from.
  public var places = NodePlaces()
  /// What is captured; nil for nothing.
  public var captures: CaptureRequest?
  /// The version of the product, for the first event.
  public var product: String

  /// Makes a configuration with the usual limits.
  public init(
    suites: [LoadedSuite], cases: [SelectedCase], seed: UInt64, isSeedGiven: Bool, slots: Int, product: String
  ) {
    self.suites = suites
    self.cases = cases
    self.seed = seed
    self.isSeedGiven = isSeedGiven
    self.slots = slots
    self.product = product
  }

  /// The case at a place of the run.
  func instance(_ number: Int) -> CaseInstance {
    suites[cases[number].suite].plan.instances[cases[number].instance]
  }
}

/// The limits that a run keeps by the clock on the wall.
public struct RunLimits: Hashable, Sendable {
  /// The factor on the timeouts of cases and steps.
  public var timeoutScale = TimeoutScale()
  /// The time for the whole run; nil for no limit.
  public var run: TimeSpan?
  /// What a case gets on top of its timeout before its worker is killed.
  ///
  /// A case in virtual time ends by itself; the limit on the wall is there for a worker that is stuck.
  public var grace = TimeSpan.seconds(5)
  /// How often the display is drawn anew; nil when nothing is to be drawn.
  public var tick: TimeSpan?

  /// Makes the usual limits.
  public init() {}
}

/// A suite file that was read and understood.
public struct LoadedSuite: Sendable {
  /// The real path of the file.
  public var path: String
  /// The bytes that the workers get, so that all see the same file.
  public var text: [UInt8]
  /// The cases of the suite.
  public var plan: Plan

  /// Makes a suite.
  public init(path: String, text: [UInt8], plan: Plan) {
    self.path = path
    self.text = text
    self.plan = plan
  }
}

/// A case that was selected to run, by its place.
public struct SelectedCase: Hashable, Sendable {
  /// The place of its suite among those of the run.
  public var suite: Int
  /// The place of the case in the plan of its suite.
  public var instance: Int
  /// Why the case is left out; nil when it runs.
  public var skipReason: String?

  /// Makes a place.
  public init(suite: Int, instance: Int, skipReason: String? = nil) {
    self.suite = suite
    self.instance = instance
    self.skipReason = skipReason
  }
}
