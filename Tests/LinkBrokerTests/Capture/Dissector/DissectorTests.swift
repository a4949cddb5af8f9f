import PCIe
import Simulation
import Testing

@testable import LinkBroker

/// What a user of Wireshark sees: lines, links between frames, filters, findings.
@Suite(
  "The dissector, as a user sees it", .enabled(if: Tshark.path != nil, "tshark is not installed"),
  .timeLimit(.minutes(10)))
struct DissectorTests {
  static let device = DissectorRecordTests.device

  /// A capture of what a tap is given; each record comes a microsecond after the one before.
  struct Tap: ~Copyable {
    var capture = LinkCapture()
    var payloads = PayloadPool(slotBytes: 4096)
    var time: UInt64 = 0

    init(_ settings: CaptureSettings = CaptureSettings(interfaces: [CaptureTests.interface])) {
      capture.start(settings, at: .zero)
    }

    mutating func place(_ isUpstream: Bool, link: Int = 0) -> CapturePlace {
      time += 1_000_000
      return CapturePlace(link: link, isDownstream: !isUpstream, time: VirtualTime(picoseconds: time))
    }

    mutating func add(
      _ header: TLPHeader, up isUpstream: Bool = false, link: Int = 0, sequence: UInt16? = nil,
      marks: CaptureMarks = [], payload count: Int? = nil
    ) {
      let bytes = count ?? header.payloadBytes
      let payload = bytes > 0 ? payloads.take(bytes: bytes) : .none
      if bytes > 0 {
        payloads.write((0..<bytes).map { UInt8($0 & 255) }, from: 0, count: bytes, to: payload)
      }
      let tlp = FabricTLP(header: header, payload: payload)
      let place = place(isUpstream, link: link)
      if let sequence {
        capture.add(tlp, sequence: sequence, place, marks: marks, payloads: payloads)
      } else {
        capture.add(tlp, place, marks: marks, payloads: payloads)
      }
    }

    mutating func add(_ dllp: DLLP, up isUpstream: Bool = false, marks: CaptureMarks = []) {
      capture.add(dllp: dllp.word, place(isUpstream), marks: marks)
    }

    mutating func file() -> [UInt8] {
      capture.finish(at: VirtualTime(picoseconds: time))
      return capture.file
    }
  }

  static func answer(_ request: TLPHeader, _ bytes: Int, of remaining: Int) -> TLPHeader {
    let start = request.firstByteAddress + UInt64(request.requestedBytes - remaining)
    return .completionWithData(
      of: request, completer: device, address: start, bytes: bytes, remainingBytes: remaining)
  }

  @Test("requests and completions lead to each other, with the time between, on each link by itself")
  func linking() throws {
    let other = CaptureSettings.Interface(name: "l1", text: "sw above mem, 8000 MT/s x4")
    var tap = Tap(CaptureSettings(interfaces: [CaptureTests.interface, other]))
    let (long, short) = (read(0x1001, bytes: 200, tag: 5), read(0x2000, bytes: 4, tag: 6))
    tap.add(long)  // 1
    tap.add(short)  // 2
    tap.add(long, link: 1)  // 3: the same TLP, sent on
    tap.add(Self.answer(long, 63, of: 200), up: true)  // 4
    tap.add(.completion(of: short, status: .unsupportedRequest, completer: Self.device), up: true)  // 5
    tap.add(Self.answer(long, 137, of: 137), up: true)  // 6
    tap.add(Self.answer(long, 200, of: 200), up: true, link: 1)  // 7
    tap.add(long)  // 8: the tag is used again
    tap.add(long, up: true)  // 9: from the other side, another requester in all but the address
    tap.add(Self.answer(long, 200, of: 200), up: true)  // 10
    tap.add(Self.answer(long, 200, of: 200), up: true)  // 11: nobody waits any more
    tap.add(Self.answer(read(0, bytes: 4, tag: 99), 4, of: 4), up: true)  // 12: never asked
    let names = [
      "pcie.completion_in", "pcie.request_in", "pcie.time", "pcie.answer_time", "_ws.expert.message",
      "pcie.source", "pcie.destination",
    ]
    let rows = try Tshark.rows(tap.file(), names, twoPasses: true)
    #expect(rows.map { $0[names[0]] } == ["4,6", "5", "7", "", "", "", "", "10,11", "", "", "", ""])
    #expect(rows.map { $0[names[1]] } == ["", "", "", "1", "2", "1", "3", "", "", "8", "8", ""])
    let times = ["", "", "", "3", "3", "5", "4", "", "", "2", "3", ""]
    #expect(rows.map { $0[names[2]] } == times.map { $0.isEmpty ? "" : "0.00000\($0)000" })
    #expect(rows[0][names[5]] == "rc" && rows[0][names[6]] == "mem" && rows[2][names[5]] == "sw")
    #expect(rows[6][names[5]] == "mem" && rows[6][names[6]] == "sw")
    #expect(rows[0][names[3]] == "0.000005000" && rows[1][names[3]] == "0.000003000")
    #expect(
      rows.map { $0[names[4]] } == [
        "", "", "", "", "Unsupported Request", "", "", "", "No completion in the capture", "",
        "Completion of a request that is complete", "No request for this completion in the capture",
      ])
  }

  /// A link with a data link layer on which nearly everything goes wrong once.
  static func frames() -> Tap {
    var tap = Tap()
    let request = read(0xe000_0000, bytes: 64, tag: 5)
    let credits = FlowControlDLLP(
      .initialize1, .nonPosted, virtualChannel: 3, headerCredits: 0xab, dataCredits: 0xcde, headerScale: 1,
      dataScale: 2)
    tap.add(.flowControl(credits))
    tap.add(.flowControl(FlowControlDLLP(.update, .completion, headerCredits: 1, dataCredits: 2)), up: true)
    tap.add(request, sequence: 0xffe, marks: .wrongLinkCRC)  // 3
    tap.add(.nak(sequence: 0xffd), up: true)
    tap.add(request, sequence: 0xffe, marks: .replayed)  // 5
    tap.add(write(0x1000, bytes: 8), sequence: 0xfff)
    tap.add(write(0x1000, bytes: 8), sequence: 0, marks: .nullified)  // 7
    tap.add(write(0x1008, bytes: 8), sequence: 0)
    tap.add(.ack(sequence: 0), up: true, marks: .wrongLinkCRC)  // 9
    tap.add(.ack(sequence: 0), up: true)
    tap.add(answer(request, 64, of: 64), up: true, sequence: 0, marks: .lost)  // 11
    tap.add(answer(request, 64, of: 64), up: true, sequence: 0, marks: .replayed)
    tap.add(answer(request, 64, of: 64), up: true, sequence: 0, marks: .replayed)  // 13
    var sealed = write(0x2000)
    sealed.hasDigest = true
    sealed.isPoisoned = true
    tap.add(sealed, sequence: 1)
    tap.add(sealed, sequence: 2, marks: .wrongDigest)  // 15
    tap.add(.powerManagement(.activeStateRequestL1), up: true)
    tap.add(.powerManagement(.requestAcknowledge))  // 17
    tap.add(.powerManagement(.enterL1), up: true)
    tap.add(.powerManagement(.enterL23), up: true)  // 19
    tap.add(.vendorSpecific(content: 0x123456))
    tap.add(.dataLinkFeature(supported: 1, isAcknowledged: true))  // 21
    tap.add(.noOperation(content: 0))
    return tap
  }

  @Test("golden: the lines of a link with a data link layer, and the fields of its frames")
  func golden() throws {
    var tap = Self.frames()
    let names = [
      "_ws.col.Info", "pcie.seq", "pcie.lcrc.status", "pcie.ecrc.status", "pcie.dllp.crc.status",
      "pcie.ack_in", "pcie.ack_of", "pcie.replay_of", "pcie.request_in",
    ]
    let rows = try Tshark.rows(tap.file(), names, twoPasses: true)
    let text = rows.enumerated().map { index, row in
      "\(index + 1) " + names.map { row[$0] }.joined(separator: "|")
    }
    let golden = """
      1 InitFC1-NP VC3 header 171 data 3294||||1||||
      2 UpdateFC-Cpl VC0 header 1 data 2||||1||||
      3 MRd 00:01.0 tag 5 @ 0xe0000000 64 bytes seq 4094 [LCRC bad]|4094|0||||||
      4 Nak 4093||||1||||
      5 MRd 00:01.0 tag 5 @ 0xe0000000 64 bytes seq 4094 [replayed]|4094|1|||10||3|
      6 MWr 00:01.0 @ 0x00001000 8 bytes seq 4095|4095|1|||10|||
      7 MWr 00:01.0 @ 0x00001000 8 bytes seq 0 [nullified]|0|3||||||
      8 MWr 00:01.0 @ 0x00001008 8 bytes seq 0|0|1|||10|||
      9 Ack 0 [CRC bad]||||0||||
      10 Ack 0||||1||5,6,8||
      11 CplD 01:00.0 for 00:01.0 tag 5 SC 64 bytes seq 0 [lost]|0|1||||||3
      12 CplD 01:00.0 for 00:01.0 tag 5 SC 64 bytes seq 0 [replayed]|0|1||||||3
      13 CplD 01:00.0 for 00:01.0 tag 5 SC 64 bytes seq 0 [replayed]|0|1||||||3
      14 MWr 00:01.0 @ 0x00002000 4 bytes seq 1 [poisoned]|1|1|1|||||
      15 MWr 00:01.0 @ 0x00002000 4 bytes seq 2 [poisoned, ECRC bad]|2|1|0|||||
      16 PM_Active_State_Request_L1||||1||||
      17 PM_Request_Ack||||1||||
      18 PM_Enter_L1||||1||||
      19 PM_Enter_L23||||1||||
      20 Vendor_Specific 0x123456||||1||||
      21 Data_Link_Feature 0x000001 acknowledged||||1||||
      22 NOP||||1||||
      """
    let wanted = golden.split(separator: "\n").map(String.init)
    for (line, expected) in zip(text, wanted) { #expect(line == expected) }
    #expect(text.count == wanted.count)
  }

  @Test("filters select what they say, and findings are counted by their kind")
  func filters() throws {
    var tap = Self.frames()
    tap.add(.completion(of: read(0, tag: 9), status: .completerAbort, completer: Self.device), up: true)
    tap.add(read(0x8_0000_0000, tag: 300))
    tap.capture.commentLast(fault: 3)
    tap.add(write(0x3000, bytes: 64), payload: 60)
    let expected: [(String, Int)] = [
      ("pcie", 25), ("pcie.tlp.type == \"MRd\"", 3), ("pcie.tlp.type matches \"^Cpl\"", 4),
      ("pcie.tlp.tag == 5", 5), ("pcie.tlp.tag == 300", 1), ("pcie.tlp.requester == \"00:01.0\"", 13),
      ("pcie.tlp.address == 0x800000000", 1), ("pcie.tlp.address >= 0x1000 && pcie.tlp.address < 0x2000", 3),
      ("pcie.tlp.length == 16", 6), ("pcie.tlp.poisoned == 1", 2), ("pcie.cpl.status == \"CA\"", 1),
      ("pcie.cpl.status == 0", 3), ("pcie.cpl.byte_count == 64", 3), ("pcie.dllp.type == \"Ack\"", 2),
      ("pcie.dllp.type matches \"FC\"", 2), ("pcie.dllp.header_credits == 171", 1),
      ("pcie.dllp.data_credits == 3294 && pcie.dllp.vc == 3 && pcie.dllp.class == \"NP\"", 1),
      ("pcie.dllp.header_scale == 1 && pcie.dllp.data_scale == 2", 1), ("pcie.seq == 4094", 2),
      ("pcie.direction == \"upstream\"", 11), ("pcie.layer == 2", 12), ("pcie.fault == 1", 1),
      ("pcie.lcrc.status == \"bad\"", 1), ("pcie.lcrc.status == \"good\"", 8),
      ("pcie.ecrc.status == \"bad\"", 1), ("pcie.dllp.crc.status == \"bad\"", 1), ("pcie.expert.lcrc", 1),
      ("pcie.expert.ecrc", 1), ("pcie.expert.dllp_crc", 1), ("pcie.expert.poisoned", 2),
      ("pcie.expert.status", 1), ("pcie.expert.replayed", 3), ("pcie.expert.nullified", 1),
      ("pcie.expert.lost", 1), ("pcie.expert.nak", 1), ("pcie.expert.malformed", 1), ("pcie.expert.fault", 1),
      ("pcie.expert.surplus", 0), ("_ws.lua.error", 0),
    ]
    let counts = try Tshark.counts(tap.file(), expected.map(\.0))
    #expect(counts.count == expected.count)
    for (count, (filter, wanted)) in zip(counts, expected) { #expect(count == wanted, "\(filter)") }
  }
}
