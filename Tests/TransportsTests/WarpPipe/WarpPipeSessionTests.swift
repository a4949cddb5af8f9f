import PCIe
import Simulation
import Testing

@testable import Transports

private typealias Vectors = WarpPipeVectors
private let now = VirtualTime.zero
private let rootID = FunctionAddress(rawValue: 0)
private let deviceID = FunctionAddress(bus: 1, device: 0, function: 0)

/// Takes the frames that wait to be written.
private func frames(_ session: inout WarpPipeSession) -> [WarpPipeFrame] {
  var reader = WarpPipeReader()
  reader.append(session.takeOutput())
  var frames: [WarpPipeFrame] = []
  while case .frame(let frame) = try? reader.next() { frames.append(frame) }
  return frames
}

extension [WarpPipeFrame] {
  fileprivate var tlps: [TLP] {
    compactMap { if case .tlp(_, let tlp) = $0 { tlp } else { nil } }
  }
}

private func arrivals(_ session: inout WarpPipeSession) -> [TLP] {
  var tlps: [TLP] = []
  while let tlp = session.nextTLP() { tlps.append(tlp) }
  return tlps
}

/// The peer is a device: the fabric asks, the peer answers.
@Suite struct WarpPipeDeviceTests {
  var session = WarpPipeSession(WarpPipeSettings(role: .device, peer: deviceID))

  @Test mutating func requestsAreThoseOfTheCapture() {
    let read = TLPHeader.configurationRead(of: deviceID, offset: 0, bytes: 4, requester: rootID, tag: 0)
    let isSent = session.send(TLP(header: read), at: now)
    #expect(isSent)
    let bytes = session.takeOutput()
    #expect(bytes == Vectors.configurationRead)
  }

  @Test mutating func answersGoToTheRequestersTag() throws {
    let read = TLPHeader.memoryRead(address: 0x10_0001, bytes: 1, requester: rootID, tag: 0x55)
    _ = session.send(TLP(header: read), at: now)
    let request = try #require(frames(&session).tlps.first)
    #expect(request.header.tag == 0)
    var answer = TLPHeader.completionWithWord(of: request.header, completer: .unnamed)
    answer.byteCount = 1
    let frame = WarpPipeFrame.tlp(sequence: 8, TLP(header: answer, payload: [0x11, 0, 0, 0]))
    try session.receive(frame.bytes, at: now)
    let completionArrived = session.nextTLP()
    let completion = try #require(completionArrived)
    #expect(completion.header.tag == 0x55)
    #expect(completion.header.lowerAddress == 1)
    #expect(completion.header.byteCount == 1)
    #expect(completion.header.completerID == deviceID)
    #expect(completion.payload == [0, 0x11, 0, 0])
    let acknowledgement = frames(&session)
    #expect(acknowledgement == [.dllp(.ack(sequence: 8))])
    #expect(session.outbound.isEmpty)
  }

  @Test mutating func largeAnswersAreCutForTheFabric() throws {
    session.settings.maxPayloadBytes = 256
    let read = TLPHeader.memoryRead(address: 0x1000, bytes: 4096, requester: rootID, tag: 1)
    _ = session.send(TLP(header: read), at: now)
    let requests = frames(&session).tlps
    #expect(requests.map(\.header.requestedBytes) == [4092, 4])
    var data = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    for (index, request) in requests.enumerated() {
      let count = request.header.requestedBytes
      var header = TLPHeader.completionWithWord(of: request.header, completer: .unnamed)
      header.lengthDW = count / 4
      header.byteCount = count
      let payload = Array(data.prefix(count))
      data.removeFirst(count)
      try session.receive(
        WarpPipeFrame.tlp(sequence: UInt16(index + 1), TLP(header: header, payload: payload)).bytes, at: now)
    }
    let completions = arrivals(&session)
    #expect(completions.count == 16)
    #expect(completions.map(\.header.byteCount) == (1...16).map { $0 * 256 }.reversed())
    let joined = completions.flatMap(\.payload)
    #expect(joined == (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 7) })
  }

  @Test mutating func configurationWritesEndWithTheirAcknowledgement() throws {
    let write = TLPHeader.configurationWrite(to: deviceID, offset: 0x10, bytes: 4, requester: rootID, tag: 9)
    _ = session.send(TLP(header: write, payload: [0xff, 0xff, 0xff, 0xff]), at: now)
    let early = session.nextTLP()
    #expect(early == nil)
    try session.receive(Vectors.ack1, at: now)
    let completionArrived = session.nextTLP()
    let completion = try #require(completionArrived)
    #expect(completion.header.kind == .completion)
    #expect(completion.header.tag == 9)
    #expect(completion.header.completionStatus == .successful)
  }

  @Test mutating func whatThePeerCannotTakeIsUnsupported() {
    for header in [
      TLPHeader.configurationRead(of: deviceID, offset: 0x40, bytes: 4, requester: rootID, tag: 1),
      .configurationRead(of: deviceID, offset: 4, bytes: 2, requester: rootID, tag: 2),
      .ioRead(address: 0x10, bytes: 4, requester: rootID, tag: 3),
      .atomic(.fetchAdd, address: 0, operandBytes: 4, requester: rootID, tag: 4),
    ] {
      _ = session.send(
        TLP(header: header, payload: [UInt8](repeating: 0, count: header.payloadBytes)), at: now)
    }
    #expect(!session.hasOutput)
    let answers = arrivals(&session)
    #expect(answers.map(\.header.tag) == [1, 2, 3, 4])
    #expect(answers.allSatisfy { $0.header.completionStatus == .unsupportedRequest })
    #expect(session.notes.count == 4)
  }

  @Test mutating func statusWithDataIsAFailure() throws {
    _ = session.send(
      TLP(header: .memoryRead(address: 0x1000, bytes: 4, requester: rootID, tag: 7)), at: now)
    let request = try #require(frames(&session).tlps.first)
    var answer = TLPHeader.completionWithWord(of: request.header, completer: .unnamed)
    answer.completionStatus = .completerAbort
    try session.receive(
      WarpPipeFrame.tlp(sequence: 1, TLP(header: answer, payload: [0xff, 0xff, 0xff, 0xff])).bytes, at: now)
    let completion = try #require(arrivals(&session).first)
    #expect(completion.header.completionStatus == .completerAbort)
    #expect(completion.payload.isEmpty)
  }

  @Test mutating func addressesAreThoseOfThePeersBars() {
    let bar = BarLayout(index: 0, bytes: 0x1000, kind: .memory64(prefetchable: false))
    session.settings.windows = [
      WarpPipeWindow(bar: bar, peerAddress: 0x8000_0000, address: 0x12_0000_0000)
    ]
    _ = session.send(
      TLP(header: .memoryRead(address: 0x12_0000_0ffc, bytes: 4, requester: rootID, tag: 0)), at: now)
    _ = session.send(
      TLP(
        header: .memoryWrite(address: 0x12_0000_0001, bytes: 2, requester: rootID), payload: [0, 1, 2, 0]),
      at: now)
    let sent = frames(&session).tlps
    #expect(sent.map(\.header.firstByteAddress) == [0x8000_0ffc, 0x8000_0001])
    #expect(sent.map(\.header.hasFourDWs) == [false, false])
  }

  @Test mutating func oneAcknowledgementStandsForAllBefore() throws {
    for address in [UInt64(0), 4, 8] {
      _ = session.send(
        TLP(header: .memoryWrite(address: address, bytes: 4, requester: rootID), payload: [1, 2, 3, 4]),
        at: now)
    }
    // The second was refused: only its own acknowledgement will do.
    try session.receive(WarpPipeFrame.dllp(.nak(sequence: 2)).bytes, at: now)
    try session.receive(WarpPipeFrame.dllp(.ack(sequence: 3)).bytes, at: now)
    #expect(session.isUnacknowledged)
    try session.receive(WarpPipeFrame.dllp(.ack(sequence: 2)).bytes, at: now)
    #expect(!session.isUnacknowledged)
  }

  @Test mutating func failureOfThePeerIsUnsupportedRequest() throws {
    for tag in 0..<12 {
      let read = TLPHeader.configurationRead(
        of: deviceID, offset: 0, bytes: 4, requester: rootID, tag: UInt16(tag))
      _ = session.send(TLP(header: read), at: now)
    }
    try session.receive(Vectors.failed, at: now)
    let completionArrived = session.nextTLP()
    let completion = try #require(completionArrived)
    #expect(completion.header.completionStatus == .unsupportedRequest)
    #expect(completion.header.tag == 11)
  }

  @Test mutating func writesAreCleanAndWithoutGaps() {
    var header = TLPHeader.memoryWrite(address: 0x14_0001, bytes: 5, requester: deviceID, tag: 0x77)
    header.attributes = .relaxedOrdering
    _ = session.send(TLP(header: header, payload: [0xaa, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0xbb, 0xcc]), at: now)
    let first = frames(&session).tlps
    #expect(first.first?.bytes == Array(Vectors.write5Clean[3..<Vectors.write5Clean.count - 4]))
    header.firstByteEnable = 0b1010
    _ = session.send(TLP(header: header, payload: [0, 1, 0, 3, 4, 5, 0, 0]), at: now)
    let runs = frames(&session).tlps
    #expect(runs.map(\.header.firstByteAddress) == [0x14_0001, 0x14_0003])
    #expect(runs.map(\.header.requestedBytes) == [1, 3])
    _ = session.send(
      TLP(header: .memoryWrite(address: 0, bytes: 0, requester: deviceID), payload: [0, 0, 0, 0]), at: now)
    #expect(!session.hasOutput)
  }

  @Test mutating func nothingOverrunsThePeer() throws {
    let header = TLPHeader.memoryWrite(address: 0x1000, bytes: 4096, requester: rootID)
    let tlp = TLP(header: header, payload: [UInt8](repeating: 1, count: 4096))
    var sent = 0
    while session.send(tlp, at: now) { sent += 1 }
    #expect(sent == 7)
    try session.receive(WarpPipeFrame.dllp(.ack(sequence: 1)).bytes, at: now)
    let goesOn = session.send(tlp, at: now)
    #expect(goesOn)
    var reads = WarpPipeSession(session.settings)
    for tag in 0..<32 {
      let isSent = reads.send(
        TLP(header: .memoryRead(address: 0, bytes: 4, requester: rootID, tag: UInt16(tag))), at: now)
      #expect(isSent)
    }
    let isSent = reads.send(
      TLP(header: .memoryRead(address: 0, bytes: 4, requester: rootID, tag: 40)), at: now)
    #expect(!isSent)
  }

  @Test mutating func nakIsAnsweredByAReplay() throws {
    for address in [UInt64(0), 4, 8] {
      _ = session.send(
        TLP(header: .memoryWrite(address: address, bytes: 4, requester: rootID), payload: [1, 2, 3, 4]),
        at: now)
    }
    _ = session.takeOutput()
    for _ in 0..<WarpPipeTransmitter.replaysMax {
      try session.receive(WarpPipeFrame.dllp(.nak(sequence: 2)).bytes, at: now)
      let again = frames(&session)
      #expect(again.tlps.map(\.header.address) == [4])
    }
    #expect(!session.isLost)
    try session.receive(WarpPipeFrame.dllp(.nak(sequence: 2)).bytes, at: now)
    #expect(session.isLost)
  }

  /// The requester on the fabric has given the request up long before, and asks again.
  @Test mutating func silenceOfThePeerCostsNoTag() throws {
    for tag in 0..<32 {
      _ = session.send(
        TLP(header: .memoryRead(address: 0, bytes: 4, requester: rootID, tag: UInt16(tag))), at: now)
    }
    let idle = session.deadline
    #expect(idle == nil)
    let again = TLP(header: .memoryRead(address: 0, bytes: 4, requester: rootID, tag: 40))
    let isEarly = session.send(again, at: now)
    #expect(!isEarly)
    let deadline = session.deadline
    #expect(deadline == now + .seconds(1))
    session.expire(at: now + .seconds(1))
    #expect(session.notes.count == 32)
    let isSent = session.send(again, at: now)
    #expect(isSent)
  }

  @Test mutating func lateAnswersStillGoToTheirRequest() throws {
    _ = session.send(TLP(header: .memoryRead(address: 0, bytes: 4, requester: rootID, tag: 3)), at: now)
    session.expire(at: now + .seconds(100))
    let request = try #require(frames(&session).tlps.first)
    let answer = TLPHeader.completionWithWord(of: request.header, completer: .unnamed)
    try session.receive(
      WarpPipeFrame.tlp(sequence: 1, TLP(header: answer, payload: [1, 2, 3, 4])).bytes, at: now)
    let tags = arrivals(&session).map(\.header.tag)
    #expect(tags == [3])
    #expect(session.notes.isEmpty)
  }
}

/// The peer is a host: it asks, the fabric answers.
@Suite struct WarpPipeHostTests {
  var session = WarpPipeSession(WarpPipeSettings(role: .host))

  @Test mutating func captureIsAnsweredByteForByte() throws {
    try session.receive(Vectors.configurationRead, at: now)
    let requestArrived = session.nextTLP()
    let request = try #require(requestArrived)
    #expect(request.header.destinationID == deviceID)
    let answer = TLPHeader.completionWithWord(of: request.header, completer: deviceID)
    _ = session.send(TLP(header: answer, payload: [1, 0, 2, 0]), at: now)
    let bytes = session.takeOutput()
    #expect(bytes == Vectors.ack1 + Vectors.identity)
  }

  @Test mutating func firstMemoryRequestFindsTheTargetEnabled() throws {
    try session.receive(Vectors.read1, at: now)
    let requests = arrivals(&session)
    #expect(requests.map(\.header.kind) == [.configurationWrite0, .memoryRead])
    #expect(requests[0].header.registerOffset == 4)
    #expect(requests[0].payload == [7, 0, 0, 0])
    #expect(requests[1].header.firstByteAddress == 0x10_0001)
    _ = session.takeOutput()
    _ = session.send(
      TLP(header: .completion(of: requests[0].header, status: .successful, completer: deviceID)), at: now)
    #expect(!session.hasOutput)
    let header = TLPHeader.completionWithData(
      of: requests[1].header, completer: deviceID, address: 0x10_0001, bytes: 1, remainingBytes: 1)
    _ = session.send(TLP(header: header, payload: [0, 0x11, 0, 0]), at: now)
    let answer = try #require(frames(&session).tlps.first)
    #expect(answer.header.tag == 7)
    #expect(answer.header.lowerAddress == 0)
    #expect(answer.header.byteCount == 1)
    #expect(answer.payload == [0x11, 0, 0, 0])
    try session.receive(Vectors.read4, at: now)
    let next = arrivals(&session)
    #expect(next.map(\.header.kind) == [.memoryRead])
  }

  @Test mutating func completionsAreJoinedToOne() throws {
    let read = TLPHeader.memoryRead(address: 0xfe, bytes: 300, requester: .unnamed, tag: 5)
    session.settings.maxReadRequestBytes = 128
    try session.receive(WarpPipeFrame.tlp(sequence: 1, TLP(header: read)).bytes, at: now)
    let requests = arrivals(&session).filter { $0.header.kind == .memoryRead }
    #expect(requests.map(\.header.requestedBytes) == [126, 128, 46])
    _ = session.takeOutput()
    for request in requests {
      for piece in CompletionSplitter(request.header, maxPayloadBytes: 64) {
        let header = piece.header(of: request.header, completer: deviceID)
        let start = Int(piece.address) & ~3
        let payload = (start..<start + header.payloadBytes).map { UInt8(truncatingIfNeeded: $0) }
        _ = session.send(TLP(header: header, payload: payload), at: now)
      }
    }
    let answers = frames(&session).tlps
    #expect(answers.count == 1)
    #expect(answers.first?.header.byteCount == 300)
    let due = (0xfe..<0xfe + 300).map { UInt8(truncatingIfNeeded: $0) }
    #expect(answers.first?.payload.prefix(300) == due[...])
  }

  @Test mutating func writesAreCutForTheFabric() throws {
    let write = TLPHeader.memoryWrite(address: 0xf82, bytes: 1000, requester: .unnamed)
    let payload = (0..<write.payloadBytes).map { UInt8(truncatingIfNeeded: $0) }
    try session.receive(WarpPipeFrame.tlp(sequence: 1, TLP(header: write, payload: payload)).bytes, at: now)
    let writes = arrivals(&session).filter { $0.header.kind == .memoryWrite }
    #expect(writes.reduce(0) { $0 + $1.header.requestedBytes } == 1000)
    #expect(
      writes.allSatisfy {
        $0.payload.count <= 128 && $0.header.address & 0xfff + UInt64($0.payload.count) <= 4096
      })
  }

  @Test mutating func configurationWritesAreNotAnswered() throws {
    try session.receive(Vectors.sizing, at: now)
    let requestArrived = session.nextTLP()
    let request = try #require(requestArrived)
    #expect(request.payload == [0xff, 0xff, 0xff, 0xff])
    _ = session.takeOutput()
    _ = session.send(
      TLP(header: .completion(of: request.header, status: .successful, completer: deviceID)), at: now)
    #expect(!session.hasOutput)
    #expect(session.inbound.isEmpty)
  }

  @Test mutating func offsetsAboveConfigurationSpaceAreRefused() throws {
    var read = TLPHeader.configurationRead(of: .unnamed, offset: 0, bytes: 4, requester: .unnamed, tag: 2)
    read.dw2 = 0x1000
    try session.receive(WarpPipeFrame.tlp(sequence: 1, TLP(header: read)).bytes, at: now)
    let arrived = session.nextTLP()
    #expect(arrived == nil)
    let answer = try #require(frames(&session).tlps.first)
    #expect(answer.header.completionStatus == .unsupportedRequest)
  }

  @Test mutating func moreReadsThanTagsWait() throws {
    for tag in 0..<40 {
      let read = TLPHeader.memoryRead(
        address: UInt64(tag * 4), bytes: 4, requester: .unnamed, tag: UInt16(tag))
      try session.receive(WarpPipeFrame.tlp(sequence: UInt16(tag), TLP(header: read)).bytes, at: now)
    }
    var served = 0
    while let request = session.nextTLP() {
      let header =
        request.header.hasData
        ? TLPHeader.completion(of: request.header, status: .successful, completer: deviceID)
        : .completionWithWord(of: request.header, completer: deviceID)
      _ = session.send(TLP(header: header, payload: header.hasData ? [1, 2, 3, 4] : []), at: now)
      served += request.header.kind == .memoryRead ? 1 : 0
      for frame in frames(&session) {
        if case .tlp(let sequence, _) = frame {
          try session.receive(WarpPipeFrame.dllp(.ack(sequence: sequence)).bytes, at: now)
        }
      }
    }
    #expect(served == 40)
    #expect(session.inbound.isEmpty)
  }

  /// A completion without data would leave the peer waiting.
  @Test mutating func requestThatNobodyAnswersEndsAsOnes() throws {
    try session.receive(Vectors.read4, at: now)
    _ = arrivals(&session)
    _ = session.takeOutput()
    session.expire(at: now + .seconds(1))
    let answer = try #require(frames(&session).tlps.first)
    #expect(answer.header.kind == .completionWithData)
    #expect(answer.header.completionStatus == .unsupportedRequest)
    #expect(answer.header.tag == 6)
    #expect(answer.payload == [0xff, 0xff, 0xff, 0xff])
    // The write that enables the target has got none either.
    #expect(session.notes.map(\.violation) == [.completionTimeout, .completionTimeout])
    #expect(session.inbound.isEmpty)
  }

  /// Each TLP has its own acknowledgement, until so many wait that only the last is of use.
  @Test mutating func acknowledgementsThatNobodyReadsAreJoined() throws {
    for sequence in UInt16(1)...4000 {
      try session.receive(
        WarpPipeFrame.tlp(
          sequence: sequence,
          TLP(header: .memoryWrite(address: 0, bytes: 0, requester: .unnamed), payload: [0, 0, 0, 0])
        ).bytes,
        at: now)
    }
    var reader = WarpPipeReader()
    let bytes = session.takeOutput()
    #expect(bytes.count < 17 << 10)
    reader.append(bytes)
    var last: WarpPipeFrame?
    while case .frame(let frame) = try reader.next() { last = frame }
    #expect(last == .dllp(.ack(sequence: 4000)))
  }

  @Test mutating func badFrameIsRefused() throws {
    var frame = Vectors.read4
    frame[12] ^= 1
    try session.receive(frame, at: now)
    let bytes = session.takeOutput()
    #expect(bytes == WarpPipeFrame.dllp(.nak(sequence: 11)).bytes)
    let arrived = session.nextTLP()
    #expect(arrived == nil)
    #expect(session.notes == [.badFrame])
  }
}
