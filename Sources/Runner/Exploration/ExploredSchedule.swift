public import RunEvents
import SuiteLanguage

/// How the schedule of one seed ended.
public struct ExploredSchedule: Sendable {
  /// The number of the schedule, from zero.
  public let number: Int
  /// The seed that all of it is drawn from.
  public let seed: UInt64
  public internal(set) var outcome: CaseOutcome
  /// What was done, shrinking apart.
  public let counts: CaseCounts
  /// How often each kind of fault struck.
  public internal(set) var strikes: [String: UInt64] = [:]
  private let header: Suite
  private let instance: CaseInstance

  init(
    number: Int, seed: UInt64, outcome: CaseOutcome, counts: CaseCounts, suite: Suite, instance: CaseInstance
  ) {
    self.number = number
    self.seed = seed
    self.outcome = outcome
    self.counts = counts
    header = suite
    self.instance = instance
  }

  /// Whether the case ended otherwise than it should.
  public var hasFailed: Bool { outcome.verdict != .passed }

  /// The case as a suite, as `run` takes it.
  public var suite: String { CaseWriter(instance).suite(header) }

  /// The suite to look at: the minimal one where there is one.
  public var bestSuite: String { outcome.failure?.minimal?.suite ?? suite }
}

extension CaseCounts {
  /// Takes over what another run did.
  mutating func add(_ other: CaseCounts) {
    steps &+= other.steps
    checks &+= other.checks
    tlps &+= other.tlps
  }
}
