import PCIe
import Testing

/// Messages and prefixes; the bytes are made by hand from the sections named beside them.
@Suite struct MessageTests {
  static let requester = FunctionAddress(bus: 1, device: 2, function: 3)

  /// Header bytes 0 to 3 are Fmt and Type with the routing, then TC and attributes, then Length; 4 and 5 are
  /// the requester 01:02.3 = 0x0113, 6 the tag, 7 the code (2.2.8).
  static let vectors: [(MessageCode, String, String)] = [
    // 2.2.8.1: INTx, local routing (100b).
    (.assertINTA, "34000000011300200000000000000000", "2.2.8.1"),
    (.assertINTB, "34000000011300210000000000000000", "2.2.8.1"),
    (.assertINTC, "34000000011300220000000000000000", "2.2.8.1"),
    (.assertINTD, "34000000011300230000000000000000", "2.2.8.1"),
    (.deassertINTA, "34000000011300240000000000000000", "2.2.8.1"),
    (.deassertINTB, "34000000011300250000000000000000", "2.2.8.1"),
    (.deassertINTC, "34000000011300260000000000000000", "2.2.8.1"),
    (.deassertINTD, "34000000011300270000000000000000", "2.2.8.1"),
    // 2.2.8.2: power management.
    (.powerManagementActiveStateNak, "34000000011300140000000000000000", "2.2.8.2"),
    (.powerManagementEvent, "30000000011300180000000000000000", "2.2.8.2"),
    (.powerManagementTurnOff, "33000000011300190000000000000000", "2.2.8.2"),
    (.powerManagementTurnOffAck, "350000000113001b0000000000000000", "2.2.8.2"),
    // 2.2.8.3: error signaling, to the root complex (000b).
    (.correctableError, "30000000011300300000000000000000", "2.2.8.3"),
    (.nonFatalError, "30000000011300310000000000000000", "2.2.8.3"),
    (.fatalError, "30000000011300330000000000000000", "2.2.8.3"),
    // 2.2.8.4: unlock, broadcast from the root complex (011b).
    (.unlock, "33000000011300000000000000000000", "2.2.8.4"),
    // 2.2.8.7: ignored messages.
    (.attentionButtonPressed, "34000000011300480000000000000000", "2.2.8.7"),
    (.powerIndicatorOn, "34000000011300450000000000000000", "2.2.8.7"),
    // 2.2.8.9: OBFF.
    (.optimizedBufferFlushFill, "34000000011300120000000000000000", "2.2.8.9"),
    // 2.2.8.10: precision time measurement.
    (.precisionTimeRequest, "34000000011300520000000000000000", "2.2.8.10"),
  ]

  @Test("messages without data", arguments: vectors)
  func plain(code: MessageCode, text: String, section: String) throws {
    let header = TLPHeader.message(code, requester: Self.requester)
    #expect(hex(TLP(header: header).bytes) == text)
    let back = try TLP(decoding: bytes(text).rawSpan)
    #expect(back.header == header && back.header.kind == .message)
    #expect(back.header.messageCode == code && back.header.messageRouting == code.routing)
    #expect(back.header.requesterID == Self.requester)
    #expect(TLPRules.check(header, payloadBytes: 0, maxPayloadBytes: 128) == nil)
    #expect(code.hasData == false && !code.mnemonic.isEmpty)
  }

  /// 2.2.8.5: MsgD of one DW, value in bits 7:0 and scale in bits 9:8 of the data.
  @Test func slotPowerLimit() throws {
    let header = TLPHeader.message(.setSlotPowerLimit, requester: Self.requester, lengthDW: 1)
    let tlp = TLP(header: header, payload: [0x19, 0x01, 0, 0])
    #expect(hex(tlp.bytes) == "7400000101130050000000000000000019010000")
    #expect(try TLP(decoding: tlp.bytes.rawSpan) == tlp)
    #expect(TLPRules.check(header, payloadBytes: 4, maxPayloadBytes: 128) == nil)
  }

  /// 2.2.8.6: vendor defined, by ID (010b) with the target in bytes 8 and 9, the vendor in 10 and 11.
  @Test func vendorDefined() throws {
    let byID = TLPHeader.vendorMessage(
      .vendorDefinedType1, vendorID: 0x1af4, routing: .byID, requester: Self.requester,
      target: FunctionAddress(bus: 4, device: 0, function: 1), lengthDW: 2, vendorDW: 0xdead_beef)
    let tlp = TLP(header: byID, payload: [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(hex(tlp.bytes) == "720000020113007f04011af4deadbeef0102030405060708")
    #expect(byID.messageVendorID == 0x1af4 && byID.destinationID.rawValue == 0x0401)
    #expect(try TLP(decoding: tlp.bytes.rawSpan) == tlp)
    let local = TLPHeader.vendorMessage(
      .vendorDefinedType0, vendorID: 0x8086, routing: .local, requester: Self.requester)
    #expect(hex(TLP(header: local).bytes) == "340000000113007e0000808600000000")
    for header in [byID, local] {
      #expect(TLPRules.check(header, payloadBytes: header.payloadBytes, maxPayloadBytes: 128) == nil)
    }
  }

  /// 2.2.8.8: no-snoop latency in bytes 12 and 13, snoop latency in 14 and 15.
  @Test func latencyToleranceReport() {
    let header = TLPHeader.latencyToleranceReport(snoop: 0x8864, noSnoop: 0x0c01, requester: Self.requester)
    #expect(hex(TLP(header: header).bytes) == "340000000113001000000000" + "0c018864")
  }

  @Test func legacyInterruptCodes() {
    for line in 0...3 {
      #expect(MessageCode.assertInterrupt(line: line)?.interrupt ?? (-1, false) == (line, true))
      #expect(MessageCode.deassertInterrupt(line: line)?.interrupt ?? (-1, true) == (line, false))
    }
    #expect(MessageCode.assertInterrupt(line: 4) == nil && MessageCode.assertInterrupt(line: -1) == nil)
    #expect(MessageCode.unlock.interrupt == nil)
  }

  @Test func everyCodeHasANameAndARoutingItAllows() {
    for code in MessageCode.allCases {
      #expect(!code.mnemonic.isEmpty && code.allows(code.routing))
    }
    #expect(Set(MessageCode.allCases.map(\.mnemonic)).count == MessageCode.allCases.count)
  }
}

@Suite struct PrefixTests {
  /// 2.2.10.2 and 6.20.2: first byte 100b 10001b; PASID in bits 19:0, execute in 20, privileged in 21.
  @Test func processAddressSpace() throws {
    let prefix = TLPPrefix.processAddressSpace(0xa_bcde, privileged: true, execute: false)
    #expect(prefix.rawValue == 0x912a_bcde && prefix.isEndToEnd && prefix.kind == .processAddressSpace)
    #expect(
      prefix.isPrivilegedRequested && !prefix.isExecuteRequested && prefix.processAddressSpaceID == 0xa_bcde)
    #expect(TLPPrefix.processAddressSpace(1, execute: true).rawValue == 0x9110_0001)
    var tlp = TLP(
      header: .memoryRead(address: 0x1000, bytes: 4, requester: FunctionAddress(rawValue: 0x100), tag: 1))
    tlp.header.prefixes.append(prefix)
    #expect(hex(tlp.bytes) == "912abcde" + "000000010100010f00001000")
    #expect(try TLP(decoding: tlp.bytes.rawSpan) == tlp)
    #expect(tlp.header.prefixes.processAddressSpace == prefix)
  }

  /// 2.2.10.1: local types 0, 14 and 15; 2.2.10.2: end-to-end types 16, 17, 30 and 31.
  @Test(arguments: [
    (TLPPrefix.Kind.multiRoot, 0x80, false), (.vendorLocal0, 0x8e, false), (.vendorLocal1, 0x8f, false),
    (.extendedProcessingHint, 0x90, true), (.processAddressSpace, 0x91, true), (.vendorEndToEnd0, 0x9e, true),
    (.vendorEndToEnd1, 0x9f, true),
  ])
  func kinds(kind: TLPPrefix.Kind, firstByte: UInt32, isEndToEnd: Bool) {
    let prefix = TLPPrefix(kind, content: 0x12_3456)
    #expect(prefix.rawValue == firstByte << 24 | 0x12_3456)
    #expect(prefix.kind == kind && prefix.isEndToEnd == isEndToEnd && prefix.content == 0x12_3456)
  }

  @Test func reservedKindsAreReadAndHaveNoName() {
    #expect(TLPPrefix(rawValue: 0x8100_0000).kind == nil)
    #expect(TLPPrefix(rawValue: 0x9200_0000).kind == nil)
  }

  @Test func orderAndCount() throws {
    var header = TLPHeader.memoryRead(address: 0, bytes: 4, requester: FunctionAddress(rawValue: 0), tag: 0)
    header.prefixes.append(TLPPrefix(.vendorLocal0, content: 0))
    header.prefixes.append(.processAddressSpace(1))
    #expect(header.prefixes.isOrdered && header.prefixes.endToEndCount == 1)
    #expect(TLPRules.check(header, payloadBytes: 0, maxPayloadBytes: 128) == nil)
    header.prefixes.append(TLPPrefix(.vendorLocal1, content: 0))
    #expect(TLPRules.check(header, payloadBytes: 0, maxPayloadBytes: 128) == .prefixOrder)
    let fourth = header.prefixes.append(TLPPrefix(.vendorEndToEnd0, content: 0))
    let fifth = header.prefixes.append(TLPPrefix(.vendorEndToEnd1, content: 0))
    #expect(fourth && !fifth && header.prefixes.count == 4)
    let wire = bytes("9e000000") + TLP(header: header).bytes
    #expect(throws: TLPError.tooManyPrefixes(limit: 4)) { try TLP(decoding: wire.rawSpan) }
  }
}
