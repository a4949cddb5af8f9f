import PCIe
import Simulation

// Where a transaction layer receives: marks act, and what is held back holds back what is behind it.
extension Fabric {
  /// Delivers a TLP that a fault has touched, or that comes behind one that is held back.
  @inline(never)
  mutating func deliverTouched(_ tlp: FabricTLP, _ direction: Int) {
    guard faults.directions[direction].line.isHolding else { return act(tlp, direction) }
    guard tlp.marks.fates.isDisjoint(with: .staying), faults.directions[direction].line.letsPass(tlp) else {
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

  /// Lets the fates of a TLP come true, in their order; delays of several faults add up.
  private mutating func act(_ tlp: FabricTLP, _ direction: Int) {
    guard !tlp.marks.fates.isEmpty else { return handOver(tlp, direction, response: nil, isCopy: false) }
    if faults.directions[direction].drawn.take(tlp.sequence, .drop) != nil { return lose(tlp, direction) }
    if let drawn = faults.directions[direction].drawn.take(tlp.sequence, [.delay, .hold]) {
      return hold(tlp, drawn, direction)
    }
    let response = faults.takeResponse(tlp.sequence, direction)
    var copies: ContiguousArray<FabricTLP> = []
    while faults.directions[direction].drawn.take(tlp.sequence, .duplicate) != nil {
      var copy = tlp
      copy.payload = payloads.duplicate(tlp.payload)
      copy.marks.isForged = true
      copies.append(copy)
    }
    handOver(tlp, direction, response: response, isCopy: false)
    for copy in copies { handOver(copy, direction, response: response, isCopy: true) }
  }

  /// Holds a TLP back, for the time that was drawn or until something has passed.
  private mutating func hold(_ tlp: FabricTLP, _ drawn: DrawnMark, _ direction: Int) {
    var held = tlp
    held.marks.fates = faults.directions[direction].drawn.fates(tlp.sequence)
    directions[direction].hooks.insert(.holding)
    if case .hold(let behind) = faults.armed[drawn.rule].fault.action {
      return faults.directions[direction].line.hold(held, drawn, behind: behind)
    }
    faults.directions[direction].line.hold(held, drawn, behind: nil)
    queue.schedule(
      .release(
        direction: Int32(truncatingIfNeeded: direction), ticket: faults.directions[direction].line.ticket),
      at: now + VirtualDuration(picoseconds: drawn.value))
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
    act(head, direction)
    for tlp in faults.directions[direction].line.takeWaiting() { deliverTouched(tlp, direction) }
  }

  /// A TLP vanishes above the data link layer: its buffer is free, and for ordering it has been delivered.
  private mutating func lose(_ tlp: FabricTLP, _ direction: Int) {
    _ = directions[direction].order.delivers(tlp)
    noteDiscarded(tlp, direction)
    payloads.release(tlp.payload)
    returnCredits(direction, tlp.flowControlClass, tlp.dataCredits)
  }

  /// Loses what is held back, as a link that goes down does.
  mutating func discardHeld(_ direction: Int) {
    guard !faults.directions.isEmpty else { return }
    faults.directions[direction].drawn.removeAll()
    guard let head = faults.directions[direction].line.takeHead() else { return }
    directions[direction].hooks.remove(.holding)
    discard(head, direction, isQueued: false)
    for tlp in faults.directions[direction].line.takeWaiting() { discard(tlp, direction, isQueued: false) }
  }
}
