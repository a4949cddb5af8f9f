import PCIe
import Simulation

// Where a transaction layer receives: marks act, and what is held back holds back what is behind it.
extension Fabric {
  /// Delivers a TLP that a fault has touched, or that comes behind one that is held back.
  @inline(never)
  mutating func deliverTouched(_ tlp: FabricTLP, _ direction: Int) {
    guard faults.directions[direction].line.isHolding else { return act(tlp, direction) }
    let mark = tlp.marks.mark
    let mayPass = mark == .none || mark == .duplicate || mark == .respond
    guard mayPass, faults.directions[direction].line.letsPass(tlp) else {
      return faults.directions[direction].line.append(tlp)
    }
    // What may not pass posted requests lets those between it and the head go first.
    if faults.directions[direction].line.head?.flowControlClass != .posted, tlp.flowControlClass != .posted {
      guard let posted = faults.directions[direction].line.takePosted() else {
        return faults.directions[direction].line.append(tlp)
      }
      for older in posted { act(older, direction) }
    }
    act(tlp, direction)
    if let drawn = faults.directions[direction].line.drawn, let head = faults.directions[direction].line.head
    {
      log(drawn, head.header, direction)
    }
    releaseHeld(direction)
  }

  private mutating func act(_ tlp: FabricTLP, _ direction: Int) {
    guard tlp.marks.mark != .none, let drawn = faults.directions[direction].take(tlp.sequence) else {
      return handOverTouched(tlp, direction)
    }
    switch (tlp.marks.mark, faults.armed[drawn.rule].fault.action) {
    case (.drop, _): lose(tlp, direction)
    case (.duplicate, _):
      var copy = tlp
      copy.payload = payloads.duplicate(tlp.payload)
      copy.marks.isForged = true
      handOverTouched(tlp, direction)
      handOverTouched(copy, direction, isCopy: true)
    case (.delay, _):
      hold(tlp, drawn, behind: nil, direction)
      let ticket = faults.directions[direction].line.ticket
      queue.schedule(
        .release(direction: Int32(truncatingIfNeeded: direction), ticket: ticket),
        at: now + VirtualDuration(picoseconds: drawn.value))
    case (.hold, .hold(let behind)): hold(tlp, drawn, behind: behind, direction)
    case (.respond, .respond(.split(let sizes, _))):
      handOverTouched(tlp, direction, response: .split(sizes, seed: drawn.value))
    case (.respond, .respond(let response)): handOverTouched(tlp, direction, response: response)
    case (.hold, _), (.respond, _), (.none, _):
      preconditionFailure("a mark acts as the fault that put it there")
    }
  }

  private mutating func hold(
    _ tlp: FabricTLP, _ drawn: DrawnMark, behind: LinkFault.Behind?, _ direction: Int
  ) {
    faults.directions[direction].line.hold(tlp, drawn, behind: behind)
    directions[direction].hooks.insert(.holding)
  }

  /// The time of the TLP that is held back is over, unless it has gone already.
  mutating func release(_ direction: Int, _ ticket: UInt32) {
    guard faults.directions[direction].line.isHolding, faults.directions[direction].line.ticket == ticket
    else { return }
    releaseHeld(direction)
  }

  /// Delivers the TLP that is held back and what is behind it, up to the next one that is to be held back.
  mutating func releaseHeld(_ direction: Int) {
    guard let head = faults.directions[direction].line.takeHead() else { return }
    directions[direction].hooks.remove(.holding)
    handOverTouched(head, direction)
    for tlp in faults.directions[direction].line.takeWaiting() { deliverTouched(tlp, direction) }
  }

  /// A TLP vanishes above the data link layer: its buffer is free, and for ordering it has been delivered.
  private mutating func lose(_ tlp: FabricTLP, _ direction: Int) {
    _ = directions[direction].order.delivers(tlp)
    noteDiscarded(tlp, direction)
    payloads.release(tlp.payload)
    returnCredits(direction, tlp.flowControlClass, tlp.dataCredits)
  }

  /// Gives a TLP to the receiver, by which it is free of the faults of this link.
  ///
  /// A copy occupies no buffer, and its place in the order of sending is that of the original.
  private mutating func handOverTouched(
    _ tlp: FabricTLP, _ direction: Int, response: LinkFault.Response? = nil, isCopy: Bool = false
  ) {
    handOver(tlp, direction, response: response, isCopy: isCopy)
  }

  /// Loses what is held back, as a link that goes down does.
  mutating func discardHeld(_ direction: Int) {
    guard !faults.directions.isEmpty else { return }
    faults.directions[direction].forgetDrawn()
    guard let head = faults.directions[direction].line.takeHead() else { return }
    directions[direction].hooks.remove(.holding)
    discard(head, direction, isQueued: false)
    for tlp in faults.directions[direction].line.takeWaiting() { discard(tlp, direction, isQueued: false) }
  }
}
