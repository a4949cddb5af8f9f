import PCIe
import Simulation

// What Acks and Naks lead to at the port that sent the TLPs.
extension Fabric {
  mutating func acknowledge(_ sequence: UInt16, isNak: Bool, _ port: Int) {
    // Before InitFC is done the partner cannot have a TLP.
    guard ports[port].state == .active else { return }
    guard case .frees(let count) = ports[port].transmitter.acknowledge(sequence) else {
      return detect(
        .dataLinkProtocol, port,
        "\(isNak ? "Nak" : "Ack") for sequence number \(sequence), which no TLP waits with")
    }
    for _ in 0..<count { payloads.release(ports[port].transmitter.removeFirst()) }
    let isWaiting = ports[port].transmitter.buffer.count > 0
    if isNak {
      ports[port].deadlines.replay = .never
      if isWaiting { replay(port) }
    } else if count > 0 {
      ports[port].deadlines.replay = .never
      if isWaiting {
        let time = max(now, ports[port].quietUntil) + ports[port].limits.replay
        ports[port].deadlines.replay = time
        expectTimer(port, at: time)
      }
    }
    if isNak || !directions[port].queues.isEmpty { pumpFrames(port) }
  }

  /// Sends everything again that is not acknowledged; the fourth time without progress the link is trained
  /// anew before.
  ///
  /// - Source: PCI Express Base 5.0, 3.6.2.1, REPLAY_NUM.
  mutating func replay(_ port: Int) {
    directions[port].counters.replays &+= 1
    guard ports[port].transmitter.beginReplay() else { return }
    detect(.replayRollover, port, "the fourth replay without an Ack; the link trains anew")
    recover(port)
  }

  /// Trains the link anew without losing anything that was sent.
  mutating func recover(_ port: Int) {
    countRetrain(port)
    enterRecovery(link: port >> 1)
  }

  /// Nothing is sent while the link is in Recovery, and REPLAY_TIMER begins anew after it.
  ///
  /// Training sequences come behind the frames that are on the lanes, both ways.
  mutating func enterRecovery(link: Int) {
    var end = now
    for direction in [link * 2, link * 2 + 1] {
      end = max(end, directions[direction].busyUntil, ports[direction].lastArrival)
    }
    end = end + Link.recoveryTime
    for direction in [link * 2, link * 2 + 1] {
      directions[direction].busyUntil = end
      ports[direction].quietUntil = end
      if ports[direction].deadlines.replay != .never {
        // Begun anew, as the link may be slower than before.
        ports[direction].deadlines.replay = end + ports[direction].limits.replay
      }
      pumpFrames(direction)
    }
  }
}
