import Glibc
import LinkBroker
import PCIe
import Simulation

/// A configuration request that the device wants to have again.
struct VfioUserRetry {
  var part: VfioUserPart
  var due: VirtualTime

  /// Software waits about as long between two looks at a device that comes out of a reset.
  static let interval = VirtualDuration.milliseconds(1)
}

// Accesses of the host, as requests on the link.
extension VfioUserSession {
  /// Sends the requests of accesses in the order in which these came, as far as there is room.
  mutating func issue(_ node: any OutsideEnd, _ port: FabricPort, in fabric: inout Fabric) -> Bool {
    guard accesses.first != nil || !retries.isEmpty else { return false }
    switch fabric.state(ofLink: port.link) {
    case .up: recovery.patience = nil
    case .down: return failWaiting()
    default:
      // A host that waits for an answer for too long gives up for good.
      let end = recovery.patience ?? fabric.now + Self.completionTimeout
      recovery.patience = end <= fabric.now ? nil : end
      return recovery.patience == nil ? failWaiting() : false
    }
    var hasMoved = issueRetries(node, in: &fabric)
    while let place = accesses.first, !isHeldBack(place) {
      guard send(place, node, port, in: &fabric) else { return hasMoved }
      hasMoved = true
      accesses.removeFirst()
      finishIfDone(place)
    }
    return hasMoved
  }

  /// What follows a write to configuration space may mean other addresses than before.
  private func isHeldBack(_ place: Int) -> Bool {
    accesses.table.contains { access in
      guard let access, access.isWrite, access.isConfiguration else { return false }
      return access.open > 0
    }
  }

  /// Sends the requests of an access; false when some have to wait.
  private mutating func send(
    _ place: Int, _ node: any OutsideEnd, _ port: FabricPort, in fabric: inout Fabric
  ) -> Bool {
    while !accesses[place].isIssued {
      let access = accesses[place]
      // The rest would not do better, and take as long again.
      if access.failure != nil {
        accesses[place].issued = access.range.count
      } else if access.isConfiguration || registers.isIO(access.range.region) {
        guard accesses.hasTag else { return false }
        sendWord(place, node, in: &fabric)
      } else if access.isWrite {
        guard fabric.waitingTLPs(at: port) < Self.backlogMax else { return false }
        sendWrite(place, node, port, in: &fabric)
      } else {
        guard accesses.hasTag else { return false }
        sendRead(place, node, in: &fabric)
      }
    }
    return true
  }

  private mutating func sendWord(_ place: Int, _ node: any OutsideEnd, in fabric: inout Fabric) {
    let access = accesses[place]
    let base = access.isConfiguration ? 0 : registers.address(of: access.range.region)
    let address = base &+ access.range.offset &+ UInt64(access.issued)
    let bytes = min(4 - Int(address & 3), access.range.count - access.issued)
    accesses[place].issued += bytes
    accesses[place].open += 1
    let part = VfioUserPart(
      access: place, offset: access.issued, bytes: bytes, address: address, isMemory: false,
      deadline: fabric.now + Self.completionTimeout)
    send(part, access, node, in: &fabric)
  }

  /// Sends a configuration or I/O request of bytes within one DW.
  private mutating func send(
    _ part: VfioUserPart, _ access: VfioUserAccess, _ node: any OutsideEnd, in fabric: inout Fabric
  ) {
    let tag = accesses.begin(part)
    let word = UInt32(truncatingIfNeeded: part.address)
    let (target, offset) = (Self.target(at: node.port), Int(word & 0xfff))
    let header: TLPHeader =
      switch (access.isConfiguration, access.isWrite) {
      case (true, false):
        .configurationRead(of: target, offset: offset, bytes: part.bytes, requester: Self.host, tag: tag)
      case (true, true):
        .configurationWrite(to: target, offset: offset, bytes: part.bytes, requester: Self.host, tag: tag)
      case (false, false): .ioRead(address: word, bytes: part.bytes, requester: Self.host, tag: tag)
      case (false, true): .ioWrite(address: word, bytes: part.bytes, requester: Self.host, tag: tag)
      }
    var payload = PayloadReference.none
    if access.isWrite {
      payload = fabric.payloads.take(bytes: 4)
      fabric.payloads.setWord(payload, to: 0)
      fabric.payloads.write(
        access.data, from: part.offset, count: part.bytes, to: payload, at: Int(part.address & 3))
    }
    _ = node.submit(FabricTLP(header: header, payload: payload), in: &fabric)
  }

  private mutating func sendRead(_ place: Int, _ node: any OutsideEnd, in fabric: inout Fabric) {
    guard let piece = nextPiece(place, limitBytes: 4096) else { return }
    accesses[place].issued += piece.bytes
    accesses[place].open += 1
    let tag = accesses.begin(
      VfioUserPart(
        access: place, offset: accesses[place].issued - piece.bytes, bytes: piece.bytes,
        address: piece.address, isMemory: true, deadline: fabric.now + Self.completionTimeout))
    let header = TLPHeader.memoryRead(
      address: piece.address, bytes: piece.bytes, requester: Self.host, tag: tag)
    _ = node.submit(FabricTLP(header: header), in: &fabric)
  }

  private mutating func sendWrite(
    _ place: Int, _ node: any OutsideEnd, _ port: FabricPort, in fabric: inout Fabric
  ) {
    guard let piece = nextPiece(place, limitBytes: payloadLimit(port, in: fabric)) else { return }
    let header = TLPHeader.memoryWrite(address: piece.address, bytes: piece.bytes, requester: Self.host)
    let payload = fabric.payloads.take(bytes: header.payloadBytes)
    fabric.payloads.setWord(payload, to: 0)
    fabric.payloads.setWord(payload, at: header.payloadBytes - 4, to: 0)
    fabric.payloads.write(
      accesses[place].data, from: accesses[place].issued, count: piece.bytes, to: payload,
      at: Int(piece.address & 3))
    accesses[place].issued += piece.bytes
    _ = node.submit(FabricTLP(header: header, payload: payload), in: &fabric)
  }

  private func nextPiece(_ place: Int, limitBytes: Int) -> RequestPiece? {
    let access = accesses[place]
    let start = registers.address(of: access.range.region) &+ access.range.offset
    var pieces = RequestSplitter(
      address: start &+ UInt64(access.issued), bytes: access.range.count - access.issued,
      limitBytes: limitBytes)
    return pieces.next()
  }

  /// What link and device take.
  func payloadLimit(_ port: FabricPort, in fabric: borrowing Fabric) -> Int {
    min(fabric.configuration(ofLink: port.link).maxPayloadBytes, registers.maxPayloadBytes)
  }

  // MARK: Completions

  /// Takes a completion of the device.
  mutating func complete(_ tlp: FabricTLP, _ port: FabricPort, in fabric: inout Fabric) {
    let header = tlp.header
    guard header.requesterID == Self.host else {
      return report(
        .unexpectedCompletion, header, "nobody here has the ID \(header.requesterID)", port, in: &fabric)
    }
    if header.completionStatus == .requestRetry, let part = accesses.part(header.tag),
      accesses[part.access].isConfiguration
    {
      return retry(header.tag, part, in: fabric)
    }
    switch accesses.take(tlp, in: fabric) {
    case .progress: break
    case .unexpected(let text): report(.unexpectedCompletion, header, text, port, in: &fabric)
    case .ended(let place, let failure):
      if failure == .poisoned {
        report(.poisonedTLP, header, "the completion carries poisoned data", port, in: &fabric)
      }
      endPart(of: place, failure)
    }
  }

  /// Sends a configuration request once more, later, while the device comes out of a reset.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.2 "Root Complex handling of a Completion with Request Retry Status".
  private mutating func retry(_ tag: UInt16, _ part: VfioUserPart, in fabric: borrowing Fabric) {
    let limit = accesses[part.access].retriesUntil ?? fabric.now + Self.completionTimeout
    accesses[part.access].retriesUntil = limit
    guard fabric.now < limit else { return end(tag, part, .status(.requestRetry)) }
    accesses.end(tag)
    retries.append(VfioUserRetry(part: part, due: fabric.now + VfioUserRetry.interval))
  }

  private mutating func issueRetries(_ node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    var hasMoved = false
    while let first = retries.first, first.due <= fabric.now, accesses.hasTag {
      retries.removeFirst()
      var part = first.part
      part.deadline = fabric.now + Self.completionTimeout
      send(part, accesses[part.access], node, in: &fabric)
      hasMoved = true
    }
    return hasMoved
  }

  // MARK: Ends

  private mutating func end(_ tag: UInt16, _ part: VfioUserPart, _ failure: VfioUserAccess.Failure?) {
    accesses.end(tag)
    endPart(of: part.access, failure)
  }

  private mutating func endPart(of place: Int, _ failure: VfioUserAccess.Failure?) {
    accesses[place].open -= 1
    if let failure, accesses[place].failure == nil { accesses[place].failure = failure }
    finishIfDone(place)
  }

  private mutating func finishIfDone(_ place: Int) {
    guard accesses[place].isIssued, accesses[place].open == 0, accesses.first != place else { return }
    finish(accesses.remove(place))
  }

  private mutating func finish(_ access: VfioUserAccess) {
    if access.origin == .probe { return takeProbe(access) }
    if access.origin == .upkeep, access.failure != nil {
      notes.append(
        "the device did not take back the register at 0x\(hexadecimal(access.range.offset, digits: 2)); "
          + "the host believes it to be as it was")
    }
    if access.failure == nil, access.isWrite, access.isConfiguration { takeOver(access) }
    guard case .host(let token) = access.origin else { return }
    if let reason = access.failure { note(reason, of: access) }
    guard let token, token.isAwaited else { return }
    if access.failure != nil {
      // The host reads all ones then.
      server?.fail(token, VfioUserError(number: EIO))
    } else {
      server?.complete(token, access.range, data: access.isWrite ? [] : access.data)
    }
  }

  private mutating func note(_ reason: HostFailure.Reason, of access: VfioUserAccess) {
    let region = access.range.region
    // Of a posted write nobody learns what has become of it.
    guard !access.isWrite || access.isConfiguration || registers.isIO(region) else { return }
    accesses.note(
      HostFailure(reason: reason, isConfiguration: access.isConfiguration, offset: access.range.offset))
  }

  /// Takes over what the host has set in configuration space.
  private mutating func takeOver(_ access: VfioUserAccess) {
    let offset = Int(access.range.offset)
    let isReset = registers.write(offset, access.data[...])
    interrupts.vectors.isStale = true
    guard isReset else { return }
    forget()
    // The host has BARs of its own, which it shows to its software and no reset of the function touches:
    // software finds them as they were, and does not write them again.
    recovery.upkeep = VfioUserUpkeep(words: registers.resetFunction())
  }

  /// Gives the function back what it has lost.
  mutating func giveBack() {
    guard let words = recovery.upkeep?.words else { return }
    recovery.upkeep = nil
    for (register, word) in words { set(register, to: word) }
  }

  /// Gives up requests whose completions have not come in time.
  ///
  /// - Source: PCI Express Base 5.0, 2.8 "Completion Timeout Mechanism".
  mutating func expire(_ port: FabricPort, in fabric: inout Fabric) -> Bool {
    guard let deadline = accesses.deadline, deadline <= fabric.now else { return false }
    for tag in accesses.tags(dueAt: fabric.now) {
      guard let part = accesses.part(tag) else { continue }
      let what = accesses[part.access].isConfiguration ? "configuration space" : "its region"
      report(
        .completionTimeout, nil,
        "a request of the host for \(what) at 0x\(hexadecimal(part.address, digits: 8)), tag \(tag), got no "
          + "completion within \(Self.completionTimeout.picoseconds / 1_000_000_000) ms", port, in: &fabric)
      end(tag, part, .timeout)
    }
    return true
  }

  /// Tells the host of accesses that take too long, before it takes the device for dead and later answers for
  /// garbage.
  mutating func answerLate(at now: VirtualTime) -> Bool {
    guard let deadline = accesses.answerDeadline, deadline <= now else { return false }
    for place in accesses.places(toAnswerAt: now) {
      let access = accesses[place]
      note(access.failure ?? .timeout, of: access)
      if case .host(let token?) = access.origin { server?.fail(token, VfioUserError(number: EIO)) }
      accesses[place].giveUp()
    }
    return true
  }

  /// Ends the accesses that wait, as there is nobody at the other end.
  mutating func failWaiting() -> Bool {
    var hasMoved = false
    while let place = accesses.first {
      accesses.removeFirst()
      accesses[place].issued = accesses[place].range.count
      accesses[place].failure = accesses[place].failure ?? .linkDown
      finishIfDone(place)
      hasMoved = true
    }
    return hasMoved
  }

  /// Ends all that is under way: the link has lost it.
  mutating func failAll(in fabric: inout Fabric) {
    for tag in accesses.tags(dueAt: .never) {
      if let part = accesses.part(tag) { end(tag, part, .linkDown) }
    }
    let waiting = retries
    retries.removeAll()
    for retry in waiting { endPart(of: retry.part.access, .linkDown) }
  }
}
