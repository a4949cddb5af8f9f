import PCIe
import Simulation

// The timers of a port.
extension Fabric {
  /// Sends a DLLP as soon as the lanes are free.
  @inline(__always)
  mutating func schedule(_ dllp: PendingDLLPs, _ port: Int) {
    ports[port].pending.insert(dllp)
    pumpFrames(port)
  }

  @inline(__always)
  mutating func startTimer(_ port: Int, _ timer: PortDeadlines.Timer, in length: VirtualDuration) {
    let time = now + length
    ports[port].deadlines.set(timer, at: time)
    expectTimer(port, at: time)
  }

  @inline(__always)
  mutating func expectTimer(_ port: Int, at time: VirtualTime) {
    guard ports[port].deadlines.needsEvent(at: time) else { return }
    queue.schedule(.portTimer(port: Int32(truncatingIfNeeded: port)), at: time)
  }

  /// Sees which timers of a port have run out.
  mutating func portTimerFired(_ port: Int) {
    // An earlier event has taken the place of this one.
    guard ports[port].deadlines.event == now else { return }
    ports[port].deadlines.takeEvent()
    let due = ports[port].deadlines
    if due.acknowledge <= now {
      ports[port].deadlines.acknowledge = .never
      // While a Nak is out, it has said what an Ack would say.
      if !ports[port].receiver.isNakScheduled { ports[port].pending.insert(.ack) }
    }
    if due.initialization <= now { initializeAgain(port) }
    if due.update <= now { repeatUpdates(port) }
    if due.replay <= now { replayTimedOut(port) }
    if due.updateTimeout <= now { updateTimedOut(port) }
    pumpFrames(port)
    expectTimer(port, at: ports[port].deadlines.earliest)
  }

  private mutating func initializeAgain(_ port: Int) {
    ports[port].repeatInitialization(at: now)
    let rounds = ports[port].initializationRounds
    if rounds >= Patience.initializationRounds { giveUp(.initializing(link: port >> 1, rounds: rounds)) }
  }

  private mutating func repeatUpdates(_ port: Int) {
    ports[port].deadlines.update = .never
    for tracked in FlowControlClass.allCases where partnerLacksCredits(port, Int(tracked.rawValue)) {
      tell(tracked, port)
    }
  }

  private mutating func replayTimedOut(_ port: Int) {
    ports[port].deadlines.replay = .never
    let count = ports[port].transmitter.buffer.count
    guard count > 0 else { return }
    let what =
      count == 1
      ? "a TLP when REPLAY_TIMER ran out; it is" : "\(count) TLPs when REPLAY_TIMER ran out; they are"
    detect(.replayTimeout, port, "no Ack for \(what) sent again")
    replay(port)
  }

  /// - Source: PCI Express Base 5.0, 2.6.1.2: the optional timer upon which the link is retrained.
  private mutating func updateTimedOut(_ port: Int) {
    renewUpdateTimeout(port)
    if ports[port].deadlines.updateTimeout != .never { recover(port) }
  }

  /// Records what the data link layer of a port has found and lets its node log it.
  @inline(never)
  mutating func detect(
    _ violation: Violation, _ port: Int, _ text: String, header: TLPHeader? = nil
  ) {
    let end = sender(of: port)
    report(
      Finding(time: now, violation: violation, node: end.node, link: end.link, header: header, text: text))
    nodes[end.node].portDetected(violation, in: header, at: end.number, in: &self)
  }
}
