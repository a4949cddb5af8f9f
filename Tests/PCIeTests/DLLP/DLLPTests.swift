import PCIe
import Testing

@Suite struct DLLPTests {
  @Test func everyVectorBothWays() throws {
    let vectors = try Vectors.load("dllp.json", as: DLLPVectorFile.self).vectors
    #expect(vectors.count == 84)
    for vector in vectors {
      let expected = try #require(dllp(vector), "\(vector.name)")
      #expect(try DLLP.decode(bytes(vector.hexWithCrc).rawSpan) == expected, "\(vector.name)")
      #expect(hex(expected.bytes) == vector.hexWithCrc, "\(vector.name)")
      #expect(
        hex(expected.bytes.prefix(4)) == vector.hex && hex(expected.bytes.suffix(2)) == vector.crc16OnWire)
      #expect(expected.bytes[0] & 0xf8 == vector.typeCode & 0xf8, "\(vector.name)")
      var crc = CRC16()
      crc.add(expected.bytes.rawSpan)
      #expect(crc.register == CRC16.residue, "\(vector.name)")
    }
  }

  private func dllp(_ vector: DLLPVectorFile.Vector) -> DLLP? {
    switch vector.type {
    case "ACK": return .ack(sequence: vector.seq)
    case "NAK": return .nak(sequence: vector.seq)
    case "DATA_LINK_FEATURE":
      return .dataLinkFeature(supported: vector.featureSupport, isAcknowledged: vector.featureAck)
    case "PM_ENTER_L1": return .powerManagement(.enterL1)
    case "PM_ENTER_L23": return .powerManagement(.enterL23)
    case "PM_ACT_ST_REQ_L1": return .powerManagement(.activeStateRequestL1)
    case "PM_REQ_ACK": return .powerManagement(.requestAcknowledge)
    case "NOP": return .noOperation(content: 0)
    default: break
    }
    let phases: [(String, FlowControlDLLP.Phase)] = [
      ("INIT_FC1_", .initialize1), ("INIT_FC2_", .initialize2), ("UPDATE_FC_", .update),
    ]
    let classes: [String: FlowControlClass] = ["P": .posted, "NP": .nonPosted, "CPL": .completion]
    for (prefix, phase) in phases where vector.type.hasPrefix(prefix) {
      guard let kind = classes[String(vector.type.dropFirst(prefix.count))] else { return nil }
      return .flowControl(
        FlowControlDLLP(
          phase, kind, virtualChannel: vector.vc, headerCredits: vector.hdrFc, dataCredits: vector.dataFc,
          headerScale: vector.hdrScale, dataScale: vector.dataScale))
    }
    return nil
  }

  @Test func checksumVectors() throws {
    for test in try Vectors.load("dllp.json", as: DLLPVectorFile.self).crc16.tests {
      var crc = CRC16()
      crc.add(bytes(test.hex).rawSpan)
      #expect(UInt16(test.crc16.dropFirst(2), radix: 16) == crc.register)
    }
    // The constant in Warp Pipe's unit tests.
    #expect(DLLP.checksum(0) == 0x62b3)
  }

  @Test func vendorAndNoOperationKeepTheirContent() throws {
    for dllp in [DLLP.vendorSpecific(content: 0x12_3456), .noOperation(content: 0xab_cdef)] {
      #expect(try DLLP.decode(dllp.bytes.rawSpan) == dllp)
    }
    #expect(hex(DLLP.vendorSpecific(content: 0x12_3456).bytes.prefix(4)) == "30123456")
  }

  @Test func whatIsRefused() throws {
    for count in [0, 1, 5, 7, 64] {
      #expect(throws: DLLPError.wrongLength(seen: count)) {
        try DLLP.decode([UInt8](repeating: 0, count: count).rawSpan)
      }
    }
    var bad = DLLP.ack(sequence: 7).bytes
    bad[3] ^= 1
    #expect(throws: DLLPError.wrongCRC(expected: DLLP.checksum(6), seen: DLLP.checksum(7))) {
      try DLLP.decode(bad.rawSpan)
    }
    // Multi-root types, and a flow control type with its reserved bit set.
    for type: UInt8 in [0x01, 0x11, 0x22, 0x25, 0x32, 0x48, 0x70, 0xb0, 0xf0] {
      #expect(throws: DLLPError.undefinedType(type)) { try DLLP(word: UInt32(type) << 24) }
    }
    #expect("\(DLLPError.wrongCRC(expected: 1, seen: 2))" == "the DLLP's CRC is 0x0002; 0x0001 is right")
  }

  @Test func anyWordIsADLLPOrATypedError() {
    var random = SplitMix64(seed: 11)
    for _ in 0..<20_000 {
      let word = UInt32(truncatingIfNeeded: random.next())
      guard let dllp = try? DLLP(word: word) else { continue }
      // Reserved bits are dropped, so the second round must agree with the first.
      #expect((try? DLLP(word: dllp.word)) == dllp)
      #expect(dllp.word & word == dllp.word)
      #expect(!dllp.mnemonic.isEmpty)
    }
    for _ in 0..<2000 {
      let count = random.below(9)
      _ = try? DLLP.decode(random.bytes(count).rawSpan)
    }
  }
}
