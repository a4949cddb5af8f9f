import PCIe
import Testing

/// One forbidden thing each.
@Suite struct TLPRulesTests {
  static let requester = FunctionAddress(rawValue: 0x100)
  static func read(_ address: UInt64 = 0x1000, _ bytes: Int = 8) -> TLPHeader {
    .memoryRead(address: address, bytes: bytes, requester: requester, tag: 1)
  }
  static func write(_ address: UInt64 = 0x1000, _ bytes: Int = 8) -> TLPHeader {
    .memoryWrite(address: address, bytes: bytes, requester: requester)
  }
  static func changed(_ header: TLPHeader, _ change: (inout TLPHeader) -> Void) -> TLPHeader {
    var header = header
    change(&header)
    return header
  }
  static let io = TLPHeader.ioRead(address: 0xc000, bytes: 4, requester: requester, tag: 1)
  static let configuration = TLPHeader.configurationRead(
    of: FunctionAddress(rawValue: 8), offset: 0, bytes: 4, requester: requester, tag: 1)

  static func atomic(_ kind: TLPKind, _ address: UInt64, _ bytes: Int) -> TLPHeader {
    .atomic(kind, address: address, operandBytes: bytes, requester: requester, tag: 1)
  }
  static func message(_ code: MessageCode, _ change: (inout TLPHeader) -> Void = { _ in }) -> TLPHeader {
    changed(.message(code, requester: requester), change)
  }

  static let broken: [(TLPHeader, TLPRuleViolation)] = [
    (changed(read()) { $0.formatAndType = 0x1f }, .undefinedType(0x1f)),
    (changed(read()) { $0.formatAndType = 0xe0 }, .undefinedType(0xe0)),
    (changed(read()) { $0.firstByteEnable = 0 }, .byteEnables(first: 0, last: 15, lengthDW: 2)),
    (changed(read()) { $0.lastByteEnable = 0 }, .byteEnables(first: 15, last: 0, lengthDW: 2)),
    (changed(read(0x1000, 4)) { $0.lastByteEnable = 1 }, .byteEnables(first: 15, last: 1, lengthDW: 1)),
    (read(0x1ffc, 8), .crosses4KiB(address: 0x1ffc, bytes: 8)),
    (write(0x1ff8, 12), .crosses4KiB(address: 0x1ff8, bytes: 12)),
    (changed(read(1 << 32)) { $0.address = 0x1000 }, .upperAddressZero),
    (changed(io) { $0.lengthDW = 2 }, .lengthNotOne(lengthDW: 2)),
    (changed(io) { $0.lastByteEnable = 15 }, .byteEnables(first: 15, last: 15, lengthDW: 1)),
    (changed(io) { $0.trafficClass = 1 }, .trafficClass(1)),
    (changed(io) { $0.attributes = .relaxedOrdering }, .attributes(2)),
    (changed(io) { $0.addressType = 2 }, .addressType(2)),
    (changed(configuration) { $0.lengthDW = 1024 }, .lengthNotOne(lengthDW: 1024)),
    (changed(configuration) { $0.lastByteEnable = 1 }, .byteEnables(first: 15, last: 1, lengthDW: 1)),
    (changed(configuration) { $0.trafficClass = 7 }, .trafficClass(7)),
    (changed(configuration) { $0.attributes = .noSnoop }, .attributes(1)),
    (changed(configuration) { $0.addressType = 1 }, .addressType(1)),
    (changed(atomic(.fetchAdd, 0x1000, 4)) { $0.lengthDW = 3 }, .operandSize(lengthDW: 3)),
    (changed(atomic(.swap, 0x1000, 4)) { $0.lengthDW = 4 }, .operandSize(lengthDW: 4)),
    (changed(atomic(.compareAndSwap, 0x1000, 4)) { $0.lengthDW = 1 }, .operandSize(lengthDW: 1)),
    (changed(atomic(.compareAndSwap, 0x1000, 4)) { $0.lengthDW = 16 }, .operandSize(lengthDW: 16)),
    (atomic(.fetchAdd, 0x1004, 8), .operandAlignment(address: 0x1004, bytes: 8)),
    (atomic(.compareAndSwap, 0x1008, 16), .operandAlignment(address: 0x1008, bytes: 16)),
    (changed(atomic(.swap, 1 << 32, 4)) { $0.address = 0x1000 }, .upperAddressZero),
    (message(.unlock) { $0.formatAndType |= 7 }, .routing(7)),
    (message(.assertINTA) { $0.formatAndType &= ~7 }, .messageRouting(.assertINTA, .toRootComplex)),
    (message(.fatalError) { $0.formatAndType |= 4 }, .messageRouting(.fatalError, .local)),
    (
      message(.vendorDefinedType0) { $0.formatAndType |= 5 },
      .messageRouting(.vendorDefinedType0, .gatheredToRootComplex)
    ),
    (message(.assertINTB) { $0.trafficClass = 2 }, .trafficClass(2)),
    (message(.powerManagementEvent) { $0.trafficClass = 1 }, .trafficClass(1)),
    (
      message(.correctableError) {
        $0.formatAndType |= 0x40
        $0.lengthDW = 1
      }, .messageData(.correctableError)
    ),
    (message(.setSlotPowerLimit), .messageData(.setSlotPowerLimit)),
    (.message(.setSlotPowerLimit, requester: requester, lengthDW: 2), .lengthNotOne(lengthDW: 2)),
  ]

  @Test("headers that break a rule", arguments: broken)
  func negatives(header: TLPHeader, violation: TLPRuleViolation) {
    #expect(TLPRules.check(header, payloadBytes: header.payloadBytes, maxPayloadBytes: 4096) == violation)
    #expect(!"\(violation)".isEmpty && !"\(violation)".hasSuffix("."))
  }

  @Test func payloadAgainstLengthAndLimit() {
    let write = Self.write(0x1000, 256)
    #expect(TLPRules.check(write, payloadBytes: 256, maxPayloadBytes: 256) == nil)
    #expect(
      TLPRules.check(write, payloadBytes: 252, maxPayloadBytes: 256) == .length(field: 256, payload: 252))
    #expect(
      TLPRules.check(write, payloadBytes: 256, maxPayloadBytes: 128) == .maxPayload(payload: 256, limit: 128))
    #expect(
      TLPRules.check(Self.read(), payloadBytes: 8, maxPayloadBytes: 128) == .length(field: 0, payload: 8))
    #expect("\(TLPRuleViolation.length(field: 256, payload: 252))".contains("252"))
  }

  /// An unknown code is an unsupported request, not a malformed TLP.
  @Test func unknownMessageCodePasses() {
    let header = Self.message(.unlock) { $0.messageCodeByte = 0x66 }
    #expect(header.messageCode == nil)
    #expect(TLPRules.check(header, payloadBytes: 0, maxPayloadBytes: 128) == nil)
  }
}
