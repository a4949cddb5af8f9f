import LinkBroker
import PCIe
import Simulation

// What the device wants of the host's memory, as requests on the link.
extension VfioUserDeviceSession {
  /// Sends what the device has sent, as far as there is room.
  mutating func issue(_ node: any OutsideEnd, _ port: FabricPort, in fabric: inout Fabric) -> Bool {
    var hasMoved = false
    while let item = outflow.first {
      switch item {
      case .write(let token, let address, let data):
        let before = outflow.written
        guard write(token, address, data, node, port, in: &fabric) else {
          return issueReads(node, in: &fabric) || hasMoved || outflow.written != before
        }
      case .read(let access): accesses.add(access)
      case .completion(let request, let reply): complete(request, reply, node, in: &fabric)
      case .interrupt(let index, let vector): announce(index, vector, node, in: &fabric)
      }
      outflow.removeFirst()
      hasMoved = true
    }
    return issueReads(node, in: &fabric) || hasMoved
  }

  /// Sends the rest of a write and answers it; false when some has to wait.
  private mutating func write(
    _ token: VfioUserToken, _ address: UInt64, _ data: [UInt8], _ node: any OutsideEnd, _ port: FabricPort,
    in fabric: inout Fabric
  ) -> Bool {
    var isTaken = true
    while isTaken, outflow.written < data.count {
      guard fabric.waitingTLPs(at: port) < Self.backlogMax else { return false }
      let start = outflow.written
      var pieces = RequestSplitter(
        address: address &+ UInt64(start), bytes: data.count - start, limitBytes: told.maxPayloadBytes)
      guard let piece = pieces.next() else { break }
      outflow.written += piece.bytes
      // A function that may not master the bus sends nothing.
      isTaken = write(piece, data, from: start, node, in: &fabric)
    }
    client.answer(token, address: address, count: data.count, data: isTaken ? [] : nil)
    return true
  }

  private func write(
    _ piece: RequestPiece, _ data: [UInt8], from start: Int, _ node: any OutsideEnd, in fabric: inout Fabric
  ) -> Bool {
    let header = TLPHeader.memoryWrite(address: piece.address, bytes: piece.bytes, requester: told.id)
    let payload = fabric.payloads.take(bytes: header.payloadBytes)
    fabric.payloads.setWord(payload, to: 0)
    fabric.payloads.setWord(payload, at: header.payloadBytes - 4, to: 0)
    fabric.payloads.write(data, from: start, count: piece.bytes, to: payload, at: Int(piece.address & 3))
    return node.submit(FabricTLP(header: header, payload: payload), in: &fabric) == nil
  }

  private mutating func issueReads(_ node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    var hasMoved = false
    while let place = accesses.first {
      while !accesses[place].isIssued {
        guard accesses.hasTag else { return hasMoved }
        read(place, node, in: &fabric)
        hasMoved = true
      }
      accesses.removeFirst()
      finishIfDone(place)
    }
    return hasMoved
  }

  /// Sends the next request of a read; there is a tag.
  private mutating func read(_ place: Int, _ node: any OutsideEnd, in fabric: inout Fabric) {
    if accesses[place].data.isEmpty {
      accesses[place].data = Array(repeating: 0, count: accesses[place].range.count)
    }
    let access = accesses[place]
    var pieces = RequestSplitter(
      address: access.range.offset &+ UInt64(access.issued), bytes: access.range.count - access.issued,
      limitBytes: told.maxReadRequestBytes)
    guard let piece = pieces.next() else { return }
    accesses[place].issued += piece.bytes
    accesses[place].open += 1
    let tag = accesses.begin(
      VfioUserPart(
        access: place, offset: access.issued, bytes: piece.bytes, address: piece.address, isMemory: true,
        deadline: fabric.now + Self.completionTimeout))
    let header = TLPHeader.memoryRead(
      address: piece.address, bytes: piece.bytes, requester: told.id, tag: tag)
    guard node.submit(FabricTLP(header: header), in: &fabric) != nil else { return }
    accesses.end(tag)
    accesses[place].open -= 1
    accesses[place].failure = accesses[place].failure ?? .status(.unsupportedRequest)
    accesses[place].issued = access.range.count
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
    client.answer(
      token, address: access.range.offset, count: access.range.count,
      data: access.failure == nil ? access.data : nil)
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
