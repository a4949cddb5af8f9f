/// The totals of a run: the last event of a stream.
public struct RunEnded: Hashable, Sendable {
  /// The counts over all cases.
  public var totals: RunTotals
  /// The signal that ended the run early, 2 or 15.
  public var signal: Int?
  /// The time on the wall; left out of the record of a run in virtual time.
  ///
  /// - Units: nanoseconds.
  public var wallNanoseconds: UInt64?

  /// Makes the last event's content.
  public init(totals: RunTotals, signal: Int? = nil, wallNanoseconds: UInt64? = nil) {
    self.totals = totals
    self.signal = signal
    self.wallNanoseconds = wallNanoseconds
  }
}

/// A worker process that went away without having been told to.
public struct WorkerLost: Hashable, Sendable {
  /// How it went, such as `killed by SIGKILL`.
  public var cause: String
  /// The slot it served; left out of the record of a run in virtual time.
  public var slot: Int?

  /// Makes a loss.
  public init(cause: String, slot: Int? = nil) {
    self.cause = cause
    self.slot = slot
  }
}
