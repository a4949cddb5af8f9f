import PCIe
import Simulation

extension Fabric {
  /// Delivers the oldest TLP on a direction's wire.
  mutating func arrive(_ direction: Int, _ epoch: UInt32) {
    guard directions[direction].epoch == epoch else { return }
    var tlp = directions[direction].flight.removeFirst()
    if !directions[direction].flight.isEmpty {
      expectArrival(direction, at: directions[direction].flight.first.arrival)
    }
    let header = tlp.header
    let flowControlClass = header.kind?.flowControlClass ?? .posted
    let receiver = directions[direction].receiver
    if !directions[direction].order.delivers(tlp, flowControlClass) {
      report(
        Finding(
          time: now, violation: .ordering, node: receiver.node, link: receiver.link, header: header,
          text: "\(mnemonic(header)) overtook a posted request that was sent before it"))
    }
    if header.isCompletionShaped { settle(header, direction) }
    let data = CreditPool.data(payloadBytes: Int(tlp.payload.bytes))
    let maxPayload = links[receiver.link].configuration.maxPayloadBytes
    if let rule = TLPRules.check(header, payloadBytes: Int(tlp.payload.bytes), maxPayloadBytes: maxPayload) {
      reject(tlp, direction, rule)
      return returnCredits(direction, flowControlClass, data)
    }
    tlp.heldDirection = Int32(truncatingIfNeeded: direction)
    tlp.heldEpoch = epoch
    switch nodes[receiver.node].receive(tlp, at: receiver.number, in: &self) {
    case .forwarded: break
    case .consumed:
      payloads.release(tlp.payload)
      returnCredits(direction, flowControlClass, data)
    }
  }

  /// A completion that ends its request frees the tag on the link that carried the request.
  private mutating func settle(_ header: TLPHeader, _ direction: Int) {
    guard header.endsItsRequest else { return }
    let link = direction >> 1
    if direction & 1 == 0 {
      links[link].outstandingUp.remove(header.requesterID, header.tag)
    } else {
      links[link].outstandingDown.remove(header.requesterID, header.tag)
    }
  }

  /// Drops a malformed TLP, of which no completion is sent.
  ///
  /// - Source: PCI Express Base 5.0, 2.3 "Handling of Received TLPs" and 6.2.7 table 6-5.
  private mutating func reject(_ tlp: FabricTLP, _ direction: Int, _ rule: TLPRuleViolation) {
    let receiver = directions[direction].receiver
    record(tlp, direction, .discarded)
    payloads.release(tlp.payload)
    report(
      Finding(
        time: now, violation: .malformedTLP, node: receiver.node, link: receiver.link, header: tlp.header,
        text: "\(mnemonic(tlp.header)): \(rule)"))
    nodes[receiver.node].portDetected(.malformedTLP, in: tlp.header, at: receiver.number, in: &self)
  }

  func mnemonic(_ header: TLPHeader) -> String { header.kind?.mnemonic ?? "a TLP of unknown type" }
}
