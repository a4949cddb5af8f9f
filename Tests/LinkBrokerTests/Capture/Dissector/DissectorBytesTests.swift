import Foundation
import PCIe
import Simulation
import Testing

@testable import LinkBroker

/// What is cut, wrong or no TLP at all.
@Suite(
  "The dissector on any bytes", .enabled(if: Tshark.path != nil, "tshark is not installed"),
  .timeLimit(.minutes(10)))
struct DissectorBytesTests {
  /// A file of records with any bytes, which no tap would make.
  static func file(_ records: [(bytes: [UInt8], original: Int)]) -> [UInt8] {
    var capture = LinkCapture()
    capture.start(CaptureSettings(interfaces: [CaptureTests.interface]), at: .zero)
    capture.finish(at: .zero)
    var bytes = capture.file
    func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> ($0 * 8) & 255) } }
    for (index, record) in records.enumerated() {
      let padded = record.bytes + [UInt8](repeating: 0, count: -record.bytes.count & 3)
      let length = 32 + padded.count
      bytes += word(6) + word(length) + word(0) + word(0) + word(index) + word(record.bytes.count)
      bytes += word(record.original) + padded + word(length)
    }
    return bytes
  }

  /// Bytes that often begin like a TLP or a DLLP, so that every branch is taken.
  static func anything(_ generator: inout SeededGenerator) -> (bytes: [UInt8], original: Int) {
    func draw(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }
    let count = draw(3) == 0 ? draw(12) : draw(90)
    var bytes = (0..<count).map { _ in UInt8(draw(256)) }
    if count > 0, draw(10) > 0 { bytes[0] = UInt8(draw(3) << 4 | draw(2) << 7) }
    let codes: [UInt8] = [
      0, 0x20, 1, 0x40, 0x60, 2, 0x42, 4, 0x44, 5, 0x0a, 0x4a, 0x4b, 0x4c, 0x6e, 0x30, 0x34, 0x72, 0x73, 0x91,
      0x80,
    ]
    for place in [2, 4] where count > place && draw(3) > 0 {
      bytes[place] = codes[draw(codes.count)]
      if count > place + 3, draw(2) > 0 {
        bytes[place + 2] &= 0xfc
        bytes[place + 3] = UInt8(draw(6))
      }
    }
    let originals = [count, count, count + draw(200), max(0, count - draw(10))]
    return (bytes, originals[draw(4)])
  }

  @Test("random bytes never lead to an error of the dissector, in any pass")
  func random() throws {
    var generator = SeededGenerator(seed: 0x1234)
    let records = (0..<3000).map { _ in Self.anything(&generator) }
    let outcome = try Tshark.run(Self.file(records), ["-2", "-V"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors.prefix(500))")
    #expect(outcome.lines.count { $0.hasPrefix("PCI Express") } == records.count)
    for word in ["Lua Error", "Dissector bug", "[Malformed Packet", "Exception"] {
      #expect(!outcome.output.contains(word), "\(word)")
    }
    for word in ["malformed: the header has", "malformed: Fmt and Type", "CplD", "FetchAdd", "UpdateFC"] {
      #expect(outcome.output.contains(word) || outcome.output.contains(word.dropFirst(11)), "\(word)")
    }
  }

  @Test("each way to be cut or malformed is told")
  func told() throws {
    var tap = DissectorTests.Tap(
      CaptureSettings(interfaces: [CaptureTests.interface], snapLength: CaptureSettings.snapLengthMin))
    var sealed = write(0x1000, bytes: 64)
    sealed.hasDigest = true
    tap.add(sealed, sequence: 3)
    tap.add(read(0x1000))
    let cut = try Tshark.rows(
      tap.file(), ["_ws.col.Info", "pcie.lcrc.status", "pcie.ecrc.status", "pcie.tlp.payload", "frame.len"])
    #expect(
      cut.map { $0["_ws.col.Info"] } == [
        "MWr 00:01.0 @ 0x00001000 64 bytes seq 3 [cut]", "MRd 00:01.0 tag 0 @ 0x00001000 4 bytes",
      ])
    #expect(cut[0]["pcie.lcrc.status"].isEmpty && cut[0]["pcie.ecrc.status"].isEmpty)
    #expect(cut[0]["pcie.tlp.payload"] == hex(0..<20) && cut[0].number("frame.len") == 88)

    let header: [UInt8] = [0x40, 0, 0, 2, 0, 0, 0, 0xff, 0, 0, 0x10, 0]
    let wrong: [([UInt8], String)] = [
      ([], "[malformed: no pseudo-header]"), ([0], "[malformed: no pseudo-header]"),
      ([0x50, 0], "PCIe [malformed: layer 5 is not defined]"), ([0, 0], "TLP [malformed: no header]"),
      ([0x10, 0, 1], "TLP [malformed: no sequence number]"),
      ([0x10, 0, 0, 1, 0, 0], "TLP seq 1 [malformed: no LCRC]"),
      ([0x20, 0, 0, 0, 0], "DLLP [malformed: the DLLP has 3 bytes; it must have 6]"),
      ([0, 0, 0x1f, 0, 0, 0], "TLP [malformed: Fmt and Type 0x1f are not defined]"),
      ([0, 0] + header.prefix(8), "MWr [malformed: the header has 8 of 12 bytes]"),
      (
        [0, 0] + header + [1, 2, 3, 4],
        "MWr 00:00.0 @ 0x00001000 8 bytes [malformed: the header means 20 bytes, the link carried 16]"
      ),
      (
        [0, 0] + (0..<5).flatMap { _ -> [UInt8] in [0x91, 0, 0, 0] } + header + [1, 2, 3, 4, 5, 6, 7, 8],
        "MWr 00:00.0 @ 0x00001000 8 bytes [malformed: 5 prefixes; four are the most]"
      ),
    ]
    let rows = try Tshark.rows(
      Self.file(wrong.map { ($0.0, $0.0.count) }), ["_ws.col.Info", "pcie.expert.malformed"])
    #expect(rows.count == wrong.count)
    for (row, (_, text)) in zip(rows, wrong) {
      #expect(row["_ws.col.Info"] == text)
      #expect(!row["pcie.expert.malformed"].isEmpty, "\(text)")
    }
  }

  @Test("without the dissector a capture opens too, with its links, times and comments")
  func withoutDissector() throws {
    var tap = DissectorTests.Tap()
    tap.add(write(0x1000))
    tap.capture.commentLast(fault: 2)
    tap.add(.ack(sequence: 1), up: true)
    let outcome = try Tshark.run(
      tap.file(),
      ["-T", "fields"]
        + [
          "frame.time_epoch", "frame.interface_name", "frame.interface_description", "frame.len",
          "frame.comment",
        ].flatMap { ["-e", $0] }, withDissector: false)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(
      outcome.output == """
        0.000001000\tl0\trc to mem\t18\ttouched by fault rule 2
        0.000002000\tl0\trc to mem\t8\t

        """)
  }
}
