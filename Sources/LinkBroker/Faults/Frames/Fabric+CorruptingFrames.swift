import PCIe
import Simulation

// Bit errors on the lanes, and data link layers that say something wrong.
extension Fabric {
  func canCorrupt(_ field: LinkFault.Field, _ value: UInt64?, _ dllp: UInt32) -> Bool {
    switch field {
    case .linkCRC: return value != UInt64(DLLP.checksum(dllp))
    case .type: return value.map { UInt32(truncatingIfNeeded: $0 & 0xff) != dllp >> 24 } ?? true
    case .sequence:
      guard let sequence = dllp.acknowledgedSequence else { return false }
      return value.map { UInt16(truncatingIfNeeded: $0) & SequenceNumber.mask != sequence } ?? true
    case .credits: return LinkFault.DLLPKinds(word: dllp) == .updateFC
    default: return false
    }
  }

  func canCorrupt(_ field: LinkFault.Field, _ value: UInt64?, _ frame: LinkFrame) -> Bool {
    switch field {
    case .linkCRC:
      return value.map { $0 != UInt64(payloads.linkCRC(frame.tlp, sequence: frame.sequence)) } ?? true
    case .sequence:
      return value.map { UInt16(truncatingIfNeeded: $0) & SequenceNumber.mask != frame.sequence } ?? true
    case .ecrc: return frame.tlp.header.hasDigest
    case .payload: return !frame.tlp.payload.isNone
    case .nullified, .badEnd: return true
    case .maxPayload, .boundary, .credits: return false
    case .type, .length, .firstByteEnables, .address, .requester, .tag, .byteCount:
      if let value { return FieldChange(field, of: frame.tlp, to: value) != nil }
      var generator = SeededGenerator(seed: 0)
      return FieldChange(field, of: frame.tlp, drawing: &generator) != nil
    }
  }

  /// Changes a part of a frame.
  ///
  /// - Returns: the value that it has now, zero where only the check fails.
  mutating func corrupt(
    _ field: LinkFault.Field, _ given: UInt64?, _ frame: inout LinkFrame, _ direction: Int,
    _ generator: inout SeededGenerator
  ) -> UInt64 {
    if let word = frame.dllp { return corrupt(field, given, word, &frame, direction, &generator) }
    switch field {
    case .sequence:
      let sequence = given.map { UInt16(truncatingIfNeeded: $0) } ?? numberAhead(direction, &generator)
      frame.sequence = sequence & SequenceNumber.mask
      return UInt64(frame.sequence)
    case .nullified, .badEnd:
      frame.check = field == .nullified ? .nullified : .endBad
      return 0
    case .linkCRC, .ecrc, .maxPayload, .boundary, .credits:
      frame.check = .bad
      return given ?? 0
    case .payload:
      // The bytes are those of the replay buffer; they stay, and the receiver never looks at them.
      frame.check = .bad
      return given ?? generator.below(UInt64(frame.tlp.payload.bytes) * 8)
    case .type, .length, .firstByteEnables, .address, .requester, .tag, .byteCount:
      // A bit error on the lanes: the LCRC is that of the header before.
      frame.check = .bad
      let change =
        given.map { FieldChange(field, of: frame.tlp, to: $0) }
        ?? FieldChange(field, of: frame.tlp, drawing: &generator)
      if let change { frame.tlp.header = change.header }
      return change?.value ?? 0
    }
  }

  private mutating func corrupt(
    _ field: LinkFault.Field, _ given: UInt64?, _ word: UInt32, _ frame: inout LinkFrame, _ direction: Int,
    _ generator: inout SeededGenerator
  ) -> UInt64 {
    switch field {
    case .type:
      let type = given.map { UInt8(truncatingIfNeeded: $0) } ?? Self.undefinedType(&generator)
      frame.dllp = UInt32(type) << 24 | word & 0xff_ffff
      return UInt64(type)
    case .sequence:
      let sequence =
        given.map { UInt16(truncatingIfNeeded: $0) } ?? numberNeverSent(direction ^ 1, &generator)
      frame.dllp = word & ~UInt32(SequenceNumber.mask) | UInt32(sequence & SequenceNumber.mask)
      return UInt64(sequence & SequenceNumber.mask)
    case .credits: return changeCredits(given, word, &frame, direction, &generator)
    default:
      frame.check = .bad
      return given ?? 0
    }
  }

  /// Has an UpdateFC tell credits that there are not, or a count that lies behind what is consumed.
  ///
  /// - Returns: the header credits that it tells.
  /// - Source: PCI Express Base 5.0, 2.6.1: a count more than half the range ahead is a Flow Control Protocol
  ///   Error.
  private func changeCredits(
    _ given: UInt64?, _ word: UInt32, _ frame: inout LinkFrame, _ direction: Int,
    _ generator: inout SeededGenerator
  ) -> UInt64 {
    guard case .flowControl(var content) = try? DLLP(word: word) else { return 0 }
    if let given {
      let more = UInt16(truncatingIfNeeded: given)
      let largest = UInt16(directions[direction ^ 1].timing.maxPayloadBytes / 16)
      content.headerCredits &+= UInt8(truncatingIfNeeded: more)
      content.dataCredits = (content.dataCredits &+ more &* largest) & CreditCounter.dataMask
    } else {
      // Whatever is sent until it arrives.
      let place = Int(content.flowControlClass.rawValue)
      let consumed = ports[direction ^ 1].credits.transmit[place].consumed.headers
      content.headerCredits = consumed &+ 160 &+ UInt8(truncatingIfNeeded: generator.below(64))
    }
    frame.dllp = DLLP.flowControl(content).word
    return UInt64(content.headerCredits)
  }

  /// A number that the receiver of a direction does not wait for yet, whatever is on the wire.
  private func numberAhead(_ port: Int, _ generator: inout SeededGenerator) -> UInt16 {
    let step = UInt16(truncatingIfNeeded: generator.below(1000))
    return (ports[port].transmitter.nextSequence &+ 1 &+ step) & SequenceNumber.mask
  }

  /// A number that a port will not have sent either when the DLLP with it arrives: its replay buffer never
  /// holds so many TLPs.
  private func numberNeverSent(_ port: Int, _ generator: inout SeededGenerator) -> UInt16 {
    let step = UInt16(truncatingIfNeeded: generator.below(500))
    return (ports[port].transmitter.nextSequence &+ 1100 &+ step) & SequenceNumber.mask
  }

  private static func undefinedType(_ generator: inout SeededGenerator) -> UInt8 {
    let first = UInt8(truncatingIfNeeded: generator.below(256))
    let types = (0...UInt8.max).lazy.map { first &+ $0 }
    return types.first { (try? DLLP(word: UInt32($0) << 24)) == nil } ?? 0xff
  }
}

extension UInt32 {
  /// The sequence number of an Ack or Nak by its four bytes; nil for another DLLP.
  fileprivate var acknowledgedSequence: UInt16? {
    switch try? DLLP(word: self) {
    case .ack(let sequence), .nak(let sequence): sequence
    default: nil
    }
  }
}
