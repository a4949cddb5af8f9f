import Glibc

// From a polite signal to the certainty that nothing is left.
extension NodeProcess {
  /// Asks the node to end: its group gets the signal, and all of it has until the instant to go.
  ///
  /// A frozen node cannot follow and is killed. What is called again changes nothing.
  public func beginStop(signal number: CInt, until deadline: MonotonicInstant) {
    guard stop == nil else { return }
    noticeEnd()
    stop = NodeStop(
      deadline: deadline, giveUp: deadline.adding(nanoseconds: NodeStop.dyingNanoseconds))
    signal(isFrozen ? SIGKILL : number)
  }

  /// Goes on with the stop, and answers whether nothing is left to do.
  ///
  /// To be called when something has become ready, and when the deadline has come.
  public func attend(at now: MonotonicInstant, in poller: borrowing Poller) -> Bool {
    guard var stop else { return false }
    if stop.isDone { return true }
    defer { self.stop = stop }
    noticeEnd()
    guard end != nil else {
      if now >= stop.deadline, !stop.isForced {
        stop.isForced = true
        kill()
      }
      stop.isDone = now >= stop.giveUp
      if stop.isDone { stop.left.append(LeftProcess(process.pid)) }
      return stop.isDone
    }
    let survivors = survivors(of: stop)
    for index in stop.left.indices {
      stop.left[index].isGone = !survivors.contains { Int($0.pid) == stop.left[index].pid }
    }
    if survivors.isEmpty || now >= stop.giveUp {
      stop.isDone = true
      _ = process.reap()
      return true
    }
    if now >= stop.deadline { sweep(survivors, &stop) }
    // What has ended stays ready until it is watched no longer.
    stop.watched = survivors
    for survivor in survivors { try? poller.add(survivor.number, token: bits(.survivor)) }
    return false
  }

  /// What still runs: what the census finds, and what it has found before.
  ///
  /// A child of a daemon belongs to the node by its parent alone, and so no more once that one has ended.
  private func survivors(of stop: NodeStop) -> [WatchedProcess] {
    let found = census.processes()
    let known = stop.watched.filter { !found.contains($0.pid) && NodeCensus.isRunning($0.pid) }
    return known + found.compactMap(WatchedProcess.init)
  }

  private func sweep(_ survivors: [WatchedProcess], _ stop: inout NodeStop) {
    for survivor in survivors {
      if !stop.left.contains(where: { $0.pid == Int(survivor.pid) }) {
        stop.left.append(LeftProcess(survivor.pid))
      }
      survivor.kill()
    }
    stop.isSwept = true
  }

  /// When `attend` is due next; nil without a stop in progress.
  public var deadline: MonotonicInstant? {
    guard let stop, !stop.isDone else { return nil }
    return (end == nil ? stop.isForced : stop.isSwept) ? stop.giveUp : stop.deadline
  }

  /// Whether the node did not end when it was asked to, and had to be killed.
  public var wasForced: Bool { stop?.isForced ?? false }

  /// What the node left behind.
  public var left: [LeftProcess] { stop?.left ?? [] }
}
