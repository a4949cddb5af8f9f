public import Simulation

// What transports ask of the fabric.
extension Fabric {
  /// Ends a TLP that a node kept with `.forwarded`: its payload is free and its credits go back.
  public mutating func accept(_ tlp: FabricTLP) {
    payloads.release(tlp.payload)
    returnHeldCredits(tlp)
  }

  /// Puts a node in the place of another, as a card is changed; its links must be down.
  ///
  /// What a fault has cut off is whole again.
  public mutating func replace(_ node: Int, by other: any FabricNode) {
    put(other, at: node)
    for port in ports(of: node) {
      precondition(links[port.link].state == .down, "a card is changed while its link is up")
      let ends = [links[port.link].upstream.node, links[port.link].downstream.node]
      links[port.link].isSevered = ends.contains { nodes[$0] is SeveredNode }
      other.attach(port, number: port.number, in: &self)
    }
  }

  /// Whether nothing that a port has sent is waiting or on its way to the other end of the link.
  public func carriesNothing(from port: FabricPort) -> Bool {
    let direction = port.outgoing
    return directions[direction].queues.count == 0 && directions[direction].wire.isEmpty
  }

  /// When the peer at the other end of a port's link last took something, and whether more waits for it; nil
  /// for a node of the fabric.
  // Mutating only so that the fabric is not copied to be looked at.
  public mutating func progress(opposite port: FabricPort) -> (lastTaken: VirtualTime, isBehind: Bool)? {
    let link = links[port.link]
    let other = port.isDownstream ? link.downstream.node : link.upstream.node
    guard let end = nodes[other] as? any OutsideEnd else { return nil }
    return (end.outbox.lastTaken, end.outbox.isUntaken || !end.outbox.isEmpty)
  }

  /// How many TLPs wait at a port for credits or the lanes.
  public func waitingTLPs(at port: FabricPort) -> Int {
    directions[port.outgoing].queues.count + directions[port.outgoing].wire.count(leavingAfter: now)
  }

  /// How far the fabric may be ahead of a real clock.
  ///
  /// What a link takes, nanoseconds, is not waited for; what a fault delays or a timer measures is.
  public static let lead = VirtualDuration.microseconds(20)

  /// Whether half of that is used up, so that the clock should be read again.
  // Mutating only so that the fabric is not copied to be looked at.
  public mutating func isAhead(of time: VirtualTime) -> Bool {
    max(now, quiet.arrival) > time + VirtualDuration(picoseconds: Self.lead.picoseconds / 2)
  }

  /// Lets events happen up to an instant, without letting it become that instant when they end before.
  ///
  /// For a clock that is real: the fabric may be ahead of it by what a link takes. It ends early when a fault
  /// wants something done.
  /// - Returns: whether there were any.
  @discardableResult public mutating func runEvents(until time: VirtualTime) -> Bool {
    quiet.horizon = time
    quiet.epoch &+= 1
    var hasStepped = false
    while let next = nextTime, next <= time, !hasSignals {
      catchUp(until: next)
      step()
      hasStepped = true
    }
    catchUp(until: min(time, queue.nextTime ?? .never))
    // What was answered has been seen by the time that anything more is asked.
    noteAnswersSeen()
    return hasStepped
  }

  /// Lets it become an instant, when it is not later already; no event may stand before it.
  public mutating func advance(to time: VirtualTime) {
    guard time > now else { return }
    precondition((nextTime ?? .never) >= time, "an event stands before that instant")
    now = time
    quiet.epoch &+= 1
  }

  /// Lets events happen as a real clock says that it is time for them, and a link's time before that.
  ///
  /// - Returns: whether there were any.
  // One call, as each look at a fabric from outside copies it.
  public mutating func follow(clock time: VirtualTime, lead: VirtualDuration = Fabric.lead) -> Bool {
    let hasStepped = runEvents(until: time + lead)
    advance(to: min(time, livelock == nil ? queue.nextTime ?? .never : .never))
    return hasStepped
  }

  /// What was found and what faults did, as far as somebody has to look at it before anything else is done.
  // Mutating only so that the fabric is not copied to be looked at.
  public mutating func occurrences() -> Occurrences {
    Occurrences(findings: findings.count, strikes: faults.strikes.count, signals: faults.signals.count)
  }

  /// Counts of what somebody has to look at.
  public struct Occurrences: Hashable, Sendable {
    public let findings: Int
    public let strikes: Int
    /// What faults want done.
    public let signals: Int
  }
}
