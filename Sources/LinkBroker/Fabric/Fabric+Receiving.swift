import PCIe
import Simulation

extension Fabric {
  /// Delivers the oldest TLP on a direction's wire.
  @inline(never)
  mutating func arrive(_ direction: Int, _ epoch: UInt32) {
    guard directions[direction].wire.epoch == epoch else { return }
    let tlp = directions[direction].takeArrival()
    if let next = directions[direction].nextArrival { expectArrival(direction, at: next) }
    deliver(tlp, direction)
  }

  /// Gives a TLP that has crossed a link to the transaction layer of its receiver.
  @inline(__always)
  mutating func deliver(_ tlp: FabricTLP, _ direction: Int) {
    if tlp.marks.isTouched || directions[direction].hooks.contains(.holding) {
      return deliverTouched(tlp, direction)
    }
    handOver(tlp, direction, response: nil, isCopy: false)
  }

  /// Gives a TLP to its receiver, which drops it when it is malformed.
  ///
  /// A copy that a fault has made takes no credits and no place in the order of sending.
  @inline(__always)
  mutating func handOver(
    _ tlp: FabricTLP, _ direction: Int, response: LinkFault.Response?, isCopy: Bool
  ) {
    let receiver = directions[direction].receiver
    if !isCopy, !directions[direction].order.delivers(tlp) { reportOvertaking(tlp.header, receiver) }
    if tlp.header.isCompletionShaped { directions[direction ^ 1].settle(tlp.header, at: now) }
    let rule = TLPRules.check(
      tlp.header, kind: tlp.kind, payloadBytes: Int(tlp.payload.bytes),
      maxPayloadBytes: directions[direction].timing.maxPayloadBytes)
    if let rule {
      reject(tlp, direction, rule)
      if !isCopy { returnCredits(direction, tlp.flowControlClass, tlp.dataCredits) }
      return
    }
    var given = tlp
    given.marks.leaveLink()
    given.held = HeldBuffer(
      direction: isCopy ? -1 : Int32(truncatingIfNeeded: direction), epoch: directions[direction].wire.epoch,
      flowControlClass: tlp.flowControlClass)
    let disposition: TLPDisposition
    if let response {
      disposition = nodes[receiver.node].respond(to: given, with: response, at: receiver.number, in: &self)
    } else {
      disposition = nodes[receiver.node].receive(given, at: receiver.number, in: &self)
    }
    guard disposition == .consumed else { return }
    payloads.release(tlp.payload)
    if !isCopy { returnCredits(direction, tlp.flowControlClass, tlp.dataCredits) }
  }

  @inline(never)
  private mutating func reportOvertaking(_ header: TLPHeader, _ receiver: FabricPort) {
    report(
      Finding(
        time: now, violation: .ordering, node: receiver.node, link: receiver.link, header: header,
        text: "\(mnemonic(header)) overtook a posted request that was sent before it"))
  }

  /// Drops a malformed TLP, of which no completion is sent.
  ///
  /// - Source: PCI Express Base 5.0, 2.3 "Handling of Received TLPs" and 6.2.7 table 6-5.
  @inline(never)
  private mutating func reject(_ tlp: FabricTLP, _ direction: Int, _ rule: TLPRuleViolation) {
    let receiver = directions[direction].receiver
    noteDiscarded(tlp, direction)
    payloads.release(tlp.payload)
    report(
      Finding(
        time: now, violation: .malformedTLP, node: receiver.node, link: receiver.link, header: tlp.header,
        text: "\(mnemonic(tlp.header)): \(rule)"))
    nodes[receiver.node].portDetected(.malformedTLP, in: tlp.header, at: receiver.number, in: &self)
  }

  func mnemonic(_ header: TLPHeader) -> String { header.kind?.mnemonic ?? "a TLP of unknown type" }
}
