import PCIe
import Testing

@Suite struct CRCTests {
  struct CRCFile: Decodable {
    struct Vector: Decodable {
      var tlp: String
      var seq: UInt16
      var lcrcBytes: String
      var ecrcBytesIfTdSet: String
    }
    var vectors: [Vector]
  }

  @Test func derivedVectors() throws {
    let tlps = try Vectors.load("tlp.json", as: TLPVectorFile.self).vectors
    let vectors = try Vectors.load("crc32_derived.json", as: CRCFile.self).vectors
    #expect(vectors.count == 7)
    var used: [String: Int] = [:]
    for vector in vectors {
      // Two TLPs are called `cpl_sc`; the vectors follow their order.
      let nth = used[vector.tlp, default: 0]
      used[vector.tlp] = nth + 1
      let named = tlps.filter { $0.name == vector.tlp }
      let wire = bytes(named[nth].hex)
      let link = LinkCRC.value(sequence: vector.seq, tlp: wire.rawSpan)
      #expect(hex(littleEndian(link)) == vector.lcrcBytes, Comment(rawValue: vector.tlp))
      let header = try TLPHeader(decoding: wire.rawSpan)
      var tlp = TLP(header: header, payload: Array(wire.dropFirst(header.headerBytes)))
      #expect(tlp.isDigestRight == nil)
      tlp.seal()
      #expect(hex(tlp.bytes.suffix(4)) == vector.ecrcBytesIfTdSet, Comment(rawValue: vector.tlp))
      #expect(tlp.isDigestRight == true)
      #expect(try TLP(decoding: tlp.bytes.rawSpan) == tlp)
    }
  }

  /// The constant in Warp Pipe's unit tests: sequence 0 and a memory read of zero bytes.
  @Test func linkCRCOfZeroBytes() {
    #expect(LinkCRC.value(sequence: 0, tlp: [UInt8](repeating: 0, count: 12).rawSpan) == 0xd1bb_79c7)
  }

  @Test func checkValueAndTails() {
    var crc = CRC32()
    crc.add(Array("123456789".utf8).rawSpan)
    #expect(crc.value == 0xcbf4_3926)
    var random = SplitMix64(seed: 3)
    for count in Array(0...40) + [64, 256, 4096, 4116] {
      let data = random.bytes(count)
      var whole = CRC32()
      whole.add(data.rawSpan)
      #expect(whole.value == bitwise(data), "\(count) bytes")
      var parts = CRC32()
      let cut = count == 0 ? 0 : random.below(count)
      parts.add(Array(data[..<cut]).rawSpan)
      parts.add(Array(data[cut...]).rawSpan)
      #expect(parts == whole)
    }
  }

  /// What a switch may change on the way leaves the digest right; anything else does not.
  @Test func variantBits() {
    var tlp = TLP(
      header: .memoryWrite(
        address: 0x1000, bytes: 8, requester: FunctionAddress(bus: 1, device: 0, function: 0)),
      payload: [1, 2, 3, 4, 5, 6, 7, 8])
    tlp.seal()
    tlp.header.isPoisoned = true
    #expect(tlp.isDigestRight == true)
    tlp.header.formatAndType ^= 1
    #expect(tlp.isDigestRight == true)
    tlp.payload[3] ^= 0x10
    #expect(tlp.isDigestRight == false)
    tlp.payload[3] ^= 0x10
    tlp.header.address = 0x2000
    #expect(tlp.isDigestRight == false)
    tlp.header.address = 0x1000
    tlp.header.prefixes.append(TLPPrefix(.vendorLocal0, content: 1))
    #expect(tlp.isDigestRight == true)
    tlp.header.prefixes.append(.processAddressSpace(5))
    #expect(tlp.isDigestRight == false)
  }

  private func bitwise(_ data: [UInt8]) -> UInt32 {
    var crc = UInt32.max
    for byte in data {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return ~crc
  }

  private func littleEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (UInt32($0) * 8)) }
  }
}
