public import LinkBroker
import PCIe

extension Requester {
  /// Writes memory; split by Max_Payload_Size and at each 4 KiB boundary. Posted: it ends when it is queued.
  ///
  /// - Returns: `.successful`, `.notSent` without the right to request, `.unsupportedRequest` where no port
  ///   leads.
  /// - Source: PCI Express Base 5.0, 2.2.7 "Memory, I/O, and Configuration Request Rules".
  public mutating func write(
    address: UInt64, data: [UInt8], from start: Int = 0, count: Int, marks: RequestMarks = RequestMarks(),
    over path: borrowing some RequestPath & ~Copyable,
    in fabric: inout Fabric
  ) -> RequestStatus {
    guard limits.mayRequest else { return .notSent }
    var offset = 0
    repeat {
      let place = address &+ UInt64(offset)
      let piece = Self.pieceBytes(place, count - offset, limit: limits.maxPayloadBytes)
      let target =
        limits.translates
        ? translated(place, marks.prefix, isWrite: true, over: path, in: &fabric) : nil
      var header = TLPHeader.memoryWrite(address: target ?? place, bytes: piece, requester: id)
      if !marks.isEmpty { marks.put(on: &header, isTranslated: target != nil) }
      if target != nil { header.addressType = TLPHeader.translatedType }
      guard let port = path.port(for: &header) else { return .unsupportedRequest }
      let payload: PayloadReference
      if header.payloadBytes == piece {
        payload = fabric.payloads.take(copying: data, from: start + offset, count: piece)
      } else {
        payload = fabric.payloads.take(bytes: header.payloadBytes)
        fabric.payloads.setWord(payload, at: 0, to: 0)
        fabric.payloads.setWord(payload, at: header.payloadBytes - 4, to: 0)
        fabric.payloads.write(data, from: start + offset, count: piece, to: payload, at: Int(place & 3))
      }
      countRequest()
      fabric.send(FabricTLP(header: header, payload: payload), from: port)
      offset += piece
    } while offset < count
    return .successful
  }
}
