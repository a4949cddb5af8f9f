import PCIe
import Simulation

// What a port with a data link layer sends.
extension Fabric {
  /// Sends what may go now and sees to a wake-up for the rest: DLLPs, then a replay, then new TLPs.
  ///
  /// - Source: PCI Express Base 5.0, 3.6.2.3 "Recommended Priority of Scheduled Transmissions".
  mutating func pumpFrames(_ direction: Int) {
    while true {
      let hasDLLP = !ports[direction].pending.isEmpty
      let isReplaying = ports[direction].transmitter.replayIndex != nil
      if hasDLLP || isReplaying {
        guard directions[direction].busyUntil <= now else {
          return wake(direction, at: directions[direction].busyUntil)
        }
        if hasDLLP { sendDLLP(direction) } else { sendReplay(direction) }
        continue
      }
      guard ports[direction].takesTLPs else { return }
      switch directions[direction].takeTurn(at: now) {
      case .send(var tlp): launch(&tlp, direction)
      case .wait(let time): return wake(direction, at: time)
      case .idle: return
      }
    }
  }

  /// Sends a TLP for the first time.
  @inline(__always)
  mutating func launchFrame(_ tlp: inout FabricTLP, _ direction: Int) {
    directions[direction].account(&tlp, at: now)
    ports[direction].credits.transmit[Int(tlp.flowControlClass.rawValue)].take(data: UInt16(tlp.dataCredits))
    let sequence = ports[direction].transmitter.number(tlp)
    var frame = LinkFrame(tlp, sequence: sequence)
    put(&frame, direction)
  }

  private mutating func sendReplay(_ direction: Int) {
    guard let (tlp, sequence) = ports[direction].transmitter.takeReplay() else { return }
    directions[direction].counters.replayedTLPs &+= 1
    var frame = LinkFrame(tlp, sequence: sequence)
    frame.isReplay = true
    put(&frame, direction)
  }

  private mutating func sendDLLP(_ direction: Int) {
    guard let dllp = ports[direction].takeDLLP() else { return }
    switch dllp {
    case .ack: directions[direction].counters.acks &+= 1
    case .nak: directions[direction].counters.naks &+= 1
    case .flowControl(let content) where content.phase == .update: noteUpdate(direction)
    default: break
    }
    var frame = LinkFrame(dllp: dllp.word)
    put(&frame, direction)
  }

  /// An UpdateFC is sent: it is repeated if it does not reach the partner, who waits for it.
  private mutating func noteUpdate(_ port: Int) {
    directions[port].counters.updates &+= 1
    startTimer(port, .update, in: ports[port].limits.update)
    if ports[port ^ 1].deadlines.updateTimeout == .never {
      startTimer(port ^ 1, .updateTimeout, in: ports[port ^ 1].limits.updateTimeout)
    }
  }

  /// The one way on which every frame goes to the lanes.
  mutating func put(_ frame: inout LinkFrame, _ direction: Int) {
    if directions[direction].hooks.contains(.frames) { touchFrame(&frame, direction) }
    if frame.dllp == nil, links[direction >> 1].configuration.computesLinkCRC {
      frame.lcrc = payloads.linkCRC(frame.tlp, sequence: frame.sequence)
    }
    if frame.dllp == nil, frame.check == .nullified {
      // Its transmitter sends the TLP again with the same number, for the receiver counts none.
      send(&frame, direction)
      frame.check = .good
    }
    send(&frame, direction)
    if frame.isDoubled { send(&frame, direction) }
    if frame.dllp == nil, ports[direction].deadlines.replay == .never {
      let time = directions[direction].busyUntil + ports[direction].limits.replay
      ports[direction].deadlines.replay = time
      expectTimer(direction, at: time)
    }
  }

  @inline(never)
  private mutating func touchFrame(_ frame: inout LinkFrame, _ direction: Int) {
    if direction < faults.directions.count { strikeFrame(&frame, direction) }
    faults.disturbance?.touch(&frame, link: direction >> 1, isDownstream: direction & 1 == 0)
  }

  /// One copy of a frame, seen by the capture.
  @inline(__always)
  private mutating func send(_ frame: inout LinkFrame, _ direction: Int) {
    if directions[direction].hooks.contains(.capture) { captureFrame(frame, direction) }
    occupy(&frame, direction)
  }

  /// Takes up the lanes for as long as the frame's bytes take; it arrives after the latency.
  @inline(__always)
  private mutating func occupy(_ frame: inout LinkFrame, _ direction: Int) {
    let length =
      frame.dllp == nil
      ? directions[direction].timing.serialization(tlpBytes: frame.tlp.wireBytes) : ports[direction].dllpTime
    directions[direction].busyUntil = max(now, directions[direction].busyUntil) + length
    guard !frame.isLost else { return }
    payloads.share(frame.tlp.payload)
    frame.arrival = ports[direction].arrival(
      of: frame, sent: directions[direction].busyUntil, latency: directions[direction].timing.latency)
    let isAlone = ports[direction].flight.isEmpty
    ports[direction].flight.append(frame)
    if isAlone { expectFrame(direction, at: frame.arrival) }
  }

  @inline(__always)
  private mutating func expectFrame(_ direction: Int, at time: VirtualTime) {
    queue.schedule(
      .frame(direction: Int32(truncatingIfNeeded: direction), epoch: directions[direction].wire.epoch),
      at: time)
  }

  /// The oldest frame on the wire of a direction has arrived.
  mutating func arriveFrame(_ direction: Int, _ epoch: UInt32) {
    guard directions[direction].wire.epoch == epoch else { return }
    let frame = ports[direction].flight.removeFirst()
    if let next = ports[direction].flight.nextArrival { expectFrame(direction, at: next) }
    if let word = frame.dllp {
      receiveDLLP(word, frame.check, direction)
    } else {
      receiveTLP(frame, direction)
    }
  }
}
