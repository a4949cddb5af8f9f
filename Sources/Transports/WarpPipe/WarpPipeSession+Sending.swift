public import PCIe
public import Simulation

// TLPs of the fabric, in the form that the peer takes.
extension WarpPipeSession {
  /// Sends a TLP of the fabric to the peer; false when the peer cannot take it now.
  public mutating func send(_ tlp: TLP, at now: VirtualTime) -> Bool {
    guard transmitter.hasWindow else { return false }
    switch tlp.header.kind {
    case .memoryRead: return sendRead(tlp.header, at: now)
    case .memoryWrite: sendWrite(tlp)
    case .configurationRead0: return sendConfigurationRead(tlp.header, at: now)
    case .configurationWrite0: sendConfigurationWrite(tlp)
    case .completion, .completionWithData, .completionLocked, .completionLockedWithData:
      takeCompletion(tlp, at: now)
    default: decline(tlp.header)
    }
    return true
  }

  /// What the wire has no form for.
  private mutating func decline(_ header: TLPHeader) {
    // Messages tell a peer of things that it does not know; nothing is lost without them.
    if header.kind?.isMessage == true { return }
    notes.append(.notCarried(header))
    answer(header, .unsupportedRequest)
  }

  private mutating func answer(_ request: TLPHeader, _ status: CompletionStatus) {
    guard request.kind?.flowControlClass == .nonPosted else { return }
    arrive(TLP(header: .completion(of: request, status: status, completer: settings.peer)))
  }

  private mutating func sendRead(_ request: TLPHeader, at now: VirtualTime) -> Bool {
    let isFlush = request.firstByteEnable == 0
    let bytes = isFlush ? 1 : request.requestedBytes
    let pieces = Self.readPieces(lead: request.leadBytes, bytes: bytes)
    let address = settings.peerAddress(of: request.firstByteAddress)
    guard hasTags(pieces.count) else { return false }
    let tags = outbound.begin(read(request, bytes: bytes, at: now), pieces: pieces)
    for (piece, tag) in zip(pieces, tags) {
      transmit(
        TLP(
          header: .memoryRead(
            address: address + UInt64(piece.offset), bytes: isFlush ? 0 : piece.bytes,
            requester: .unnamed, tag: tag)))
    }
    return true
  }

  /// Whether so many tags are free; if not, the oldest request may be given up.
  private mutating func hasTags(_ count: Int) -> Bool {
    isShortOfTags = outbound.freeTags < count
    return !isShortOfTags
  }

  /// Of 4096 bytes the peer would report none: it takes 4092 at most.
  private static func readPieces(lead: Int, bytes: Int) -> [(offset: Int, bytes: Int)] {
    let first = min(bytes, 4092 - lead)
    return first == bytes ? [(0, bytes)] : [(0, first), (first, bytes - first)]
  }

  func read(
    _ request: TLPHeader, bytes: Int, isAwaited: Bool = true, at now: VirtualTime
  ) -> WarpPipeReads.Read {
    WarpPipeReads.Read(
      request: request, isAwaited: isAwaited, data: Array(repeating: 0, count: bytes), open: 0,
      deadline: now + settings.completionTimeout)
  }

  /// Each run of enabled bytes is a write of its own, as the peer knows no gaps; one of no bytes is none.
  private mutating func sendWrite(_ tlp: TLP) {
    let start = settings.peerAddress(of: tlp.header.address)
    // With four DWs of header the peer's buffer ends two bytes before the largest payload does.
    let limit = start >> 32 == 0 ? 4096 : 4092
    for run in ByteRuns(tlp.header) {
      let address = start + UInt64(run.lowerBound)
      for piece in RequestSplitter(address: address, bytes: run.count, limitBytes: limit) {
        let header = TLPHeader.memoryWrite(address: piece.address, bytes: piece.bytes, requester: .unnamed)
        var payload = [UInt8](repeating: 0, count: header.payloadBytes)
        copyBytes(
          from: tlp.payload, at: run.lowerBound + piece.offset, to: &payload, at: Int(piece.address & 3),
          count: piece.bytes)
        transmit(TLP(header: header, payload: payload))
      }
    }
  }

  /// The peer has 64 bytes of registers, takes whole DWs and checks nothing of that.
  private mutating func sendConfigurationRead(_ request: TLPHeader, at now: VirtualTime) -> Bool {
    guard isRegister(request) else {
      decline(request)
      return true
    }
    guard hasTags(1) else { return false }
    let tags = outbound.begin(read(request, bytes: 4, at: now), pieces: [(0, 4)])
    transmit(
      TLP(
        header: .configurationRead(
          of: .unnamed, offset: Int(request.registerOffset), bytes: 4, requester: .unnamed, tag: tags[0])))
    return true
  }

  private mutating func sendConfigurationWrite(_ tlp: TLP) {
    guard isRegister(tlp.header) else { return decline(tlp.header) }
    let header = TLPHeader.configurationWrite(
      to: .unnamed, offset: Int(tlp.header.registerOffset), bytes: 4, requester: .unnamed, tag: 0)
    transmit(TLP(header: header, payload: tlp.payload), completing: tlp.header)
  }

  private func isRegister(_ request: TLPHeader) -> Bool {
    request.registerOffset < 0x40 && request.firstByteEnable == 0xf
  }

  /// Takes a completion of the peer.
  mutating func takePeersCompletion(_ tlp: TLP, at now: VirtualTime) {
    let tag = tlp.header.tag
    guard let missing = outbound.missingBytes(tag) else {
      return notes.append(.unexpectedCompletion(tag: tag))
    }
    // Without data a peer says that the read has failed, with data there is one completion for all of it,
    // and its first byte is that of the request.
    let status = tlp.header.completionStatus
    let read: WarpPipeReads.Read?
    if status == .successful, tlp.header.hasData, tlp.payload.count >= missing {
      read = outbound.fill(tag, with: tlp.payload[0..<missing])
    } else {
      read = outbound.fail(tag, status == .successful ? .unsupportedRequest : status)
    }
    if let read { finish(read) }
  }

  private mutating func finish(_ read: WarpPipeReads.Read) {
    if let failure = read.failure { return answer(read.request, failure) }
    guard read.request.kind == .configurationRead0 else { return answerRead(read) }
    arrive(
      TLP(header: .completionWithWord(of: read.request, completer: settings.peer), payload: read.data))
  }

  private mutating func answerRead(_ read: WarpPipeReads.Read) {
    let pieces = CompletionSplitter(
      read.request, maxPayloadBytes: max(settings.maxPayloadBytes, settings.readCompletionBoundary),
      boundary: settings.readCompletionBoundary)
    for piece in pieces {
      let header = piece.header(of: read.request, completer: settings.peer)
      var payload = [UInt8](repeating: 0, count: header.payloadBytes)
      if read.request.firstByteEnable != 0 {
        copyBytes(
          from: read.data, at: piece.offset, to: &payload, at: Int(piece.address & 3), count: piece.bytes)
      }
      arrive(TLP(header: header, payload: payload))
    }
  }
}

extension FunctionAddress {
  /// What stands in the ID fields of this wire.
  static var unnamed: FunctionAddress { FunctionAddress(rawValue: 0) }
}
