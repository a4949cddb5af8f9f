import LinkBroker
import PCIe

// TLPs on their way from one root port to another.
extension RootComplexCore {
  /// Passes a TLP on, in pieces where its payload is larger than the hierarchy there takes.
  ///
  /// - Source: PCI Express Base 5.0, 1.3.1 "Root Complex": it may split what it routes from peer to peer.
  mutating func pass(
    _ tlp: FabricTLP, from source: Int, to target: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    let port = ports.ports[target]
    let errors = port.bridge.egressErrors(tlp).map { ErrorPrecedence.Found($0, isAdvisory: true) }
    if let first = ErrorPrecedence.reported(errors) {
      return block(tlp, first.violation, at: source, by: target, "software has it blocked", in: &fabric)
    }
    if tlp.header.isPoisoned, tlp.header.hasData {
      // An intermediate receiver: PCI Express Base 5.0, 6.2.3.2.4.2.
      ports.ports[source].bridge.space.raiseSecondary(.detectedParityError)
      report(.poisonedTLP, tlp.header, port: source, "it passes with poisoned data", in: &fabric)
    }
    guard Int(tlp.payload.bytes) > port.maxPayloadBytes else {
      fabric.forward(tlp, from: port.port)
      return .forwarded
    }
    let data = fabric.payloads.copy(tlp.payload)
    let isWrite = tlp.header.kind == .memoryWrite
    for piece in isWrite ? tlp.header.writePieces(port) : tlp.header.completionPieces(port) {
      let payload = fabric.payloads.take(bytes: piece.header.payloadBytes)
      fabric.payloads.write(data, from: piece.offset, count: piece.header.payloadBytes, to: payload)
      fabric.send(FabricTLP(header: piece.header, payload: payload), from: port.port)
    }
    return .consumed
  }
}

extension TLPHeader {
  /// A TLP that takes a part of another one's payload.
  ///
  /// - Units: `offset` in bytes, where its payload starts in that of the whole.
  typealias Piece = (header: TLPHeader, offset: Int)

  fileprivate func writePieces(_ port: RootPort) -> [Piece] {
    let splitter = RequestSplitter(
      address: firstByteAddress, bytes: requestedBytes, limitBytes: port.maxPayloadBytes)
    return splitter.map { piece in
      let part = TLPHeader.memoryWrite(address: piece.address, bytes: piece.bytes, requester: requesterID)
      var header = self
      header.lengthDW = part.lengthDW
      header.firstByteEnable = part.firstByteEnable
      header.lastByteEnable = part.lastByteEnable
      header.address = part.address
      return (header, Int(part.address - address))
    }
  }

  fileprivate func completionPieces(_ port: RootPort) -> [Piece] {
    let lead = Int(lowerAddress & 3)
    let bytes = min(byteCount, payloadBytes - lead)
    let splitter = CompletionSplitter(
      address: UInt64(lowerAddress), bytes: bytes, maxPayloadBytes: port.maxPayloadBytes,
      boundary: Int(RootComplexCore.readCompletionBoundary))
    return splitter.map { piece in
      var header = self
      header.lengthDW = piece.payloadBytes / 4
      header.byteCount = byteCount - piece.offset
      header.lowerAddress = UInt8(truncatingIfNeeded: piece.address & 0x7f)
      return (header, piece.offset + lead - Int(piece.address & 3))
    }
  }
}
