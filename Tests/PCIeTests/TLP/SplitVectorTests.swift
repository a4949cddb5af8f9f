import PCIe
import Testing

/// The cuts of reads and writes, against the golden vectors.
@Suite struct SplitVectorTests {
  @Test func readCompletions() throws {
    let vectors = try Vectors.load("tlp_split.json", as: SplitVectorFile.self).readCompletions
    #expect(vectors.count == 400)
    for vector in vectors {
      let request = try TLPHeader(decoding: bytes(vector.requestHex).rawSpan)
      let label = Comment(
        rawValue: "\(vector.bytes) bytes at \(vector.address), \(vector.maxPayload)/\(vector.rcb)")
      if vector.bytes > 0 {
        #expect(request.firstByteAddress == vector.address && request.requestedBytes == vector.bytes, label)
      }
      let pieces = CompletionSplitter(
        request, maxPayloadBytes: vector.maxPayload, boundary: vector.rcb,
        stopsAtEveryBoundary: vector.splitOnEveryRcb)
      let headers = pieces.map { $0.header(of: request, completer: FunctionAddress(rawValue: 0)) }
      #expect(headers.map(\.byteCount) == vector.completions.map(\.byteCount), label)
      #expect(headers.map(\.lengthDW) == vector.completions.map(\.lengthDw), label)
      // The oracle gives the completion of a zero-length read the lower address 3; the specification says 0.
      let isZeroLength = request.firstByteEnable == 0
      #expect(
        headers.map(\.lowerAddress) == (isZeroLength ? [0] : vector.completions.map(\.lowerAddress)), label)
      if !isZeroLength {
        #expect(headers.map { hex(TLP(header: $0).bytes) } == vector.completions.map(\.headerHex), label)
      }
      #expect(pieces.reduce(0) { $0 + $1.bytes } == request.requestedBytes, label)
    }
  }

  @Test func writeRequests() throws {
    let vectors = try Vectors.load("tlp_split.json", as: SplitVectorFile.self).writeRequests
    #expect(vectors.count == 162)
    for vector in vectors {
      let label = Comment(rawValue: "\(vector.bytes) bytes at \(vector.address), \(vector.maxPayload)")
      let pieces = Array(
        RequestSplitter(address: vector.address, bytes: vector.bytes, limitBytes: vector.maxPayload))
      try #require(pieces.count == vector.requests.count, label)
      for (piece, expected) in zip(pieces, vector.requests) {
        let header = TLPHeader.memoryWrite(
          address: piece.address, bytes: piece.bytes, requester: FunctionAddress(rawValue: 0))
        #expect(header.kind == .memoryWrite, label)
        #expect(header.hasFourDWs == (expected.fmtType == "MEM_WRITE_64"), label)
        #expect(header.address == expected.address && header.lengthDW == expected.lengthDw, label)
        #expect(header.firstByteEnable == expected.firstBe && header.lastByteEnable == expected.lastBe, label)
        #expect(
          TLPRules.check(header, payloadBytes: header.payloadBytes, maxPayloadBytes: vector.maxPayload)
            == nil, label)
      }
    }
  }

  @Test func requestCutsObeyTheirLimits() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<500 {
      let address = random.next() >> UInt64(random.below(40)) & (1 << 63 - 1)
      let count = random.below(20_000)
      let limit = 128 << random.below(6)
      var next = address
      var offset = 0
      for piece in RequestSplitter(address: address, bytes: count, limitBytes: limit) {
        #expect(piece.address == next && piece.offset == offset)
        #expect(Int(piece.address & 3) + piece.bytes <= limit)
        #expect(Int(piece.address & 0xfff) + piece.bytes <= 4096)
        next += UInt64(piece.bytes)
        offset += piece.bytes
      }
      #expect(offset == count)
    }
    #expect(
      Array(RequestSplitter(address: 5, bytes: 0, limitBytes: 128)) == [
        .init(address: 5, bytes: 0, offset: 0)
      ])
  }

  @Test func completionCutsObeyTheirLimits() {
    var random = SplitMix64(seed: 8)
    for _ in 0..<500 {
      let address = random.next()
      let count = 1 + random.below(4096)
      let boundary = 64 << random.below(2)
      let limit = 128 << random.below(6)
      let every = random.below(2) == 1
      let pieces = Array(
        CompletionSplitter(
          address: address, bytes: count, maxPayloadBytes: limit, boundary: boundary,
          stopsAtEveryBoundary: every))
      var left = count
      for piece in pieces {
        #expect(piece.remainingBytes == left && piece.payloadBytes <= limit && piece.bytes > 0)
        #expect(piece.address == address &+ UInt64(count - left))
        left -= piece.bytes
        #expect(left == 0 || (piece.address &+ UInt64(piece.bytes)) % UInt64(boundary) == 0)
      }
      #expect(left == 0)
      if every { #expect(pieces.count >= count / boundary) }
    }
  }
}
