import LinkBroker
import PCIe
import Simulation

// What the device wants of the host's memory, as requests on the link.
extension VfioUserDeviceSession {
  /// Sends requests, as far as there is room.
  mutating func issue(_ node: any OutsideEnd, _ port: FabricPort, in fabric: inout Fabric) -> Bool {
    var hasMoved = false
    while let place = accesses.first {
      while !accesses[place].isIssued {
        guard sendPiece(place, node, port, in: &fabric) else { return hasMoved }
        hasMoved = true
      }
      accesses.removeFirst()
      finishIfDone(place)
    }
    return hasMoved
  }

  /// Sends the next request of an access; false when it has to wait.
  private mutating func sendPiece(
    _ place: Int, _ node: any OutsideEnd, _ port: FabricPort, in fabric: inout Fabric
  ) -> Bool {
    let access = accesses[place]
    let limit = access.isWrite ? told.maxPayloadBytes : told.maxReadRequestBytes
    var pieces = RequestSplitter(
      address: access.range.offset &+ UInt64(access.issued), bytes: access.range.count - access.issued,
      limitBytes: limit)
    guard let piece = pieces.next() else { return false }
    guard access.isWrite ? fabric.waitingTLPs(at: port) < Self.backlogMax : accesses.hasTag else {
      return false
    }
    accesses[place].issued += piece.bytes
    if access.isWrite {
      if !write(piece, access, node, in: &fabric) { refuse(place) }
      return true
    }
    accesses[place].open += 1
    let tag = accesses.begin(
      VfioUserPart(
        access: place, offset: access.issued, bytes: piece.bytes, address: piece.address, isMemory: true,
        deadline: fabric.now + Self.completionTimeout))
    let header = TLPHeader.memoryRead(
      address: piece.address, bytes: piece.bytes, requester: told.id, tag: tag)
    if node.submit(FabricTLP(header: header), in: &fabric) != nil {
      accesses.end(tag)
      accesses[place].open -= 1
      refuse(place)
    }
    return true
  }

  private func write(
    _ piece: RequestPiece, _ access: VfioUserAccess, _ node: any OutsideEnd, in fabric: inout Fabric
  ) -> Bool {
    let header = TLPHeader.memoryWrite(address: piece.address, bytes: piece.bytes, requester: told.id)
    let payload = fabric.payloads.take(bytes: header.payloadBytes)
    fabric.payloads.setWord(payload, to: 0)
    fabric.payloads.setWord(payload, at: header.payloadBytes - 4, to: 0)
    fabric.payloads.write(
      access.data, from: access.issued, count: piece.bytes, to: payload, at: Int(piece.address & 3))
    return node.submit(FabricTLP(header: header, payload: payload), in: &fabric) == nil
  }

  /// Gives up an access of a function that may not master the bus.
  private mutating func refuse(_ place: Int) {
    accesses[place].failure = accesses[place].failure ?? .status(.unsupportedRequest)
    accesses[place].issued = accesses[place].range.count
  }

  mutating func endPart(of place: Int, _ failure: VfioUserAccess.Failure?) {
    accesses[place].open -= 1
    if let failure, accesses[place].failure == nil { accesses[place].failure = failure }
    finishIfDone(place)
  }

  private mutating func finishIfDone(_ place: Int) {
    guard accesses[place].isIssued, accesses[place].open == 0, accesses.first != place else { return }
    let access = accesses.remove(place)
    guard case .host(let token?) = access.origin else { return }
    let data = access.failure != nil ? nil : access.isWrite ? [] : access.data
    client.answer(token, address: access.range.offset, count: access.range.count, data: data)
  }

  mutating func expire(at now: VirtualTime) -> Bool {
    guard let deadline = accesses.deadline, deadline <= now else { return false }
    for tag in accesses.tags(dueAt: now) {
      guard let part = accesses.part(tag) else { continue }
      notes.append("a read of the device, tag \(tag), got no completion within 1 s")
      accesses.end(tag)
      endPart(of: part.access, .timeout)
    }
    return true
  }
}
