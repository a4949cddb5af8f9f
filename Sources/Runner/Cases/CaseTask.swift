public import SuiteLanguage

/// One run of a case as a performer gets it.
public struct CaseTask: Sendable {
  /// The plan the case is of, for the suite's facts and the source lines of failing steps.
  public var plan: Plan
  /// The case.
  public var instance: CaseInstance
  /// The seed that every decision of this run is drawn from.
  public var seed: UInt64
  /// The try, from one.
  public var attempt: Int
  /// The factor on every timeout.
  public var timeoutScale: TimeoutScale
  /// Where the programs of its outside nodes come from.
  public var places = NodePlaces()
  /// Whether a root complex that may stay from case to case is to stay behind it.
  public var keepsRoot = false
  /// What of it is captured; nil for nothing.
  var capture: CaseCapture?

  /// Makes a task.
  public init(
    plan: Plan, instance: CaseInstance, seed: UInt64, attempt: Int = 1,
    timeoutScale: TimeoutScale = TimeoutScale()
  ) {
    self.plan = plan
    self.instance = instance
    self.seed = seed
    self.attempt = attempt
    self.timeoutScale = timeoutScale
  }

  /// The time the case has on its own clock.
  public var timeout: TimeSpan { timeoutScale.applied(to: instance.settings.timeout) }
}
