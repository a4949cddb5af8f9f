import LinkBroker
import PCIe

extension Function {
  /// Takes a message; what an endpoint does not know is an unsupported request.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.8 and appendix F; 2.3.1 for messages that are not supported.
  func takeMessage(_ tlp: FabricTLP, in fabric: inout Fabric) {
    let header = tlp.header
    let code = header.messageCodeByte
    switch header.messageCode {
    // The last seven are the hot-plug signals of revision 1.0a, which a receiver ignores.
    case .unlock, .powerManagementActiveStateNak, .vendorDefinedType1, .attentionIndicatorOff,
      .attentionIndicatorOn, .attentionIndicatorBlink, .powerIndicatorOff, .powerIndicatorOn,
      .powerIndicatorBlink, .attentionButtonPressed:
      break
    case .powerManagementTurnOff:
      send(.message(.powerManagementTurnOffAck, requester: id), in: &fabric)
    case .setSlotPowerLimit:
      if header.isPoisoned { return refusePoisoned(header, in: &fabric) }
      guard header.hasData else { return refuse(header, .message(code), in: &fabric) }
      captureSlotPower(fabric.payloads.word(tlp.payload))
    case .invalidateRequest where space.places[.addressTranslation] != nil:
      if header.isPoisoned { return refusePoisoned(header, in: &fabric) }
      guard header.payloadBytes == 8 else { return refuse(header, .message(code), in: &fabric) }
      let bytes = (0..<8).map { UInt64(fabric.payloads.byte(tlp.payload, at: $0)) }
      let range = InvalidatedRange(rawValue: bytes.reduce(0) { $0 << 8 | $1 })
      requester.invalidate(range, for: header)
      answerInvalidations(in: &fabric)
    case let known? where known.interrupt != nil:
      // Only upstream ports send these: PCI Express Base 5.0, 2.2.8.1.
      detect(.malformedTLP, .interruptMessage(code), header, in: &fabric)
    default: refuse(header, .message(code), in: &fabric)
    }
  }

  /// Tells of translations that have been forgotten, once what went by them has ended.
  func answerInvalidations(in fabric: inout Fabric) {
    for request in requester.translations.takeSettled() {
      send(.invalidateCompletion(of: request, from: id), in: &fabric)
    }
  }

  /// - Layout: value in bits 7:0 and scale in bits 9:8, kept in Device Capabilities bits 25:18 and 27:26.
  /// - Source: PCI Express Base 5.0, 2.2.8.5 and 7.5.3.3.
  private func captureSlotPower(_ limit: UInt32) {
    guard let place = space.places.express else { return }
    space.replace(
      0x3ff << 18, with: (limit & 0x3ff) << 18,
      at: place + ExpressCapability.Register.deviceCapabilities)
  }
}
