import Glibc
public import Nodes
public import RunEvents
import SuiteLanguage

/// Runs cases in worker processes and tells their events; it never hosts a topology itself.
///
/// A trap in a model, a wedged simulator or a kill costs one case and never the run: the worker is
/// replaced. One thread waits on one epoll set and owns everything.
public struct Supervisor: ~Copyable {
  let configuration: RunConfiguration
  let begun = MonotonicInstant.now
  var poller: Poller
  var alarm: Alarm
  let signals: SignalQueue
  var queue: CaseQueue
  /// The groups of cases that may go on with what others leave, by the places of cases; nil for the others.
  let groups: [Int?]
  /// The workers by slot; nil where none runs.
  var workers: [WorkerLink?]
  /// Raised with each worker, so that news of a dead one is not taken for that of its successor.
  var generation: UInt64 = 0
  var totals = RunTotals()
  /// The signal that ends the run early.
  var interruption: Int?
  var nextTick: MonotonicInstant?

  /// Prepares a run; nothing is started yet.
  ///
  /// From here on this process takes SIGINT, SIGTERM and SIGHUP in the run's own time, and a closed pipe
  /// is no end.
  public init(_ configuration: RunConfiguration) throws(SystemError) {
    precondition(configuration.slots > 0, "a run has at least one slot")
    try ProcessTree.prepare()
    let poller = try Poller()
    let alarm = try Alarm()
    let signals = try SignalQueue([SIGINT, SIGTERM, SIGHUP, SIGWINCH])
    try poller.add(signals.number, token: Token.signals.bits)
    try poller.add(alarm.number, token: Token.alarm.bits)
    self.poller = poller
    self.alarm = alarm
    self.signals = signals
    self.configuration = configuration
    queue = CaseQueue(count: configuration.cases.count) {
      configuration.instance($0).runsAlone && configuration.cases[$0].skipReason == nil
    }
    groups = configuration.groups
    workers = Array(repeating: nil, count: configuration.slots)
    nextTick = configuration.limits.tick.map { begun.adding(nanoseconds: $0.nanoseconds) }
  }

  /// Runs everything and answers with the content of the last event.
  public mutating func run(observer: inout some RunObserver) throws(SystemError) -> RunEnded {
    tell(Event(.runStarted(configuration.started)), to: &observer)
    startCases(&observer)
    while interruption == nil && !isOver {
      alarm.set(nextInstant)
      for bits in try poller.wait() {
        take(Token(bits: bits), &observer)
        if interruption != nil { break }
      }
      startCases(&observer)
    }
    for worker in workers { worker?.terminate() }
    ProcessTree.sweep()
    let end = RunEnded(
      totals: totals, signal: interruption, wallNanoseconds: MonotonicInstant.now.nanoseconds(since: begun))
    tell(Event(.runEnded(end)), to: &observer)
    return end
  }

  private var isOver: Bool { queue.isEmpty && runningCount == 0 }

  var runningCount: Int { workers.count { $0?.running != nil } }

  /// The next instant at which something is due.
  private var nextInstant: MonotonicInstant? {
    var next = nextTick
    let instants = workers.compactMap { $0?.running?.nextInstant } + [runDeadline].compactMap(\.self)
    for instant in instants { next = min(next ?? instant, instant) }
    return next
  }

  var runDeadline: MonotonicInstant? {
    configuration.limits.run.map { begun.adding(nanoseconds: $0.nanoseconds) }
  }

  mutating func tell(_ event: Event, to observer: inout some RunObserver) {
    totals.count(event)
    observer.observe(event)
  }

  private mutating func take(_ token: Token, _ observer: inout some RunObserver) {
    switch token {
    case .signals: takeSignals(&observer)
    case .alarm: takeAlarm(&observer)
    case .worker(let slot, let generation, let channel):
      guard workers.indices.contains(slot), let worker = workers[slot], worker.generation == generation else {
        return
      }
      take(channel, of: worker, &observer)
    }
  }

  private mutating func takeSignals(_ observer: inout some RunObserver) {
    while let signal = signals.next() {
      switch signal {
      case SIGWINCH: observer.terminalChanged()
      case SIGINT: interruption = Int(SIGINT)
      default: interruption = Int(SIGTERM)
      }
    }
  }

  private mutating func takeAlarm(_ observer: inout some RunObserver) {
    alarm.acknowledge()
    let now = MonotonicInstant.now
    if let tick = configuration.limits.tick, let due = nextTick, now >= due {
      observer.tick(nanoseconds: now.nanoseconds(since: begun))
      nextTick = now.adding(nanoseconds: tick.nanoseconds)
    }
    for worker in workers {
      if let worker { attend(worker, at: now, &observer) }
    }
    if let deadline = runDeadline, now >= deadline { endRun(&observer) }
  }
}
