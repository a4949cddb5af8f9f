import PCIe
import Simulation

// What a port with a data link layer does with what arrives. A port has the number of the direction that it
// sends on, so that the receiver of a direction is that number with its lowest bit inverted.
extension Fabric {
  @inline(__always)
  mutating func receiveTLP(_ frame: LinkFrame, _ direction: Int) {
    let port = direction ^ 1
    guard ports[port].state != .inactive, ports[port].state != .initializing1 else {
      return payloads.release(frame.tlp.payload)
    }
    var check = frame.check
    if check == .good, links[direction >> 1].configuration.computesLinkCRC,
      payloads.linkCRC(frame.tlp, sequence: frame.sequence) != frame.lcrc
    {
      check = .bad
    }
    let expected = ports[port].receiver.nextSequence
    var isRefused = frame.isRefused
    if directions[direction].hooks.contains(.frames), check == .good, frame.sequence == expected {
      isRefused = self.isRefused(frame, direction) || isRefused
    }
    let verdict = ports[port].receiver.judge(frame.sequence, check, isRefused: isRefused)
    if verdict == .accept { return accept(frame.tlp, direction) }
    payloads.release(frame.tlp.payload)
    switch verdict {
    case .accept, .nullified, .ignored: break
    case .duplicate: schedule(.ack, port)
    case .refused(let sendsNak):
      if sendsNak { schedule(.nak, port) }
    case .bad(let sendsNak):
      directions[direction].counters.badTLPs &+= 1
      let what = mnemonic(frame.tlp.header)
      detect(
        .badTLP, port,
        check == .good
          ? "\(what) with sequence number \(frame.sequence) came where \(expected) was expected"
          : "\(what) with sequence number \(frame.sequence) has a wrong LCRC",
        header: frame.tlp.header)
      if sendsNak { schedule(.nak, port) }
    }
  }

  /// Hands a TLP to the transaction layer, which has room for it unless the sender broke the rules.
  @inline(__always)
  private mutating func accept(_ tlp: FabricTLP, _ direction: Int) {
    let port = direction ^ 1
    if ports[port].state == .initializing2 { confirm(port) }
    if ports[port].deadlines.acknowledge == .never {
      startTimer(port, .acknowledge, in: ports[port].limits.acknowledge)
    }
    let hasRoom = ports[port].credits.receive[Int(tlp.flowControlClass.rawValue)].take(
      data: UInt16(tlp.dataCredits))
    guard hasRoom else {
      noteDiscarded(tlp, direction)
      payloads.release(tlp.payload)
      return detect(
        .receiverOverflow, port, "\(mnemonic(tlp.header)) came without credits for it", header: tlp.header)
    }
    deliver(tlp, direction)
  }

  /// Takes a DLLP; what is of an undefined type is dropped without a word.
  ///
  /// - Source: PCI Express Base 5.0, 3.6.2.2 "Handling of Received DLLPs".
  @inline(__always)
  mutating func receiveDLLP(_ word: UInt32, _ check: LinkFrame.Check, _ direction: Int) {
    let port = direction ^ 1
    guard check == .good else {
      directions[direction].counters.badDLLPs &+= 1
      return detect(.badDLLP, port, "a DLLP has a wrong CRC")
    }
    guard ports[port].state != .inactive else { return }
    switch try? DLLP(word: word) {
    case .ack(let sequence): acknowledge(sequence, isNak: false, port)
    case .nak(let sequence): acknowledge(sequence, isNak: true, port)
    case .flowControl(let content) where content.virtualChannel == 0: takeCredits(content, port)
    default: break
    }
  }
}
