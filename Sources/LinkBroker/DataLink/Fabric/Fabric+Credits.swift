import PCIe
import Simulation

// What InitFC and UpdateFC lead to at the port that gets them.
extension Fabric {
  mutating func takeCredits(_ content: FlowControlDLLP, _ port: Int) {
    if content.phase != .update { return initialize(content, port) }
    guard ports[port].state != .initializing1 else { return }
    if ports[port].state == .initializing2 { confirm(port) }
    let place = Int(content.flowControlClass.rawValue)
    let limit = CreditCounter(headers: content.headerCredits, data: content.dataCredits)
    guard ports[port].credits.transmit[place].update(limit) else {
      return detect(
        .flowControl, port,
        "\(content.mnemonic) with \(limit.headers) header and \(limit.data) data credits breaks the rules")
    }
    directions[port].credits[content.flowControlClass] = ports[port].credits.transmit[place].left
    if ports[port].deadlines.updateTimeout != .never { renewUpdateTimeout(port) }
    if !directions[port].queues.isEmpty { pumpFrames(port) }
  }

  private mutating func initialize(_ content: FlowControlDLLP, _ port: Int) {
    let maxPayload = links[port >> 1].configuration.maxPayloadBytes
    let step = ports[port].initialize(content, maxPayloadBytes: maxPayload, at: now)
    if step.isTooLittle {
      detect(.flowControl, port, "\(content.mnemonic) advertises fewer credits than a receiver must have")
    }
    if step.isRepeated { for tracked in FlowControlClass.allCases { tell(tracked, port) } }
    let place = Int(content.flowControlClass.rawValue)
    directions[port].credits[content.flowControlClass] = ports[port].credits.transmit[place].left
    if ports[port].state == .active { becomeActive(port) }
    expectTimer(port, at: ports[port].deadlines.initialization)
    pumpFrames(port)
  }

  mutating func confirm(_ port: Int) {
    ports[port].confirmInitialization()
    becomeActive(port)
    pumpFrames(port)
  }

  /// A port is in DL_Active; the link is up when both are.
  private mutating func becomeActive(_ port: Int) {
    let link = port >> 1
    guard links[link].state == .training, ports[port ^ 1].state == .active else { return }
    showUp(link)
  }
}

// Credits that a receiver gives back.
extension Fabric {
  /// A TLP has left the receive buffer of a direction.
  mutating func grantCredits(_ direction: Int, _ flowControlClass: FlowControlClass, _ data: Int32) {
    let port = direction ^ 1
    let largest = UInt16(directions[direction].timing.maxPayloadBytes / 16)
    let place = Int(flowControlClass.rawValue)
    if ports[port].credits.receive[place].giveBack(data: UInt16(data), largestData: largest) {
      tell(flowControlClass, port)
      pumpFrames(port)
    } else if ports[port].deadlines.update == .never, ports[port].credits.receive[place].hasNews {
      startTimer(port, .update, in: ports[port].limits.update)
    }
  }

  mutating func tell(_ flowControlClass: FlowControlClass, _ port: Int) {
    guard !ports[port].credits.receive[Int(flowControlClass.rawValue)].isInfinite else { return }
    ports[port].pending.insert(.updating(flowControlClass))
  }

  /// Whether the partner of a port lacks credits that the port has granted.
  ///
  /// Real ports repeat UpdateFC all the time; here only what tells something new is sent.
  func partnerLacksCredits(_ port: Int, _ place: Int) -> Bool {
    guard !ports[port].credits.receive[place].isInfinite, ports[port ^ 1].state == .active else {
      return false
    }
    return ports[port].credits.receive[place].allocated != ports[port ^ 1].credits.transmit[place].limit
  }

  private func partnerLacksCredits(_ port: Int) -> Bool {
    (0..<3).contains { partnerLacksCredits(port, $0) }
  }

  mutating func renewUpdateTimeout(_ port: Int) {
    ports[port].deadlines.updateTimeout = .never
    if partnerLacksCredits(port ^ 1) {
      startTimer(port, .updateTimeout, in: ports[port].limits.updateTimeout)
    }
  }
}
