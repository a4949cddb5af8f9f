import PCIe
import Simulation

// TLPs of the peer, in the form that the specification wants.
extension WarpPipeSession {
  /// Takes a TLP of the peer, whose flags and IDs have no meaning.
  mutating func handle(_ tlp: TLP, at now: VirtualTime) {
    switch tlp.header.kind {
    case .completion, .completionWithData: takePeersCompletion(tlp, at: now)
    case .memoryWrite:
      enableTarget(at: now)
      forwardWrite(tlp)
    case .memoryRead, .configurationRead0, .configurationWrite0, .ioRead, .ioWrite:
      if waiting.isEmpty, admit(tlp, at: now) { return }
      waiting.append(tlp)
    default: notes.append(.notCarried(tlp.header))
    }
  }

  /// Goes on with requests that had to wait for a tag.
  mutating func admitWaiting(at now: VirtualTime) {
    var count = 0
    while count < waiting.count, admit(waiting[count], at: now) { count += 1 }
    waiting.removeFirst(count)
  }

  /// Begins a request of the peer; false when too few tags are free.
  private mutating func admit(_ tlp: TLP, at now: VirtualTime) -> Bool {
    let header = tlp.header
    switch header.kind {
    case .memoryRead: return forwardRead(header, at: now)
    case .configurationRead0, .configurationWrite0: return forwardConfiguration(tlp, at: now)
    default: return forwardWord(tlp, at: now)
    }
  }

  /// A host of this wire never enables memory; its first request takes that as said, and again the first
  /// behind an address that it gives to a BAR, as it has to after a function-level reset.
  private mutating func enableTarget(at now: VirtualTime) {
    guard settings.role == .host, !isTargetEnabled, inbound.freeTags > 0 else { return }
    isTargetEnabled = true
    let command = TLPHeader.configurationWrite(
      to: settings.target, offset: 4, bytes: 2, requester: settings.peer, tag: 0)
    let read = read(command, bytes: 4, isAwaited: false, at: now)
    var header = command
    header.tag = inbound.begin(read, pieces: [(0, 4)])[0]
    arrive(TLP(header: header, payload: [0x07, 0, 0, 0]))
  }

  private mutating func forwardRead(_ request: TLPHeader, at now: VirtualTime) -> Bool {
    let isFlush = request.firstByteEnable == 0
    let bytes = isFlush ? 1 : request.requestedBytes
    let address = isFlush ? request.address : request.firstByteAddress
    let pieces = Array(
      RequestSplitter(address: address, bytes: bytes, limitBytes: settings.maxReadRequestBytes))
    // One more for the write that enables the target.
    guard inbound.freeTags > pieces.count else { return false }
    enableTarget(at: now)
    let tags = inbound.begin(
      read(request, bytes: bytes, at: now), pieces: pieces.map { ($0.offset, $0.bytes) })
    for (piece, tag) in zip(pieces, tags) {
      arrive(
        TLP(
          header: .memoryRead(
            address: piece.address, bytes: isFlush ? 0 : piece.bytes, requester: settings.peer, tag: tag)))
    }
    return true
  }

  private mutating func forwardWrite(_ tlp: TLP) {
    for run in ByteRuns(tlp.header) {
      let address = tlp.header.address + UInt64(run.lowerBound)
      for piece in RequestSplitter(
        address: address, bytes: run.count, limitBytes: settings.maxPayloadBytes)
      {
        let header = TLPHeader.memoryWrite(
          address: piece.address, bytes: piece.bytes, requester: settings.peer)
        var payload = [UInt8](repeating: 0, count: header.payloadBytes)
        copyBytes(
          from: tlp.payload, at: run.lowerBound + piece.offset, to: &payload, at: Int(piece.address & 3),
          count: piece.bytes)
        arrive(TLP(header: header, payload: payload))
      }
    }
  }

  /// The register offset is one number of 32 bits; what lies above configuration space is nobody's.
  private mutating func forwardConfiguration(_ tlp: TLP, at now: VirtualTime) -> Bool {
    let request = tlp.header
    guard settings.role == .host, request.dw2 < 4096 else {
      answerPeer(read(request, bytes: 4, at: now), failure: .unsupportedRequest)
      return true
    }
    guard inbound.freeTags > 0 else { return false }
    if request.hasData, Self.barRegisters.contains(request.registerOffset) { isTargetEnabled = false }
    let tags = inbound.begin(
      read(request, bytes: 4, isAwaited: !request.hasData, at: now), pieces: [(0, 4)])
    var header = request
    header.requesterID = settings.peer
    header.destinationID = settings.target
    header.tag = tags[0]
    arrive(TLP(header: header, payload: tlp.payload))
    return true
  }

  /// - Source: PCI Express Base 5.0, 7.5.1.2.1 "Base Address Registers".
  private static let barRegisters: Range<UInt16> = 0x10..<0x28

  private mutating func forwardWord(_ tlp: TLP, at now: VirtualTime) -> Bool {
    guard inbound.freeTags > 1 else { return false }
    enableTarget(at: now)
    let tags = inbound.begin(
      read(tlp.header, bytes: 4, isAwaited: !tlp.header.hasData, at: now), pieces: [(0, 4)])
    var header = tlp.header
    header.requesterID = settings.peer
    header.tag = tags[0]
    arrive(TLP(header: header, payload: tlp.payload))
    return true
  }

  /// Takes a completion of a request of the peer.
  mutating func takeCompletion(_ tlp: TLP, at now: VirtualTime) {
    let header = tlp.header
    guard let missing = inbound.missingBytes(header.tag) else {
      return notes.append(.unexpectedCompletion(tag: header.tag))
    }
    var read: WarpPipeReads.Read?
    if header.completionStatus != .successful || header.isPoisoned {
      let status = header.completionStatus
      read = inbound.fail(header.tag, status == .successful ? .completerAbort : status)
    } else if header.hasData {
      let lead = Int(header.lowerAddress & 3)
      let end = min(tlp.payload.count, lead + missing)
      read = inbound.fill(header.tag, with: tlp.payload[min(lead, end)..<end])
    } else {
      read = inbound.fill(header.tag, with: ArraySlice(repeating: 0, count: missing))
    }
    if let read { answerPeer(read, failure: read.failure) }
    admitWaiting(at: now)
  }

  /// Gives the peer one completion with all the data, the first byte first; it takes no other form.
  ///
  /// A failure has data too, all ones, as software sees a failed read: without data the peer would wait for
  /// ever. The status, which the peer does not look at, tells the failure.
  mutating func answerPeer(_ read: WarpPipeReads.Read, failure: CompletionStatus?) {
    guard read.isAwaited else { return }
    var request = read.request
    request.requesterID = .unnamed
    let isFlush = request.kind == .memoryRead && request.firstByteEnable == 0
    var header = TLPHeader.completionWithWord(of: request, completer: .unnamed)
    // A zero-length read comes with a Length of 1024 DWs, of which nothing would be left but to send them.
    header.lengthDW = isFlush ? 1 : request.lengthDW
    header.dw1 = header.dw1 & ~0xfff | UInt32(truncatingIfNeeded: isFlush ? 0 : read.data.count & 0xfff)
    var payload = [UInt8](repeating: 0, count: header.payloadBytes)
    if let failure {
      header.completionStatus = failure
      for index in payload.indices { payload[index] = 0xff }
    } else if !isFlush {
      payload.replaceSubrange(0..<read.data.count, with: read.data)
    }
    transmit(TLP(header: header, payload: payload))
  }
}
