import Simulation

/// When the timers of a port run out; `never` while one does not run.
///
/// One event in the queue serves all of them, and moving a deadline back costs nothing: the event comes early
/// and is set again. An event whose place an earlier one takes stays in the queue and serves after that one.
struct PortDeadlines: Sendable {
  /// AckNak_LATENCY_TIMER.
  var acknowledge = VirtualTime.never
  /// REPLAY_TIMER.
  var replay = VirtualTime.never
  /// The next look at whether the partner knows all credits it has.
  var update = VirtualTime.never
  /// How long the partner's UpdateFC is waited for.
  var updateTimeout = VirtualTime.never
  /// The next round of InitFC DLLPs.
  var initialization = VirtualTime.never
  /// The event in the queue, `never` when there is none.
  var event = VirtualTime.never
  /// The event whose place that one has taken, `never` when there is none.
  private var next = VirtualTime.never

  enum Timer {
    case acknowledge, replay, update, updateTimeout, initialization
  }

  @inline(__always)
  mutating func set(_ timer: Timer, at time: VirtualTime) {
    switch timer {
    case .acknowledge: acknowledge = time
    case .replay: replay = time
    case .update: update = time
    case .updateTimeout: updateTimeout = time
    case .initialization: initialization = time
    }
  }

  var earliest: VirtualTime {
    min(min(acknowledge, replay), min(min(update, updateTimeout), initialization))
  }

  /// Whether a deadline needs an event of its own; the one before it comes to nothing then.
  @inline(__always)
  mutating func needsEvent(at time: VirtualTime) -> Bool {
    guard time < event else { return false }
    // Of more than two the latest comes to nothing.
    next = event
    event = time
    return true
  }

  /// The event has come.
  mutating func takeEvent() {
    event = next
    next = .never
  }
}
