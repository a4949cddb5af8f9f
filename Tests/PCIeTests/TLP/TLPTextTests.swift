import PCIe
import Testing

@Suite struct TLPTextTests {
  static let requester = FunctionAddress(bus: 0, device: 1, function: 0)
  static let read = TLPHeader.memoryRead(address: 0x0010_0002, bytes: 64, requester: requester, tag: 2)
  static func changed(_ header: TLPHeader, _ change: (inout TLPHeader) -> Void) -> TLPHeader {
    var header = header
    change(&header)
    return header
  }

  static let lines: [(TLPHeader, String)] = [
    (read, "MRd tag 02 0x0010_0002 64 B"),
    (
      .memoryRead(address: 0x12_3456_7890, bytes: 4, requester: requester, tag: 0x2a7),
      "MRd tag 2a7 0x0000_0012_3456_7890 4 B"
    ),
    (.memoryRead(address: 0x1000, bytes: 0, requester: requester, tag: 3), "MRd tag 03 0x0000_1000 0 B"),
    (.memoryWrite(address: 0xfee0_0000, bytes: 4, requester: requester), "MWr 0xfee0_0000 4 B"),
    (
      changed(.memoryWrite(address: 0x1000, bytes: 4, requester: requester)) { $0.isPoisoned = true },
      "MWr 0x0000_1000 4 B poisoned"
    ),
    (
      .configurationRead(
        of: FunctionAddress(bus: 1, device: 0, function: 0), offset: 0x12, bytes: 2, requester: requester,
        tag: 4),
      "CfgRd0 tag 04 01:00.0 reg 0x012 2 B"
    ),
    (.ioWrite(address: 0xc001, bytes: 1, requester: requester, tag: 5), "IOWr tag 05 0x0000_c001 1 B"),
    (
      .completionWithData(
        of: read, completer: requester, address: 0x0010_0002, bytes: 62, remainingBytes: 64),
      "CplD tag 02 SC 62 B"
    ),
    (.completion(of: read, status: .unsupportedRequest, completer: requester), "Cpl tag 02 UR"),
    (.completion(of: read, status: .requestRetry, completer: requester), "Cpl tag 02 RRS"),
    (.message(.assertINTA, requester: requester), "Msg Assert_INTA"),
    (.message(.setSlotPowerLimit, requester: requester, lengthDW: 1), "MsgD 4 B Set_Slot_Power_Limit"),
    (changed(.message(.unlock, requester: requester)) { $0.messageCodeByte = 0x66 }, "Msg code 0x66"),
    (
      .atomic(.compareAndSwap, address: 0x1000, operandBytes: 8, requester: requester, tag: 6),
      "CAS tag 06 0x0000_1000 8 B"
    ),
    (
      changed(read) {
        $0.prefixes.append(.processAddressSpace(5))
        $0.addressType = 2
      }, "MRd tag 02 0x0010_0002 64 B PASID 0x00005, translated"
    ),
    (changed(read) { $0.formatAndType = 0x1f }, "0x1f"),
  ]

  @Test("one line for a header", arguments: lines)
  func line(header: TLPHeader, text: String) {
    #expect(TLPText(header).line == text)
  }
}
