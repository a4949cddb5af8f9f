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
    case .configurationRead0, .configurationWrite0: return sendConfiguration(tlp, at: now)
    case .ioRead:
      return sendWord(tlp.header, at: now) { .ioRead(address: $0, bytes: $1, requester: .unnamed, tag: $2) }
    case .ioWrite: sendIOWrite(tlp)
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
    guard outbound.freeTags >= pieces.count else { return false }
    let tags = outbound.begin(read(request, bytes: bytes, at: now), pieces: pieces)
    for (piece, tag) in zip(pieces, tags) {
      transmit(
        TLP(
          header: .memoryRead(
            address: request.firstByteAddress + UInt64(piece.offset), bytes: isFlush ? 0 : piece.bytes,
            requester: .unnamed, tag: tag)))
    }
    return true
  }

  /// Of 4096 bytes the peer would report none: it takes 4092 at most.
  private static func readPieces(lead: Int, bytes: Int) -> [(offset: Int, bytes: Int)] {
    let first = min(bytes, 4092 - lead)
    return first == bytes ? [(0, bytes)] : [(0, first), (first, bytes - first)]
  }

  func read(
    _ request: TLPHeader, bytes: Int, purpose: WarpPipeReads.Purpose = .answer, at now: VirtualTime
  ) -> WarpPipeReads.Read {
    WarpPipeReads.Read(
      request: request, purpose: purpose, data: Array(repeating: 0, count: bytes), open: 0,
      deadline: now + settings.completionTimeout)
  }

  /// Each run of enabled bytes is a write of its own, as the peer knows no gaps; one of no bytes is none.
  private mutating func sendWrite(_ tlp: TLP) {
    for run in ByteRuns(tlp.header) {
      // With four DWs of header the peer's buffer ends two bytes before the largest payload does.
      let limit = tlp.header.hasFourDWs ? 4092 : 4096
      let address = tlp.header.address + UInt64(run.lowerBound)
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

  private mutating func sendIOWrite(_ tlp: TLP) {
    var header = tlp.header
    header.requesterID = .unnamed
    header.tag = 0
    transmit(TLP(header: header, payload: tlp.payload), completing: tlp.header)
  }

  /// Sends a read of one DW.
  private mutating func sendWord(
    _ request: TLPHeader, at now: VirtualTime, _ header: (UInt32, Int, UInt16) -> TLPHeader
  ) -> Bool {
    guard outbound.freeTags > 0 else { return false }
    let tags = outbound.begin(read(request, bytes: 4, at: now), pieces: [(0, 4)])
    transmit(TLP(header: header(UInt32(truncatingIfNeeded: request.address), 4, tags[0])))
    return true
  }

  /// The peer has one function with 64 bytes of registers, takes whole DWs and checks nothing of that.
  private mutating func sendConfiguration(_ tlp: TLP, at now: VirtualTime) -> Bool {
    let request = tlp.header
    guard request.destinationID.device == 0, request.destinationID.function == 0 else {
      answer(request, .unsupportedRequest)
      return true
    }
    if request.hasData { settings.peer = request.destinationID }
    guard request.registerOffset < 0x40 else {
      if request.hasData { answer(request, .successful) } else { answerWord(request, 0) }
      return true
    }
    if request.hasData, request.firstByteEnable == 0xf {
      writeRegister(request, tlp.payload)
      return true
    }
    guard outbound.freeTags > 0 else { return false }
    let purpose: WarpPipeReads.Purpose = request.hasData ? .merge(tlp) : .answer
    let tags = outbound.begin(read(request, bytes: 4, purpose: purpose, at: now), pieces: [(0, 4)])
    transmit(
      TLP(
        header: .configurationRead(
          of: .unnamed, offset: Int(request.registerOffset), bytes: 4, requester: .unnamed, tag: tags[0])))
    return true
  }

  private mutating func writeRegister(_ request: TLPHeader, _ value: [UInt8]) {
    let header = TLPHeader.configurationWrite(
      to: .unnamed, offset: Int(request.registerOffset), bytes: 4, requester: .unnamed, tag: 0)
    transmit(TLP(header: header, payload: value), completing: request)
  }

  private mutating func answerWord(_ request: TLPHeader, _ word: UInt32) {
    let payload = (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    arrive(TLP(header: .completionWithWord(of: request, completer: settings.peer), payload: payload))
  }

  /// Takes a completion of the peer.
  mutating func takePeersCompletion(_ tlp: TLP, at now: VirtualTime) {
    let tag = tlp.header.tag
    guard let missing = outbound.missingBytes(tag) else {
      return notes.append(.unexpectedCompletion(tag: tag))
    }
    // Without data a peer says that the read has failed, with data there is one completion for all of it,
    // and its first byte is that of the request.
    let isWhole = tlp.header.hasData && tlp.payload.count >= missing
    let read =
      isWhole
      ? outbound.fill(tag, with: tlp.payload[0..<missing]) : outbound.fail(tag, .unsupportedRequest)
    if let read { finish(read) }
  }

  private mutating func finish(_ read: WarpPipeReads.Read) {
    let request = read.request
    if let failure = read.failure { return answer(request, failure) }
    switch read.purpose {
    case .silence: break
    case .merge(let write):
      var value = read.data
      for run in ByteRuns(request) { value.replaceSubrange(run, with: write.payload[run]) }
      writeRegister(request, value)
    case .answer where request.kind == .memoryRead: answerRead(read)
    case .answer: answerWord(request, word(of: read))
    }
  }

  /// The value of a register.
  ///
  /// The peer calls its memory BARs I/O; as such nothing could be done with them.
  private func word(of read: WarpPipeReads.Read) -> UInt32 {
    let word = read.data.loadLE(at: 0, as: UInt32.self)
    let isBar =
      read.request.kind == .configurationRead0 && (0x10..<0x28).contains(read.request.registerOffset)
    return isBar && word & 1 == 1 ? word & ~3 : word
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
