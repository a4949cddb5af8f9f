public import PCIe

/// All instances of a suite's cases, resolved and checked, in the order of the file.
public struct Plan: Sendable {
  public var suite: Suite
  /// One for each assignment of the suite's matrix; exactly one without a matrix.
  public var topologies: [Topology]
  public var instances: [CaseInstance]
  /// The text the plan came from, for failure blocks.
  public var source: SourceText
}

/// One case with one value for each matrix key and no reference left.
public struct CaseInstance: Sendable {
  /// `<suite>.<case>[key=value,…]`, the spelling of reports, events and `--case`.
  public var id: String
  public var caseName: String
  /// The matrix values, those of the suite first.
  public var assignment: [Assignment]
  public var topology: Topology
  /// Steps of the suite's `setup`, run first on fresh nodes.
  public var setup: [Step]
  public var steps: [Step]
  public var faults: [FaultRule]
  /// The violations the case means to provoke.
  public var allowed: Set<Violation>
  public var settings: CaseSettings
  /// The place of the case's name in the file.
  public var span: SourceSpan
  /// Names of what the instance needs and this version does not have; such an instance cannot run.
  public var requiresUnbuilt: [String]
  /// What its steps need of a root complex that is a program.
  public var systemNeeds: [SystemNeed]

  /// One matrix key with its value, as written.
  public struct Assignment: Hashable, Sendable {
    public var key: String
    public var value: String
  }
}

/// Something that only the system software of a host can do or knows, so that the harness must be that.
public struct SystemNeed: Hashable, Sendable {
  /// What it is, as the subject of a sentence.
  public var what: String
  /// Where the suite asks for it.
  public var span: SourceSpan
}

/// How the runner treats an instance.
public struct CaseSettings: Hashable, Sendable {
  public var about: String?
  /// Tags of the suite, then those of the case, each once.
  public var tags: [String]
  public var isSlow: Bool
  /// Runs alone, after the parallel phase.
  public var isExclusive: Bool
  public var timeout: TimeSpan
  /// The seed of the case, else of the suite; nil lets the runner draw one.
  public var seed: UInt64?
  /// How many seeded runs make up the one reported case.
  public var seedCount: Int
  public var retries: Int
  public var requirements: [Requirement]
  public var knownFailure: KnownFailure?

  /// The time a case has when neither it nor its suite says.
  public static let defaultTimeout = TimeSpan.seconds(60)
}

extension CaseSettings {
  /// The settings of a case of which nothing but the time is said.
  public init(timeout: TimeSpan) {
    self.init(
      about: nil, tags: [], isSlow: false, isExclusive: false, timeout: timeout, seed: nil, seedCount: 1,
      retries: 0, requirements: [], knownFailure: nil)
  }
}
