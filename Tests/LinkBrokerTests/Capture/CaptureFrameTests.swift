import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("Frames of the data link layer in a capture")
struct CaptureFrameTests {
  static let place = CapturePlace(link: 0, isDownstream: false, time: VirtualTime(picoseconds: 1_999))

  /// The one record that a tap makes.
  static func record(_ tap: (inout LinkCapture, borrowing PayloadPool, FabricTLP) -> Void) throws
    -> PcapngReader.Record
  {
    var payloads = PayloadPool(slotBytes: 256)
    let payload = payloads.take(bytes: 4)
    payloads.write([1, 2, 3, 4], from: 0, count: 4, to: payload)
    var capture = LinkCapture()
    capture.start(CaptureSettings(interfaces: [CaptureTests.interface]), at: .zero)
    tap(&capture, payloads, FabricTLP(header: write(0x1000), payload: payload))
    capture.finish(at: .zero)
    let file = try PcapngReader(capture.file)
    return try #require(file.records.count == 1 ? file.records.first : nil)
  }

  @Test(
    "a frame has its sequence number and an LCRC that is right, wrong or inverted",
    arguments: [(CaptureMarks([]), 0 as UInt32), (.wrongLinkCRC, 1), (.nullified, .max), (.replayed, 0)])
  func lcrc(marks: CaptureMarks, change: UInt32) throws {
    let record = try Self.record { $0.add($2, sequence: 0xabc, Self.place, marks: marks, payloads: $1) }
    #expect(record.bytes[0] == 0x90 && record.marks == marks.rawValue && record.time == 1)
    #expect(Array(record.bytes[2..<4]) == [0x0a, 0xbc])
    let bytes = Array(record.bytes[4..<20])
    #expect(try TLP.decode(bytes.rawSpan) == TLP(header: write(0x1000), payload: [1, 2, 3, 4]))
    let seen: UInt32 = record.bytes.loadLE(at: 20)
    #expect(record.bytes.count == 24 && record.original == 24)
    #expect(seen ^ LinkCRC.value(sequence: 0xabc, tlp: bytes.rawSpan) == change)
    #expect(record.flags == 1 | (change == 0 ? 0 : 1 << 24))
  }

  @Test("a DLLP has its bytes and a CRC that is right or wrong", arguments: [false, true])
  func dllp(isWrong: Bool) throws {
    let dllp = DLLP.ack(sequence: 0x123)
    let record = try Self.record { capture, _, _ in
      capture.add(dllp: dllp.word, Self.place, marks: isWrong ? .wrongLinkCRC : [])
    }
    #expect(record.bytes[0] == 0xa0 && record.original == 8)
    #expect((record.wire == dllp.bytes) == !isWrong)
    #expect(Array(record.wire.prefix(4)) == Array(dllp.bytes.prefix(4)))
    #expect((try? DLLP.decode(record.wire.rawSpan)) == (isWrong ? nil : dllp))
  }

  @Test("a wrong digest is wrong in the capture")
  func wrongDigest() throws {
    let record = try Self.record { capture, payloads, tlp in
      var tlp = tlp
      tlp.header.hasDigest = true
      capture.add(tlp, Self.place, marks: .wrongDigest, payloads: payloads)
    }
    #expect(try TLP.decode(record.wire.rawSpan).isDigestRight == false)
    #expect(record.marks == 8 && record.flags == 1)
  }

  @Test("a fault is named by the text of its rule")
  func faults() throws {
    var settings = CaptureSettings(interfaces: [CaptureTests.interface])
    settings.faults = ["dropped by cpl.timeout, Suites/faults.yaml:41"]
    var capture = LinkCapture()
    capture.start(settings, at: .zero)
    capture.add(dllp: DLLP.nak(sequence: 1).word, Self.place)
    capture.commentLast(fault: 0)
    capture.add(dllp: DLLP.nak(sequence: 2).word, Self.place)
    capture.commentLast(fault: 7)
    capture.finish(at: .zero)
    let file = try PcapngReader(capture.file)
    #expect(file.records.map(\.comments) == [settings.faults, ["touched by fault rule 7"]])
    #expect(file.records.map(\.marks) == [0x20, 0x20])
  }
}
