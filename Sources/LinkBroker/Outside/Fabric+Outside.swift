public import Simulation

// What transports ask of the fabric.
extension Fabric {
  /// Ends a TLP that a node kept with `.forwarded`: its payload is free and its credits go back.
  public mutating func accept(_ tlp: FabricTLP) {
    payloads.release(tlp.payload)
    returnHeldCredits(tlp)
  }

  /// Lets events happen up to an instant, without letting it become that instant when they end before.
  ///
  /// For a clock that is real: the fabric may be ahead of it by what a link takes.
  public mutating func runEvents(until time: VirtualTime) {
    while let next = queue.nextTime, next <= time { step() }
  }

  /// Lets it become an instant, when it is not later already; no event may stand before it.
  public mutating func advance(to time: VirtualTime) {
    guard time > now else { return }
    precondition((queue.nextTime ?? .never) >= time, "an event stands before that instant")
    now = time
  }
}
