public import PCIe

/// What a configuration request asked of a port's function, besides its answer.
public struct BridgeAnswer: Sendable {
  public var completion: FabricTLP
  public var write: ConfigurationWrite?
}

extension BridgeFunction {
  /// Answers a configuration request that is for this function.
  ///
  /// A poisoned write changes nothing and ends as an unsupported request.
  /// - Source: PCI Express Base 5.0, 2.3.1 "Request Handling Rules" and 2.7.2.2.
  public mutating func answer(_ tlp: FabricTLP, in fabric: inout Fabric) -> BridgeAnswer {
    let request = tlp.header
    let offset = Int(request.registerOffset)
    if request.kind == .configurationRead0 || request.kind == .configurationRead1 {
      let payload = fabric.payloads.take(bytes: 4)
      fabric.payloads.setWord(payload, to: space.read(offset: offset))
      let header = TLPHeader.completionWithWord(of: request, completer: id)
      return BridgeAnswer(completion: FabricTLP(header: header, payload: payload))
    }
    guard !request.isPoisoned else {
      return BridgeAnswer(
        completion: FabricTLP(header: .completion(of: request, status: .unsupportedRequest, completer: id)))
    }
    let write = write(
      offset: offset, value: fabric.payloads.word(tlp.payload), byteEnables: request.firstByteEnable)
    return BridgeAnswer(
      completion: FabricTLP(header: .completion(of: request, status: .successful, completer: id)),
      write: write)
  }

  /// Whether a write holds the secondary bus in reset, lets it go, or neither.
  public func resetChange(_ write: ConfigurationWrite) -> Bool? {
    let bit = BridgeControlBits.secondaryBusReset
    guard write.changes(HeaderRegister.bridgeControl, bits: bit.rawValue) else { return nil }
    return space.bridgeControl.contains(bit)
  }

  /// Whether a write switches the link below off, on, or neither.
  public func linkDisableChange(_ write: ConfigurationWrite) -> Bool? {
    guard let place = space.places.express,
      write.changes(place + ExpressCapability.Register.linkControl, bits: 1 << 4)
    else { return nil }
    return space.isLinkDisabled
  }
}
