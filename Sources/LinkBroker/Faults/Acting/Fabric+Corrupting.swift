import PCIe
import Simulation

extension Fabric {
  func canCorrupt(_ field: LinkFault.Field, _ value: UInt64?, _ tlp: FabricTLP, _ direction: Int) -> Bool {
    switch field {
    case .ecrc: return tlp.header.hasDigest && !tlp.marks.hasBadDigest
    case .payload:
      guard let value else { return !tlp.payload.isNone }
      return !tlp.payload.isNone && payloads.word(tlp.payload) != UInt32(truncatingIfNeeded: value)
    case .maxPayload: return canOutgrow(tlp, direction)
    case .type, .length, .firstByteEnables, .boundary, .address, .requester, .tag, .byteCount:
      if let value { return FieldChange(field, of: tlp, to: value) != nil }
      var generator = SeededGenerator(seed: 0)
      return FieldChange(field, of: tlp, drawing: &generator) != nil
    case .linkCRC, .nullified, .badEnd, .credits, .sequence: return false
    }
  }

  /// Whether a TLP can carry one DW more than Max_Payload_Size, in its header, in the payload pool and in the
  /// receiver's buffer: a receiver overflow would hide the error.
  private func canOutgrow(_ tlp: FabricTLP, _ direction: Int) -> Bool {
    let bytes = directions[direction].timing.maxPayloadBytes + 4
    guard !tlp.payload.isNone, bytes <= payloads.slotBytes, bytes <= 4096 else { return false }
    return directions[direction].credits.admits(
      tlp.flowControlClass, data: CreditPool.data(payloadBytes: bytes))
  }

  /// Changes a part of a TLP.
  ///
  /// - Returns: the value that it has now, zero for a digest; nil where nothing changes.
  mutating func corrupt(
    _ field: LinkFault.Field, _ given: UInt64?, _ tlp: inout FabricTLP, _ direction: Int,
    _ generator: inout SeededGenerator
  ) -> UInt64? {
    let value: UInt64
    switch field {
    case .ecrc: value = 0
    case .payload: value = damage(tlp.payload, given, &generator)
    case .maxPayload: value = outgrow(&tlp, direction)
    case .type, .length, .firstByteEnables, .boundary, .address, .requester, .tag, .byteCount:
      let change =
        given.map { FieldChange(field, of: tlp, to: $0) } ?? FieldChange(field, of: tlp, drawing: &generator)
      guard let change else { return nil }
      value = change.value
      tlp.header = change.header
    case .linkCRC, .nullified, .badEnd, .credits, .sequence:
      preconditionFailure("\(field) is none of the transaction layer")
    }
    tlp.kind = tlp.header.kind
    if tlp.header.hasDigest { tlp.marks.hasBadDigest = true }
    if field == .requester || field == .tag { tlp.marks.isForged = true }
    return value
  }

  /// Changes the first DW of a payload, or one bit of it.
  private mutating func damage(
    _ payload: PayloadReference, _ given: UInt64?, _ generator: inout SeededGenerator
  ) -> UInt64 {
    if let given {
      payloads.setWord(payload, to: UInt32(truncatingIfNeeded: given))
      return given
    }
    let bit = generator.below(UInt64(payload.bytes) * 8)
    let place = Int(bit >> 3)
    payloads.setByte(payload, at: place, to: payloads.byte(payload, at: place) ^ 1 << UInt8(bit & 7))
    return bit
  }

  /// Gives a TLP one DW more than Max_Payload_Size, with a Length that agrees.
  private mutating func outgrow(_ tlp: inout FabricTLP, _ direction: Int) -> UInt64 {
    let bytes = directions[direction].timing.maxPayloadBytes + 4
    let data = payloads.copy(tlp.payload)
    // The buffer that it leaves has been taken by as much as it was.
    returnHeldCredits(tlp)
    tlp.held.direction = -1
    payloads.release(tlp.payload)
    tlp.payload = payloads.take(bytes: bytes)
    let padded = data.prefix(bytes) + repeatElement(0, count: max(0, bytes - data.count))
    payloads.write(Array(padded), from: 0, count: bytes, to: tlp.payload)
    tlp.header.lengthDW = bytes / 4
    if tlp.kind?.hasByteEnables ?? false, tlp.header.lastByteEnable == 0 { tlp.header.lastByteEnable = 0xf }
    return UInt64(bytes)
  }
}
