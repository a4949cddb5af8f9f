import LinkBroker
import PCIe
import Simulation
import Testing

/// tshark with our dissector against what the fabric kept of the same TLPs.
///
/// `apt-get install tshark` brings tshark, as `make test` does; without it these tests are skipped.
@Suite(
  "The dissector, TLP by TLP", .enabled(if: Tshark.path != nil, "tshark is not installed"),
  .timeLimit(.minutes(10)))
struct DissectorRecordTests {
  static let device = FunctionAddress(bus: 1, device: 0, function: 0)

  static let names = [
    "pcie.tlp.type", "pcie.tlp.tag", "pcie.tlp.requester", "pcie.tlp.requester_id", "pcie.tlp.address",
    "pcie.tlp.first_byte", "pcie.tlp.length", "pcie.tlp.bytes", "pcie.tlp.first_be", "pcie.tlp.last_be",
    "pcie.tlp.target", "pcie.tlp.register", "pcie.tlp.tc", "pcie.tlp.poisoned", "pcie.tlp.digest",
    "pcie.tlp.no_snoop", "pcie.tlp.relaxed_ordering", "pcie.tlp.id_based_ordering", "pcie.tlp.payload",
    "pcie.cpl.completer", "pcie.cpl.status", "pcie.cpl.byte_count", "pcie.cpl.lower_address", "pcie.msg.code",
    "pcie.msg.routing", "pcie.direction", "pcie.source", "pcie.ecrc.status", "pcie.prefix.pasid",
    "pcie.fault", "pcie.violation", "pcie.lost", "frame.comment", "frame.time_epoch", "_ws.col.Protocol",
    "_ws.col.Info",
  ]

  /// Requests of every kind, some with all that a header may carry.
  static var requests: [TLPHeader] {
    var dressed = TLPHeader.memoryRead(
      address: 0x1_2345_6781, bytes: 37, requester: requester, tag: 0x3a5)
    dressed.trafficClass = 5
    dressed.attributes = TLPAttributes(rawValue: 5)
    dressed.prefixes.append(.processAddressSpace(0xabcde, privileged: true))
    dressed.hasDigest = true
    var poisoned = write(0xe000_0000, bytes: 128)
    poisoned.isPoisoned = true
    poisoned.attributes = TLPAttributes(rawValue: 2)
    return [
      read(0xe000_0000, bytes: 64, tag: 5), dressed, poisoned, write(0xffff_ffff_ffff_f000, bytes: 4),
      read(0x1000, bytes: 4096, tag: 6), write(0x2003, bytes: 2), read(0x2000, bytes: 0, tag: 7),
      .memoryReadLocked(address: 0x3000, bytes: 8, requester: requester, tag: 8),
      .ioRead(address: 0xcf9, bytes: 2, requester: requester, tag: 9),
      .ioWrite(address: 0xcfc, bytes: 4, requester: requester, tag: 10),
      .configurationRead(of: device, offset: 0x102, bytes: 2, requester: requester, tag: 11),
      .configurationWrite(to: device, offset: 4, bytes: 1, requester: requester, tag: 12),
      .configurationRead(of: device, offset: 0xffc, bytes: 4, requester: requester, tag: 13, isType1: true),
      .configurationWrite(to: device, offset: 8, bytes: 4, requester: requester, tag: 14, isType1: true),
      .atomic(.fetchAdd, address: 0x4000, operandBytes: 4, requester: requester, tag: 15),
      .atomic(.swap, address: 0x1_0000_4008, operandBytes: 8, requester: requester, tag: 16),
      .atomic(.compareAndSwap, address: 0x4010, operandBytes: 16, requester: requester, tag: 17),
      .message(.powerManagementTurnOff, requester: requester),
      .message(.setSlotPowerLimit, requester: requester, lengthDW: 1),
      .vendorMessage(
        .vendorDefinedType1, vendorID: 0x1234, routing: .byID, requester: requester, target: device),
    ]
  }

  /// Their answers, one with each status.
  static var answers: [TLPHeader] {
    let asked = requests
    return [
      .completionWithData(
        of: asked[0], completer: device, address: 0xe000_0000, bytes: 64, remainingBytes: 64),
      .completionWithData(
        of: asked[1], completer: device, address: 0x1_2345_6781, bytes: 15, remainingBytes: 37),
      .completion(of: asked[4], status: .unsupportedRequest, completer: device),
      .completion(of: asked[7], status: .completerAbort, completer: device),
      .completion(of: asked[9], status: .successful, completer: device),
      .completion(of: asked[10], status: .requestRetry, completer: device),
      .completionWithWord(of: asked[12], completer: device),
      .completionWithOperand(of: asked[16], completer: device),
      .message(.fatalError, requester: device), .message(.assertINTB, requester: device),
      .latencyToleranceReport(snoop: 0x8805, noSnoop: 0x8c10, requester: device),
    ]
  }

  @Test("every field of every kind of TLP is what the fabric kept, with time, direction and comment")
  func fields() throws {
    var history: [LinkRecord] = []
    var payloads: [[UInt8]] = []
    var pair = Pair()
    pair.fabric.startCapture(CaptureSettings(interfaces: [CaptureTests.interface]))
    func send(_ header: TLPHeader, from node: ScriptedNode) {
      let payload = (0..<header.payloadBytes).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ payloads.count) }
      payloads.append(payload)
      pair.send(header, payload: payload, from: node)
      pair.fabric.runUntilIdle()
    }
    for header in Self.requests { send(header, from: pair.root) }
    for header in Self.answers { send(header, from: pair.device) }
    history = pair.fabric.history(ofLink: 0).ordered
    let capture = try pair.endCapture().file
    let records = try PcapngReader(capture).records
    let rows = try Tshark.rows(capture, Self.names)
    try #require(rows.count == history.count && records.count == history.count && payloads.count <= 32)
    #expect(Set(history.compactMap { $0.header.kind }).count >= 15)
    for (index, row) in rows.enumerated() {
      let (kept, record) = (history[index], records[index])
      Self.compareCommon(row, kept, payloads[index])
      Self.compareKind(row, kept.header)
      #expect(row.nanoseconds("frame.time_epoch") == kept.time.picoseconds / 1000)
      #expect(row["frame.comment"] == record.comments.joined(separator: ","))
      // A mark is there when it is set.
      for (name, bit) in [("pcie.lost", 4), ("pcie.fault", 5), ("pcie.violation", 6)] {
        #expect(row.number(name) == (record.marks >> bit & 1 == 1 ? 1 : nil))
      }
    }
  }

  private static func compareCommon(_ row: Tshark.Row, _ kept: LinkRecord, _ payload: [UInt8]) {
    let header = kept.header
    #expect(row["_ws.col.Protocol"] == "PCIe")
    #expect(row["_ws.col.Info"].hasPrefix(header.kind?.mnemonic ?? "none"), "\(row["_ws.col.Info"])")
    #expect(row["pcie.tlp.type"] == header.kind?.mnemonic)
    #expect(row["pcie.tlp.requester"] == header.requesterID.description)
    #expect(row.number("pcie.tlp.requester_id") == UInt64(header.requesterID.rawValue))
    #expect(row.number("pcie.tlp.tag") == UInt64(header.tag))
    #expect(row.number("pcie.tlp.tc") == UInt64(header.trafficClass))
    #expect(row.number("pcie.tlp.poisoned") == (header.isPoisoned ? 1 : 0))
    #expect(row.number("pcie.tlp.digest") == (header.hasDigest ? 1 : 0))
    #expect(row["pcie.ecrc.status"] == (header.hasDigest ? "1" : ""))
    let attributes = UInt64(header.attributes.rawValue)
    #expect(row.number("pcie.tlp.no_snoop") == attributes & 1)
    #expect(row.number("pcie.tlp.relaxed_ordering") == attributes >> 1 & 1)
    #expect(row.number("pcie.tlp.id_based_ordering") == attributes >> 2 & 1)
    #expect(row["pcie.tlp.payload"] == hex(payload))
    #expect(row.number("pcie.direction") == (kept.isDownstream ? 0 : 1))
    #expect(row["pcie.source"] == (kept.isDownstream ? "rc" : "mem"))
    #expect(row.number("pcie.prefix.pasid") == (header.prefixes.isEmpty ? nil : 0xabcde))
    let mayBeEmpty = !header.hasData && (header.isCompletionShaped || header.kind?.isMessage == true)
    #expect(row.number("pcie.tlp.length") == UInt64(mayBeEmpty ? 0 : header.lengthDW))
  }

  /// What only some kinds have; what a kind does not have must not be there.
  private static func compareKind(_ row: Tshark.Row, _ header: TLPHeader) {
    guard let kind = header.kind else { return }
    let isIO = kind == .ioRead || kind == .ioWrite
    let isAddressed = kind.isMemoryRequest || isIO
    let hasEnables = isAddressed && !kind.isAtomic || kind.isConfigurationRequest
    #expect(row.number("pcie.tlp.address") == (isAddressed ? header.address : nil))
    #expect(row.number("pcie.tlp.first_be") == (hasEnables ? UInt64(header.firstByteEnable) : nil))
    #expect(row.number("pcie.tlp.last_be") == (hasEnables ? UInt64(header.lastByteEnable) : nil))
    if isAddressed {
      let first = kind.isAtomic ? header.address : header.firstByteAddress
      #expect(row.number("pcie.tlp.first_byte") == first)
      let isFlush = hasEnables && header.firstByteEnable == 0
      let bytes = kind.isAtomic ? header.payloadBytes : isFlush ? 0 : header.requestedBytes
      #expect(row.number("pcie.tlp.bytes") == UInt64(bytes))
    }
    let isRouted = kind.isConfigurationRequest || kind.isMessage && header.messageRouting == .byID
    #expect(row["pcie.tlp.target"] == (isRouted ? header.destinationID.description : ""))
    #expect(
      row.number("pcie.tlp.register") == (kind.isConfigurationRequest ? UInt64(header.registerOffset) : nil))
    #expect(row.number("pcie.msg.code") == (kind.isMessage ? UInt64(header.messageCodeByte) : nil))
    #expect(
      row.number("pcie.msg.routing") == (kind.isMessage ? UInt64(header.messageRouting?.rawValue ?? 9) : nil))
    let isAnswer = kind.isCompletion
    #expect(row["pcie.cpl.completer"] == (isAnswer ? header.completerID.description : ""))
    #expect(row.number("pcie.cpl.status") == (isAnswer ? UInt64(header.completionStatus.rawValue) : nil))
    #expect(row.number("pcie.cpl.byte_count") == (isAnswer ? UInt64(header.byteCount) : nil))
    #expect(row.number("pcie.cpl.lower_address") == (isAnswer ? UInt64(header.lowerAddress) : nil))
  }
}
