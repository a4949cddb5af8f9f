public import RunEvents

/// Writes the events of a run as JSON Lines in the order of the plan.
///
/// The record of a run in virtual time is byte for byte the same on every machine and with any number of
/// slots: what the wall clock or the machine decided is left out of it.
///
/// - Complexity: linear; the events of a case wait until the cases before it have ended.
public struct EventRecorder: Sendable {
  private var clock = Clock.virtual
  /// The case whose events go out at once; those before it are over.
  private var next = 0
  private var waiting: [Int: Waiting] = [:]
  private var output = JSONWriter()

  /// The lines of a case whose turn has not come.
  private struct Waiting: Sendable {
    var lines = JSONWriter()
    var isOver = false
  }

  /// Makes a recorder of a run that has not begun.
  public init() {}

  /// Takes the next event and answers with the bytes to write.
  public mutating func add(_ event: Event) -> [UInt8] {
    output.removeAll()
    if case .runStarted(let run) = event.kind { clock = run.clock }
    if let event = recorded(event) { order(event) }
    return output.bytes
  }

  private mutating func order(_ event: Event) {
    if case .runEnded = event.kind { flush() }
    guard let instance = event.origin?.instance, instance != next else {
      event.write(to: &output)
      if case .caseEnded = event.kind, event.origin != nil { advance() }
      return
    }
    event.write(to: &waiting[instance, default: Waiting()].lines)
    if case .caseEnded = event.kind { waiting[instance]?.isOver = true }
  }

  /// The case at the head is over: those behind it that wait go out, up to the first that still runs.
  private mutating func advance() {
    next += 1
    while let follower = waiting.removeValue(forKey: next) {
      output.append(line: follower.lines.bytes)
      guard follower.isOver else { break }
      next += 1
    }
  }

  /// The run is over: what still waits goes out, whether its turn has come or not.
  private mutating func flush() {
    for instance in waiting.keys.sorted() {
      if let lines = waiting[instance]?.lines { output.append(line: lines.bytes) }
    }
    waiting = [:]
  }

  /// The event as the record keeps it; nil when it depends on the machine alone.
  private func recorded(_ event: Event) -> Event? {
    guard clock == .virtual else { return event }
    var event = event
    switch event.kind {
    case .runStarted(var run):
      run.slots = nil
      event.kind = .runStarted(run)
    case .caseStarted(var started):
      started.slot = nil
      event.kind = .caseStarted(started)
    case .slow(let mark) where mark.clock == .real: return nil
    case .tryEnded(var outcome):
      outcome.wallNanoseconds = nil
      event.kind = .tryEnded(outcome)
    case .caseEnded(var outcome):
      outcome.wallNanoseconds = nil
      event.kind = .caseEnded(outcome)
    case .workerLost(var lost):
      lost.slot = nil
      event.kind = .workerLost(lost)
    case .runEnded(var end):
      end.wallNanoseconds = nil
      event.kind = .runEnded(end)
    default: break
    }
    return event
  }
}
