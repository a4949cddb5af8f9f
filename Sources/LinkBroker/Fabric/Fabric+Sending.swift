import PCIe
import Simulation

extension Fabric {
  /// Sends a TLP out of a port; the fabric owns its payload from here on.
  public mutating func send(_ tlp: FabricTLP, from port: FabricPort) {
    var tlp = tlp
    tlp.held.direction = -1
    if directions[port.outgoing].hooks.contains(.digests) { tlp.header.hasDigest = true }
    transmit(&tlp, port.outgoing)
  }

  /// Sends on a TLP that came in at another port, whose receive buffer it occupies until its first byte
  /// leaves.
  public mutating func forward(_ tlp: FabricTLP, from port: FabricPort) {
    var tlp = tlp
    transmit(&tlp, port.outgoing)
  }

  @inline(__always)
  private mutating func transmit(_ tlp: inout FabricTLP, _ direction: Int) {
    quiet.epoch &+= 1
    tlp.classify()
    let hooks = directions[direction].hooks
    guard hooks.isDisjoint(with: .sending) || isOverlooked(tlp, hooks, direction) else {
      return transmitHooked(&tlp, direction)
    }
    let isHeld = tlp.held.direction >= 0
    switch directions[direction].place(&tlp, at: now, mayLeaveLater: !isHeld) {
    case .behind: break
    case .alone(let arrival): expectArrival(direction, at: arrival)
    case .waits: return pump(direction)
    }
    if isHeld { returnHeldCredits(tlp) }
  }

  /// Whether all that takes part are faults that look for something else.
  @inline(__always)
  private mutating func isOverlooked(_ tlp: FabricTLP, _ hooks: LinkHooks, _ direction: Int) -> Bool {
    hooks.isDisjoint(with: .sendingUnstruck) && faults.directions[direction].table.range(tlp).isEmpty
  }

  /// Sends a TLP on a direction with hooks for more than the lanes.
  @inline(never)
  private mutating func transmitHooked(_ tlp: inout FabricTLP, _ direction: Int) {
    guard links[direction >> 1].state == .up else { return refuse(tlp, direction) }
    if directions[direction].isDataLink, !ports[direction].takesTLPs {
      return directions[direction].keep(&tlp)
    }
    if directions[direction].offer(&tlp, at: now) { launch(&tlp, direction) } else { pump(direction) }
  }

  /// Lets what is certain to leave later wait again, so that what changes now holds for it.
  mutating func recall(_ direction: Int) {
    guard directions[direction].recall(after: now) else { return }
    wake(direction, at: directions[direction].busyUntil)
  }

  /// The same on all links.
  mutating func recallAll() { for direction in directions.indices { recall(direction) } }

  /// Sends what may go now and sees to a wake-up for the rest.
  mutating func pump(_ direction: Int) {
    if directions[direction].isDataLink { return pumpFrames(direction) }
    while true {
      switch directions[direction].takeTurn(at: now) {
      case .send(var tlp): launch(&tlp, direction)
      case .wait(let time): return wake(direction, at: time)
      case .idle: return
      }
    }
  }

  @inline(__always)
  mutating func wake(_ direction: Int, at time: VirtualTime) {
    guard directions[direction].wakes(at: time) else { return }
    queue.schedule(.wake(direction: Int32(truncatingIfNeeded: direction)), at: time)
  }

  /// Puts a TLP on the wire.
  @inline(__always)
  mutating func launch(_ tlp: inout FabricTLP, _ direction: Int) {
    if !directions[direction].carry(tlp) { reportTagReuse(tlp.header, direction) }
    if directions[direction].hooks.contains(.egress) { strike(&tlp, direction) }
    if directions[direction].isDataLink {
      launchFrame(&tlp, direction)
    } else {
      if let arrival = directions[direction].launch(&tlp, at: now) { expectArrival(direction, at: arrival) }
      if directions[direction].hooks.contains(.capture) { captureTLP(tlp, direction) }
    }
    returnHeldCredits(tlp)
  }

  /// Only the oldest TLP on a wire has an event: the others come after it in any case.
  @inline(__always)
  mutating func expectArrival(_ direction: Int, at time: VirtualTime) {
    queue.schedule(
      .arrival(direction: Int32(truncatingIfNeeded: direction), epoch: directions[direction].wire.epoch),
      at: time)
  }

  @inline(never)
  private mutating func reportTagReuse(_ header: TLPHeader, _ direction: Int) {
    report(
      Finding(
        time: now, violation: .tagReuse, node: sender(of: direction).node, link: direction >> 1,
        header: header,
        text: "\(header.requesterID) uses tag \(header.tag) again before its completion has come"))
  }

  /// The port that sends on a direction.
  func sender(of direction: Int) -> FabricPort {
    direction & 1 == 0 ? links[direction >> 1].upstream : links[direction >> 1].downstream
  }

  /// Gives back the buffer space that a forwarded TLP has occupied at the port where it came in.
  @inline(__always)
  mutating func returnHeldCredits(_ tlp: FabricTLP) {
    let held = tlp.held
    guard held.direction >= 0, directions[Int(held.direction)].wire.epoch == held.epoch else { return }
    returnCredits(Int(held.direction), held.flowControlClass, tlp.dataCredits)
  }

  /// Gives a receiver's buffer space back to the transmitter, which learns of it after the latency.
  @inline(__always)
  mutating func returnCredits(_ direction: Int, _ flowControlClass: FlowControlClass, _ data: Int32) {
    if directions[direction].isDataLink { return grantCredits(direction, flowControlClass, data) }
    if let time = directions[direction].giveBack(flowControlClass, data: data, at: now) {
      wake(direction, at: time)
    }
  }
}
