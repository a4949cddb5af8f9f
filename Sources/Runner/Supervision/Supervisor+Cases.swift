import Nodes
import RunEvents
import SuiteLanguage

extension Supervisor {
  /// Starts what may start now.
  mutating func startCases(_ observer: inout some RunObserver) {
    while interruption == nil, workers.contains(where: { $0?.running == nil }), let entry = nextEntry() {
      let slot = slot(for: entry.number)
      if let reason = configuration.cases[entry.number].skipReason {
        skip(entry, reason, &observer)
      } else {
        start(entry, slot, &observer)
      }
    }
  }

  private mutating func nextEntry() -> CaseQueue.Entry? {
    let configuration = configuration
    let groups = groups
    let busy = Set(workers.compactMap { $0?.running == nil ? nil : $0?.group })
    let taken = workers.compactMap { $0?.running?.entry.number }
      .reduce(CaseWeight(slots: 0, memory: 0)) { $0.adding(configuration.weight($1)) }
    return queue.next(
      whileRunning: runningCount,
      fits: { configuration.weight($0).fits(into: configuration.capacity, beside: taken) },
      isBound: { groups[$0].map(busy.contains) ?? false })
  }

  /// A free slot for a case: that of its group, or else one that keeps nothing for others, if there is one.
  private func slot(for number: Int) -> Int {
    let free = workers.indices.filter { workers[$0]?.running == nil }
    let own = groups[number].flatMap { group in free.first { workers[$0]?.group == group } }
    return own ?? free.first { workers[$0]?.group == nil } ?? free[0]
  }

  /// Kills what a dead worker has left behind: the workers apart, this process has no other children.
  func sweepStrays() {
    ProcessTree.sweep(except: Set(workers.compactMap { $0?.pid }))
  }

  private mutating func skip(_ entry: CaseQueue.Entry, _ reason: String, _ observer: inout some RunObserver) {
    let key = CaseKey(instance: entry.number)
    tell(Event(.caseStarted(configuration.caseStarted(entry.number, slot: nil)), of: key), to: &observer)
    let outcome = CaseOutcome(.skipped(.requirement), message: reason)
    tell(Event(.caseEnded(outcome), of: key), to: &observer)
  }

  private mutating func start(_ entry: CaseQueue.Entry, _ slot: Int, _ observer: inout some RunObserver) {
    let place = configuration.cases[entry.number]
    let started = configuration.caseStarted(entry.number, slot: slot)
    let key = CaseKey(instance: entry.number, attempt: entry.attempt)
    tell(Event(.caseStarted(started), of: key), to: &observer)
    do throws(SystemError) {
      let worker = try worker(in: slot)
      worker.running = RunningTry(
        entry, timeout: configuration.timeout(entry.number), grace: configuration.grace(entry.number))
      let suite = configuration.suites[place.suite]
      let task = WorkerTask(
        suite: place.suite, instance: place.instance, key: key, seed: started.caseSeed,
        timeoutScale: configuration.timeoutScale(entry.number), keepsRoot: isFollowed(entry.number))
      worker.group = task.keepsRoot ? groups[entry.number] : nil
      try worker.start(task, places: configuration.places) {
        .suite(index: place.suite, path: suite.path, text: suite.text)
      }
    } catch {
      // A worker that cannot be told anything has ended; its end tells more than the failed write.
      if workers[slot] != nil { return }
      let outcome = CaseOutcome(.error(.harness), message: "no worker for the case: \(error)")
      conclude(entry, outcome, &observer)
    }
  }

  /// Whether a case that waits may go on with what one leaves.
  private func isFollowed(_ number: Int) -> Bool {
    guard let group = groups[number] else { return false }
    return queue.holds { groups[$0] == group }
  }

  private mutating func worker(in slot: Int) throws(SystemError) -> WorkerLink {
    if let worker = workers[slot] { return worker }
    generation += 1
    let worker = try WorkerLink(
      slot: slot, generation: generation, drill: configuration.drill, captures: configuration.captures)
    for channel in WorkerLink.Channel.allCases where channel != .events {
      let token = Token.worker(slot: slot, generation: generation, channel: channel)
      try poller.add(worker.number(of: channel), token: token.bits)
    }
    workers[slot] = worker
    return worker
  }

  /// A try is over: it gets its verdict, or the case another try.
  mutating func conclude(
    _ entry: CaseQueue.Entry, _ raw: CaseOutcome, _ observer: inout some RunObserver
  ) {
    let settings = configuration.instance(entry.number).settings
    let conclusion = Conclusion(raw, of: settings, attempt: entry.attempt, policy: configuration.tries)
    let outcome = conclusion.outcome
    let key = CaseKey(instance: entry.number, attempt: entry.attempt)
    if conclusion.triesAgain {
      tell(Event(.tryEnded(outcome), of: key, at: outcome.duration), to: &observer)
      queue.tryAgain(CaseQueue.Entry(number: entry.number, attempt: entry.attempt + 1))
    } else {
      tell(Event(.caseEnded(outcome), of: key, at: outcome.duration), to: &observer)
    }
  }

  /// The run has used up its time: what runs fails, what waits stays without a verdict.
  mutating func endRun(_ observer: inout some RunObserver) {
    let limit = configuration.limits.run?.description ?? ""
    for worker in workers {
      if let worker, worker.running != nil {
        abandon(worker, .failed(.timeout), "the run has used up its \(limit)", &observer)
      }
    }
    queue = CaseQueue(count: 0) { _ in false }
  }
}
