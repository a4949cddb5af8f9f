import PCIe
import Simulation

extension Fabric {
  /// Sends a TLP out of a port; the fabric owns its payload from here on.
  public mutating func send(_ tlp: FabricTLP, from port: FabricPort) {
    var tlp = tlp
    tlp.heldDirection = -1
    transmit(tlp, port.outgoing)
  }

  /// Sends on a TLP that came in at another port, whose receive buffer it occupies until its first byte
  /// leaves.
  public mutating func forward(_ tlp: FabricTLP, from port: FabricPort) { transmit(tlp, port.outgoing) }

  private mutating func transmit(_ tlp: FabricTLP, _ direction: Int) {
    var tlp = tlp
    let flowControlClass = tlp.header.kind?.flowControlClass ?? .posted
    guard links[direction >> 1].state == .up else { return refuse(tlp, flowControlClass, direction) }
    directions[direction].order.stamp(&tlp, flowControlClass)
    let canGo = directions[direction].queues.isEmpty && directions[direction].busyUntil <= now
    if canGo {
      directions[direction].absorbCredits(until: now)
      if directions[direction].admits(flowControlClass, tlp) {
        return launch(tlp, flowControlClass, direction)
      }
    }
    directions[direction].queues.append(tlp, flowControlClass)
    pump(direction)
  }

  /// Sends what may go now and sees to a wake-up for the rest.
  mutating func pump(_ direction: Int) {
    while !directions[direction].queues.isEmpty {
      guard directions[direction].busyUntil <= now else {
        return wake(direction, at: directions[direction].busyUntil)
      }
      directions[direction].absorbCredits(until: now)
      guard let tlp = directions[direction].nextToSend() else {
        if let time = directions[direction].returns.nextTime { wake(direction, at: time) }
        return
      }
      launch(tlp, tlp.header.kind?.flowControlClass ?? .posted, direction)
    }
  }

  private mutating func wake(_ direction: Int, at time: VirtualTime) {
    guard time < directions[direction].wakeAt else { return }
    directions[direction].wakeAt = time
    queue.schedule(.wake(direction: Int32(truncatingIfNeeded: direction)), at: time)
  }

  /// Puts a TLP on the wire.
  private mutating func launch(_ tlp: FabricTLP, _ flowControlClass: FlowControlClass, _ direction: Int) {
    let data = CreditPool.data(payloadBytes: Int(tlp.payload.bytes))
    directions[direction].credits.take(flowControlClass, data: data)
    let busy = now + directions[direction].timing.serialization(tlpBytes: tlp.wireBytes)
    directions[direction].busyUntil = busy
    directions[direction].counters.count(tlp.header.kind, payloadBytes: tlp.payload.bytes)
    var launched = tlp
    launched.arrival = busy + directions[direction].timing.latency
    if directions[direction].flight.isEmpty { expectArrival(direction, at: launched.arrival) }
    directions[direction].flight.append(launched)
    record(tlp, direction, .sent)
    if flowControlClass == .nonPosted { expectCompletion(tlp.header, direction) }
    returnHeldCredits(tlp, flowControlClass, data)
  }

  /// Only the oldest TLP on a wire has an event: the others come after it in any case.
  mutating func expectArrival(_ direction: Int, at time: VirtualTime) {
    queue.schedule(
      .arrival(direction: Int32(truncatingIfNeeded: direction), epoch: directions[direction].epoch), at: time)
  }

  mutating func record(_ tlp: FabricTLP, _ direction: Int, _ fate: TLPFate) {
    links[direction >> 1].history.append(
      LinkRecord(
        time: now, header: tlp.header, payloadBytes: tlp.payload.bytes, isDownstream: direction & 1 == 0,
        fate: fate
      ))
  }

  private mutating func expectCompletion(_ header: TLPHeader, _ direction: Int) {
    let link = direction >> 1
    let isNew =
      direction & 1 == 0
      ? links[link].outstandingDown.insert(header.requesterID, header.tag)
      : links[link].outstandingUp.insert(header.requesterID, header.tag)
    guard !isNew else { return }
    report(
      Finding(
        time: now, violation: .tagReuse, node: sender(of: direction).node, link: link, header: header,
        text: "\(header.requesterID) uses tag \(header.tag) again before its completion has come"))
  }

  /// The port that sends on a direction.
  func sender(of direction: Int) -> FabricPort {
    direction & 1 == 0 ? links[direction >> 1].upstream : links[direction >> 1].downstream
  }

  /// Gives back the buffer space that a forwarded TLP has occupied at the port where it came in.
  mutating func returnHeldCredits(_ tlp: FabricTLP, _ flowControlClass: FlowControlClass, _ data: Int32) {
    guard tlp.heldDirection >= 0, directions[Int(tlp.heldDirection)].epoch == tlp.heldEpoch else { return }
    returnCredits(Int(tlp.heldDirection), flowControlClass, data)
  }

  /// Gives a receiver's buffer space back to the transmitter, which learns of it after the latency.
  mutating func returnCredits(_ direction: Int, _ flowControlClass: FlowControlClass, _ data: Int32) {
    guard !directions[direction].credits[flowControlClass].isInfinite else { return }
    let time = now + directions[direction].timing.latency
    directions[direction].returns.append(.init(time: time, data: data, flowControlClass: flowControlClass))
    if !directions[direction].queues.isEmpty {
      wake(direction, at: max(time, directions[direction].busyUntil))
    }
  }
}
