public import LinkBroker
public import RunEvents

/// Performs the steps of one case on a topology like a fresh one: the seam between worker and step engine.
///
/// A worker keeps one performer for its whole life, so that storage may be reused from case to case;
/// nothing that a case can see may be, but for a root complex that a suite lets stay.
public protocol CasePerformer {
  /// Performs the case once and answers how it ended.
  ///
  /// The events are those of steps, wire and consoles, each with the time on the clock of the case in
  /// picoseconds. Starts and ends of cases, seeds, retries and known failures are the business of the
  /// caller.
  mutating func perform(_ task: CaseTask, emit: (Event.Kind, _ picoseconds: UInt64) -> Void) -> CaseOutcome
  /// What the last call has captured; nil where it has not.
  var capture: LinkCapture? { get }
}

extension CasePerformer {
  public var capture: LinkCapture? { nil }
}
