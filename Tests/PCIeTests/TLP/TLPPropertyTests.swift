import PCIe
import Testing

/// Seeded properties of the codec; a failure prints the bytes.
@Suite struct TLPPropertyTests {
  @Test(arguments: 0..<8)
  func anyBytesGiveATLPThatEncodesToThem(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var decoded = 0
    for _ in 0..<4000 {
      var data = random.bytes(random.below(80))
      // Half of the time a defined type and a length field that fits, so that the payload is reached.
      if data.count >= 12, random.below(2) == 0 {
        let kind = TLPKind.allCases[random.below(TLPKind.allCases.count)]
        data.removeLast(data.count % 4)
        data[0] = kind.typeField | (kind.hasData ? 0x40 : 0) | (kind.isMessage ? 0x20 : 0)
        data[2] &= 0x7c
        data[3] = UInt8((data.count - (kind.isMessage ? 16 : 12)) / 4 & 0x1f)
      }
      guard let tlp = try? TLP(decoding: data.rawSpan) else { continue }
      decoded += 1
      if tlp.bytes != data || (try? TLP(decoding: tlp.bytes.rawSpan)) != tlp { Issue.record("\(hex(data))") }
      _ = TLPRules.check(tlp.header, payloadBytes: tlp.payload.count, maxPayloadBytes: 128)
      if TLPText(tlp.header).line.isEmpty { Issue.record("no text for \(hex(data))") }
    }
    #expect(decoded > 200)
  }

  @Test(arguments: 0..<8)
  func everyTLPSurvivesTheWire(seed: UInt64) throws {
    var random = SplitMix64(seed: 100 + seed)
    for _ in 0..<300 {
      let kind = TLPKind.allCases[random.below(TLPKind.allCases.count)]
      var header = TLPHeader()
      header.dw0 = UInt32(truncatingIfNeeded: random.next())
      header.dw1 = UInt32(truncatingIfNeeded: random.next())
      header.dw2 = UInt32(truncatingIfNeeded: random.next())
      var type = kind.typeField | (kind.hasData ? 0x40 : 0)
      if kind.isMessage { type |= 0x20 | UInt8(random.below(8)) }
      if kind.isMemoryRequest && random.below(2) == 0 { type |= 0x20 }
      header.formatAndType = type
      #expect(header.kind == kind)
      if header.hasFourDWs { header.dw3 = UInt32(truncatingIfNeeded: random.next()) }
      header.lengthDW = 1 + random.below(64)
      for _ in 0..<random.below(5) {
        header.prefixes.append(
          TLPPrefix(rawValue: 0x8000_0000 | UInt32(truncatingIfNeeded: random.next() & 0x1fff_ffff)))
      }
      let payload = random.bytes(header.payloadBytes)
      let digest = header.hasDigest ? UInt32(truncatingIfNeeded: random.next()) : nil
      let tlp = TLP(header: header, payload: payload, digest: digest)
      #expect(try TLP(decoding: tlp.bytes.rawSpan) == tlp)
      #expect(tlp.bytes.count == tlp.encodedBytes)
      // Every shorter string, and one that is longer, is refused.
      let wire = tlp.bytes
      for count in [0, 3, 4, 11, wire.count - 1] where count < wire.count {
        #expect(throws: TLPError.self) { try TLP.decode(Array(wire[..<count]).rawSpan) }
      }
      #expect(throws: TLPError.wrongLength(expected: wire.count, seen: wire.count + 4)) {
        try TLP.decode((wire + [0, 0, 0, 0]).rawSpan)
      }
    }
  }

  /// A setter changes its own field and no other bit.
  @Test func settersTouchTheirFieldOnly() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<500 {
      var header = TLPHeader(
        dw0: UInt32(truncatingIfNeeded: random.next()), dw1: UInt32(truncatingIfNeeded: random.next()),
        dw2: UInt32(truncatingIfNeeded: random.next()), dw3: UInt32(truncatingIfNeeded: random.next()))
      let before = header
      header.tag = before.tag
      header.requesterID = before.requesterID
      header.address = before.address
      header.trafficClass = before.trafficClass
      header.attributes = before.attributes
      header.lengthDW = before.lengthDW
      header.byteCount = before.byteCount
      header.lowerAddress = before.lowerAddress
      header.destinationID = before.destinationID
      header.registerOffset = before.registerOffset
      header.processingHint = before.processingHint
      header.messageCodeByte = before.messageCodeByte
      header.messageVendorID = before.messageVendorID
      #expect(header == before)
    }
  }

  @Test(arguments: [
    ("", TLPError.truncatedHeader(needed: 4, seen: 0)), ("000000", .truncatedHeader(needed: 4, seen: 3)),
    ("00000001", .truncatedHeader(needed: 12, seen: 4)), ("20000001", .truncatedHeader(needed: 16, seen: 4)),
    ("91000000", .truncatedHeader(needed: 8, seen: 4)), ("1f000001", .undefinedType(0x1f)),
    ("e0000001", .undefinedType(0xe0)), ("400000010000000f00000000", .wrongLength(expected: 16, seen: 12)),
    ("000000010000000f0000000000000000", .wrongLength(expected: 12, seen: 16)),
    ("000080010000000f00000000", .wrongLength(expected: 16, seen: 12)),
  ])
  func badBytes(text: String, error: TLPError) {
    #expect(throws: error) { try TLP(decoding: bytes(text).rawSpan) }
    #expect(!"\(error)".isEmpty && !"\(error)".hasSuffix("."))
  }
}
