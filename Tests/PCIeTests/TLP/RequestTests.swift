import PCIe
import Testing

@Suite struct RequestTests {
  let requester = FunctionAddress(bus: 0x3a, device: 5, function: 2)

  @Test(
    "memory requests select their bytes",
    arguments: [
      (0x1000, 4, 1, 0xf, 0), (0x1001, 1, 1, 0x2, 0), (0x1003, 1, 1, 0x8, 0), (0x1001, 3, 1, 0xe, 0),
      (0x1003, 2, 2, 0x8, 0x1), (0x1000, 0, 1, 0, 0), (0x1002, 0, 1, 0, 0), (0x1001, 7, 2, 0xe, 0xf),
      (0x1000, 4096, 1024, 0xf, 0xf), (0x1002, 4, 2, 0xc, 0x3),
    ] as [(UInt64, Int, Int, UInt8, UInt8)])
  func byteEnables(address: UInt64, bytes: Int, lengthDW: Int, first: UInt8, last: UInt8) {
    let header = TLPHeader.memoryRead(address: address, bytes: bytes, requester: requester, tag: 0x3ff)
    #expect(header.lengthDW == lengthDW)
    #expect(header.firstByteEnable == first && header.lastByteEnable == last)
    #expect(header.address == address & ~3 && header.tag == 0x3ff && header.requesterID == requester)
    #expect(header.requestedBytes == max(1, bytes))
    if bytes > 0 { #expect(header.firstByteAddress == address) }
    #expect(TLPRules.check(header, payloadBytes: 0, maxPayloadBytes: 128) == nil)
  }

  @Test func fourDWsOnlyFromFourGiBUp() {
    let below = TLPHeader.memoryWrite(address: 0xffff_fffc, bytes: 4, requester: requester)
    let above = TLPHeader.memoryWrite(address: 0x1_0000_0000, bytes: 4, requester: requester)
    #expect(!below.hasFourDWs && below.kind == .memoryWrite && below.address == 0xffff_fffc)
    #expect(above.hasFourDWs && above.kind == .memoryWrite && above.address == 0x1_0000_0000)
  }

  @Test func wordRequests() throws {
    let target = FunctionAddress(bus: 2, device: 3, function: 1)
    let read = TLPHeader.configurationRead(of: target, offset: 0x10e, bytes: 2, requester: requester, tag: 7)
    #expect(hex(TLP(header: read).bytes) == "040000013a2a070c0219010c")
    #expect(read.kind == .configurationRead0 && read.destinationID == target && read.registerOffset == 0x10c)
    let above = TLPHeader.configurationWrite(
      to: target, offset: 0, bytes: 4, requester: requester, tag: 8, isType1: true)
    #expect(above.kind == .configurationWrite1 && above.firstByteEnable == 0xf)
    let io = TLPHeader.ioWrite(address: 0xc003, bytes: 1, requester: requester, tag: 9)
    #expect(io.kind == .ioWrite && io.address == 0xc000 && io.firstByteEnable == 8)
    #expect(TLPHeader.ioRead(address: 0xc000, bytes: 4, requester: requester, tag: 9).kind == .ioRead)
    let locked = TLPHeader.memoryReadLocked(address: 0x2_0000_0000, bytes: 8, requester: requester, tag: 1)
    #expect(locked.kind == .memoryReadLocked && locked.hasFourDWs)
    for header in [read, locked] {
      #expect(TLPRules.check(header, payloadBytes: 0, maxPayloadBytes: 128) == nil)
    }
    for header in [above, io] {
      #expect(TLPRules.check(header, payloadBytes: 4, maxPayloadBytes: 128) == nil)
    }
  }

  @Test(arguments: [
    (TLPKind.fetchAdd, 4, 1), (.fetchAdd, 8, 2), (.swap, 4, 1), (.swap, 8, 2), (.compareAndSwap, 4, 2),
    (.compareAndSwap, 8, 4), (.compareAndSwap, 16, 8),
  ])
  func atomics(kind: TLPKind, operandBytes: Int, lengthDW: Int) {
    for address: UInt64 in [0x1000, 0x1_0000_0010] {
      let header = TLPHeader.atomic(
        kind, address: address, operandBytes: operandBytes, requester: requester, tag: 0x155)
      #expect(header.kind == kind && header.address == address && header.lengthDW == lengthDW)
      #expect(header.firstByteEnable == 0 && header.lastByteEnable == 0 && header.tag == 0x155)
      #expect(TLPRules.check(header, payloadBytes: lengthDW * 4, maxPayloadBytes: 128) == nil)
      let completion = TLPHeader.completionWithOperand(of: header, completer: FunctionAddress(rawValue: 1))
      #expect(completion.kind == .completionWithData && completion.byteCount == operandBytes)
      #expect(completion.payloadBytes == operandBytes && completion.lowerAddress == 0)
    }
  }

  @Test func completionsEchoTheRequest() {
    var request = TLPHeader.memoryRead(address: 0x1105, bytes: 100, requester: requester, tag: 0x2a7)
    request.trafficClass = 5
    request.attributes = [.relaxedOrdering, .idBasedOrdering]
    let completer = FunctionAddress(bus: 1, device: 0, function: 0)
    let failed = TLPHeader.completion(of: request, status: .unsupportedRequest, completer: completer)
    #expect(failed.kind == .completion && failed.completionStatus == .unsupportedRequest)
    #expect(failed.byteCount == 100 && failed.lowerAddress == 0x05 && failed.tag == 0x2a7)
    #expect(failed.trafficClass == 5 && failed.attributes == request.attributes)
    #expect(failed.requesterID == requester && failed.completerID == completer && failed.lengthField == 0)
    let rest = TLPHeader.completion(
      of: request, status: .completerAbort, completer: completer, remainingBytes: 41)
    #expect(rest.byteCount == 41)
    let piece = TLPHeader.completionWithData(
      of: request, completer: completer, address: 0x1140, bytes: 41, remainingBytes: 41)
    #expect(piece.lengthDW == 11 && piece.lowerAddress == 0x40 && piece.byteCount == 41)
    let write = TLPHeader.configurationWrite(
      to: completer, offset: 4, bytes: 2, requester: requester, tag: 3)
    let done = TLPHeader.completion(of: write, status: .successful, completer: completer)
    #expect(done.byteCount == 4 && done.lowerAddress == 0)
    let word = TLPHeader.completionWithWord(of: write, completer: completer)
    #expect(word.lengthDW == 1 && word.byteCount == 4 && word.kind == .completionWithData)
    let locked = TLPHeader.memoryReadLocked(address: 0x1000, bytes: 4, requester: requester, tag: 1)
    #expect(
      TLPHeader.completion(of: locked, status: .unsupportedRequest, completer: completer).kind
        == .completionLocked)
  }
}
