import LinkBroker
import PCIe
import Simulation
import Testing

@Suite("Capture of the links")
struct CaptureTests {
  static let interface = CaptureSettings.Interface(name: "l0", text: "rc to mem")

  /// What the capture of a pair's link holds after some work.
  static func capture(
    _ settings: CaptureSettings = CaptureSettings(interfaces: [interface]),
    _ configuration: LinkConfiguration = LinkConfiguration(), _ work: (inout Pair) -> Void
  ) throws -> PcapngReader {
    var pair = Pair(configuration)
    pair.fabric.startCapture(settings)
    work(&pair)
    let capture = try pair.endCapture()
    let file = try PcapngReader(capture.file)
    #expect(capture.count == UInt64(file.records.count))
    return file
  }

  @Test("each TLP that the link's history keeps is a record with its time, direction and bytes")
  func records() throws {
    var history: [LinkRecord] = []
    let file = try Self.capture { pair in
      pair.send(write(0x1000), payload: [1, 2, 3, 4])
      pair.send(read(0x1_0000_0000, bytes: 64, tag: 5))
      pair.fabric.runUntilIdle()
      pair.send(
        .completionWithWord(of: read(0, tag: 5), completer: FunctionAddress(rawValue: 0x100)),
        payload: [9, 8, 7, 6], from: pair.device)
      pair.fabric.runUntilIdle()
      history = pair.fabric.history(ofLink: 0).ordered
    }
    #expect(file.records.count == 3 && history.count == 3)
    for (record, kept) in zip(file.records, history) {
      let tlp = try TLP.decode(record.wire.rawSpan)
      #expect(tlp.header == kept.header)
      #expect(tlp.payload.count == Int(kept.payloadBytes))
      #expect(record.time == kept.time.picoseconds / 1000)
      #expect(record.isUpstream == !kept.isDownstream)
      #expect(record.flags == (kept.isDownstream ? 2 : 1))
      #expect(record.original == record.bytes.count && record.layer == 0 && record.marks == 0)
      #expect(record.comments.isEmpty)
    }
    #expect(try TLP.decode(file.records[2].wire.rawSpan).payload == [9, 8, 7, 6])
  }

  @Test("the head names the program and each link, the end counts what each link has carried")
  func frame() throws {
    let settings = CaptureSettings(
      interfaces: [Self.interface], text: "case dma.a", application: "pcie-harness 1")
    let file = try Self.capture(settings) { pair in
      for tag in 0..<5 { pair.send(read(0, tag: UInt16(tag))) }
      pair.fabric.runUntilIdle()
    }
    #expect(file.section.map(\.text) == ["case dma.a", "pcie-harness 1"])
    #expect(file.section.map(\.code) == [1, 4])
    let interface = try #require(file.interfaces.first)
    #expect(file.interfaces.count == 1 && interface.linkType == 147 && interface.snapLength == 0)
    #expect(interface.text(2) == "l0" && interface.text(3) == "rc to mem")
    #expect(interface.options.first { $0.code == 9 }?.value == [9])
    let statistics = try #require(file.statistics.first)
    #expect(file.statistics.count == 1 && statistics.interface == 0)
    #expect(statistics.number(4) == 5 && statistics.number(5) == 0)
  }

  @Test("a snap length cuts payloads and never headers, and the original length stays")
  func snapLength() throws {
    let settings = CaptureSettings(interfaces: [Self.interface], snapLength: 40)
    let payload = (0..<128).map { UInt8($0) }
    let file = try Self.capture(settings) { pair in
      pair.send(write(0x1000, bytes: 128), payload: payload)
      var header = write(0x1_0000_0000, bytes: 128)
      header.hasDigest = true
      pair.send(header, payload: payload)
      pair.send(read(0))
      pair.fabric.runUntilIdle()
    }
    #expect(file.interfaces[0].snapLength == 40)
    #expect(file.records.map(\.bytes.count) == [40, 40, 14])
    #expect(file.records.map(\.original) == [2 + 12 + 128, 2 + 16 + 128 + 4, 14])
    #expect(Array(file.records[0].wire[12...]) == Array(payload.prefix(26)))
  }

  @Test("prefixes and digests stand as on the wire, and the digest is right")
  func digest() throws {
    let file = try Self.capture { pair in
      var header = write(0x1000)
      header.hasDigest = true
      header.prefixes.append(.processAddressSpace(0x12345))
      pair.send(header, payload: [1, 2, 3, 4])
      pair.fabric.runUntilIdle()
    }
    let tlp = try TLP.decode(try #require(file.records.first).wire.rawSpan)
    #expect(tlp.header.prefixes.processAddressSpace?.processAddressSpaceID == 0x12345)
    #expect(tlp.payload == [1, 2, 3, 4] && tlp.isDigestRight == true)
  }

  @Test("nothing is recorded before the start and after the end, and the time begins with the start")
  func duration() throws {
    var pair = Pair()
    pair.send(read(0, tag: 1))
    pair.fabric.runUntilIdle()
    let none = pair.fabric.endCapture()
    #expect(none?.count == nil)
    pair.fabric.run(until: VirtualTime(picoseconds: 5_000_000))
    pair.fabric.startCapture(CaptureSettings(interfaces: [Self.interface]))
    pair.fabric.run(until: VirtualTime(picoseconds: 7_000_000))
    pair.send(read(0, tag: 2))
    pair.fabric.runUntilIdle()
    let capture = try pair.endCapture()
    pair.send(read(0, tag: 3))
    pair.fabric.runUntilIdle()
    let file = try PcapngReader(capture.file)
    #expect(file.records.map(\.time) == [2_000])
  }

  /// The bytes of a capture of one write, worked out by hand from the specification.
  @Test("golden")
  func golden() throws {
    var pair = Pair()
    pair.fabric.startCapture(CaptureSettings(interfaces: [Self.interface]))
    pair.fabric.noteInCapture("hi")
    pair.fabric.run(until: VirtualTime(picoseconds: 0x1_0000_0002_000))
    pair.send(write(0xe000_0000), payload: [1, 2, 3, 4])
    let golden = """
      0a0d0d0a 20000000 4d3c2b1a 0100 0000 ffffffffffffffff 0000 0000 20000000
      01000000 38000000 9300 0000 00000000
        0200 0200 6c30 0000  0300 0900 726320746f206d656d 000000  0900 0100 09 000000  0000 0000 38000000
      06000000 48000000 00000000 04000000 c4749318 12000000 12000000
        00 80 40000001 0008000f e0000000 01020304 0000
        0200 0400 02000000  0100 0200 6869 0000  0000 0000 48000000
      05000000 4c000000 00000000 04000000 c4749318  0200 0800 00000000 00000000
        0300 0800 04000000 c4749318  0400 0800 0100000000000000  0500 0800 0000000000000000  0000 0000 4c000000
      """
    let file = try pair.endCapture().file
    #expect(hex(file) == golden.filter { !$0.isWhitespace })
  }
}

extension Pair {
  /// The capture that was going on.
  mutating func endCapture() throws -> LinkCapture {
    let capture = fabric.endCapture()
    return try #require(capture)
  }
}

/// Bytes in hexadecimal.
func hex(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { hexadecimal(UInt64($0), digits: 2) }.joined()
}
