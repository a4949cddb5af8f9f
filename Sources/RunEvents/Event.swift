/// One fact of a run: where it belongs, when it happened, and what it is.
///
/// Everything a person or a continuous integration system sees is a fold over a list of these.
public struct Event: Hashable, Sendable {
  /// The version of the format that this code writes, and the newest one it reads.
  public static let formatVersion = 1

  /// The case and try the event belongs to; nil for facts of the whole run.
  public var origin: CaseKey?
  /// The clock of the case, which starts at zero with its first step; zero for facts of the whole run.
  ///
  /// - Units: picoseconds.
  public var time: UInt64
  /// What happened.
  public var kind: Kind

  /// Makes an event.
  ///
  /// - Units: `time` in picoseconds of the case's own clock.
  public init(_ kind: Kind, of origin: CaseKey? = nil, at time: UInt64 = 0) {
    self.origin = origin
    self.time = time
    self.kind = kind
  }
}

/// The case an event belongs to, by its number in the plan, and the try of it.
public struct CaseKey: Hashable, Comparable, Sendable {
  /// The place of the case among the selected ones in the order of the plan, from zero and without gaps.
  public var instance: Int
  /// The try, from one.
  public var attempt: Int

  /// Makes a key.
  public init(instance: Int, attempt: Int = 1) {
    self.instance = instance
    self.attempt = attempt
  }

  /// Orders keys as the plan does, tries of one case in their order.
  public static func < (left: CaseKey, right: CaseKey) -> Bool {
    (left.instance, left.attempt) < (right.instance, right.attempt)
  }
}

extension Event {
  /// The kinds of events.
  public enum Kind: Hashable, Sendable {
    /// The first event of a stream: what will run, and how.
    case runStarted(RunStarted)
    /// A try of a case begins; a skipped case has this event too, so that its name is known.
    case caseStarted(CaseStarted)
    /// A case with several seeds begins its run with the next one; steps and TLPs of the run before are past.
    case seedStarted(SeedStarted)
    /// A step begins.
    case stepStarted(StepStarted)
    /// A step is over.
    case stepEnded(StepEnded)
    /// A line the suite wants in report and capture.
    case note(Note)
    /// A TLP that crossed a link; only the last ones of a failing case are told.
    case tlp(TLPRecord)
    /// A protocol checker saw a violation.
    case finding(Finding)
    /// A fault of the case struck.
    case fault(StruckFault)
    /// What crossed the links of a case was captured in a file.
    case capture(CaptureFile)
    /// A line a node printed on its console.
    case consoleLine(ConsoleLine)
    /// A test of a node's program has a result.
    case test(TestRecord)
    /// A case has used half of its time.
    case slow(SlowMark)
    /// A case left a process behind.
    case leak(Leak)
    /// A try failed and another one follows.
    case tryEnded(CaseOutcome)
    /// A case is over, with its final verdict.
    case caseEnded(CaseOutcome)
    /// A worker process went away without having been told to.
    case workerLost(WorkerLost)
    /// The last event of a stream: the totals.
    case runEnded(RunEnded)
  }
}
