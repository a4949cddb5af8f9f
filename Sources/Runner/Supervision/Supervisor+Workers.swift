import Nodes
import RunEvents
import SuiteLanguage

extension Supervisor {
  /// Takes what a worker has to say on one of its channels.
  mutating func take(
    _ channel: WorkerLink.Channel, of worker: WorkerLink, _ observer: inout some RunObserver
  ) {
    switch channel {
    case .control:
      let signals = worker.signals()
      // The socket of a dead worker stays readable; its end is told by the process.
      if signals.isEmpty { poller.remove(worker.number(of: .control)) }
      for signal in signals {
        switch signal {
        case .done: finish(worker, &observer)
        case .full: watch(worker, &observer)
        }
      }
    case .events:
      if !readEvents(worker, &observer) { poller.remove(worker.number(of: .events)) }
    case .errors:
      if !worker.drainErrors() { poller.remove(worker.number(of: .errors)) }
    case .end:
      lose(worker, &observer)
    }
  }

  /// Looks after a worker at an instant at which something may be due.
  mutating func attend(
    _ worker: WorkerLink, at now: MonotonicInstant, _ observer: inout some RunObserver
  ) {
    guard let running = worker.running else { return }
    switch running.due(at: now) {
    case .nothing: break
    case .watch: watch(worker, &observer)
    case .slowMark:
      _ = readEvents(worker, &observer)
      let elapsed = now.nanoseconds(since: running.begun)
      worker.running?.isMarkedSlow = true
      tell(Event(.slow(SlowMark(elapsed: elapsed * 1000, clock: .real)), of: running.key), to: &observer)
    case .end:
      let number = running.entry.number
      let message =
        "no end within \(configuration.timeout(number)) and a grace of \(configuration.grace(number)) "
        + "on the wall clock"
      abandon(worker, .failed(.timeout), message, &observer)
    }
  }

  /// Reads the events of a case as they come from now on, for a case that takes long or tells much.
  private mutating func watch(_ worker: WorkerLink, _ observer: inout some RunObserver) {
    guard let running = worker.running, !running.isWatched else { return }
    worker.running?.isWatched = true
    let token = Token.worker(slot: worker.slot, generation: worker.generation, channel: .events)
    try? poller.add(worker.number(of: .events), token: token.bits)
  }

  /// Reads the events that are there, and answers whether more may come.
  private mutating func readEvents(_ worker: WorkerLink, _ observer: inout some RunObserver) -> Bool {
    var events: [Event] = []
    let mayGoOn = worker.drainEvents(into: &events)
    for event in events {
      guard let key = worker.running?.key, event.origin == key else { continue }
      switch event.kind {
      case .caseEnded(let outcome):
        worker.running?.outcome = outcome
        continue
      case .runStarted, .runEnded, .caseStarted, .tryEnded, .workerLost: continue
      case .stepStarted(let step): worker.running?.step = step
      // A mark in virtual time belongs to the record, whether the clock on the wall brought one before or
      // not.
      case .slow: worker.running?.isMarkedSlow = true
      default: break
      }
      tell(event, to: &observer)
    }
    return mayGoOn
  }

  /// The worker says that its case is over.
  private mutating func finish(_ worker: WorkerLink, _ observer: inout some RunObserver) {
    _ = readEvents(worker, &observer)
    guard let running = worker.running else { return }
    let silent = CaseOutcome(.error(.harness), message: "the worker ended the case without a verdict")
    if running.isWatched { poller.remove(worker.number(of: .events)) }
    worker.running = nil
    conclude(running.entry, running.outcome ?? silent, &observer)
  }

  /// A worker has ended by itself; its case is an error, and its slot gets a new one when there is more
  /// to do.
  private mutating func lose(_ worker: WorkerLink, _ observer: inout some RunObserver) {
    _ = readEvents(worker, &observer)
    _ = worker.drainErrors()
    let end = worker.reap()
    workers[worker.slot] = nil
    sweepStrays()
    SocketFolder.sweep(process: worker.pid)
    guard let running = worker.running else { return }
    tell(
      Event(.workerLost(WorkerLost(cause: end.description, slot: worker.slot)), of: running.key),
      to: &observer)
    let place = running.step.map { " in step \($0.index) \($0.text)" } ?? " before the first step"
    let message = "the worker \(end.ending)\(place)"
    conclude(
      running.entry, outcome(.error(.harness), message, of: running, lastWords: worker.lastWords), &observer)
  }

  /// Kills a worker whose case has no more time.
  mutating func abandon(
    _ worker: WorkerLink, _ verdict: Verdict, _ message: String, _ observer: inout some RunObserver
  ) {
    _ = readEvents(worker, &observer)
    worker.terminate()
    workers[worker.slot] = nil
    sweepStrays()
    SocketFolder.sweep(process: worker.pid)
    guard let running = worker.running else { return }
    conclude(running.entry, outcome(verdict, message, of: running, lastWords: []), &observer)
  }

  private func outcome(
    _ verdict: Verdict, _ message: String, of running: RunningTry, lastWords: [String]
  ) -> CaseOutcome {
    let number = running.entry.number
    let detail = FailureDetail(
      step: running.step.map { configuration.place(of: $0, in: number) },
      facts: lastWords.map { "the worker's last words: \($0)" },
      nodes: configuration.instance(number).topology.nodes.map(\.name))
    let elapsed = MonotonicInstant.now.nanoseconds(since: running.begun)
    return CaseOutcome(verdict, message: message, failure: detail, wallNanoseconds: elapsed)
  }
}
