import LinkBroker
import PCIe
import Simulation
import Testing

@Suite("Comments and losses of a capture")
struct CaptureCommentTests {
  @Test("a malformed TLP says what is wrong with it")
  func malformed() throws {
    let file = try CaptureTests.capture(
      .init(interfaces: [CaptureTests.interface]), .init(maxPayloadBytes: 128)
    ) {
      pair in
      pair.send(write(0x1000), payload: [1, 2, 3, 4])
      var header = write(0x2000, bytes: 8)
      header.lengthDW = 1
      pair.send(header, payload: [1, 2, 3, 4, 5, 6, 7, 8])
      pair.fabric.runUntilIdle()
    }
    #expect(file.records.map(\.comments.count) == [0, 1])
    #expect(file.records[1].comments[0].hasPrefix("malformed-tlp: MWr: "), "\(file.records[1].comments)")
    #expect(file.records.map(\.marks) == [0, 0x40])
    #expect(file.records[1].flags == 2)
  }

  @Test("a tag in use again is told at the second request")
  func tagReuse() throws {
    let file = try CaptureTests.capture { pair in
      pair.send(read(0, tag: 4))
      pair.send(read(8, tag: 4))
      pair.fabric.runUntilIdle()
    }
    #expect(file.records.map(\.marks) == [0, 0x40])
    #expect(
      file.records[1].comments == ["tag-reuse: 00:01.0 uses tag 4 again before its completion has come"])
  }

  @Test("what was on the wire when the link went down is lost; what still waited was never there")
  func linkDown() throws {
    let file = try CaptureTests.capture { pair in
      pair.send(write(0), payload: [1, 2, 3, 4])
      pair.send(write(4), payload: [1, 2, 3, 4])
      pair.fabric.takeDown(link: 0, .surpriseDown)
      pair.fabric.runUntilIdle()
    }
    #expect(file.records.map(\.comments) == [["the link went down before it arrived"]])
    #expect(file.records.map(\.marks) == [0x10])
  }

  @Test("notes stand at the next record, or at the last one when none follows")
  func notes() throws {
    let file = try CaptureTests.capture { pair in
      pair.fabric.noteInCapture("first")
      pair.fabric.noteInCapture("second")
      pair.send(read(0, tag: 1))
      pair.fabric.runUntilIdle()
      pair.send(read(0, tag: 2))
      pair.fabric.runUntilIdle()
      pair.fabric.noteInCapture("last")
    }
    #expect(file.records.map(\.comments) == [["first", "second"], ["last"]])
    let empty = try CaptureTests.capture { pair in pair.fabric.noteInCapture("nobody hears") }
    #expect(empty.records.isEmpty)
  }

  @Test("a full capture keeps the newest records, and counts the others")
  func bounded() throws {
    let settings = CaptureSettings(interfaces: [CaptureTests.interface], bytesMax: CaptureSettings.bytesMin)
    let sent = 5000
    var lost: UInt64 = 0
    var pair = Pair()
    pair.fabric.startCapture(settings)
    for index in 0..<sent {
      if index == 10 || index == sent - 10 { pair.fabric.noteInCapture("note \(index)") }
      pair.send(write(UInt64(index) * 4), payload: [1, 2, 3, 4])
      pair.fabric.runUntilIdle()
    }
    let capture = try pair.endCapture()
    lost = capture.lost
    let file = try PcapngReader(capture.file)
    #expect(lost > 3000 && Int(lost) + file.records.count == sent)
    #expect(file.records.reduce(0) { $0 + $1.bytes.count } < CaptureSettings.bytesMin)
    #expect(file.statistics[0].number(4) == UInt64(sent) && file.statistics[0].number(5) == lost)
    for (index, record) in file.records.enumerated() {
      let header = try TLP.decode(record.wire.rawSpan).header
      #expect(header.address == (lost + UInt64(index)) * 4)
    }
    let commented = file.records.enumerated().filter { !$0.element.comments.isEmpty }
    #expect(commented.map(\.offset) == [0, file.records.count - 10])
    #expect(
      commented.map(\.element.comments) == [
        ["\(lost) earlier records gave way: the capture is limited to 65536 bytes"], ["note \(sent - 10)"],
      ])
  }

  @Test("a buffer that is used again leaves nothing of the capture before")
  func reuse() throws {
    var pair = Pair()
    let settings = CaptureSettings(interfaces: [CaptureTests.interface])
    func take(_ payload: [UInt8], reusing former: LinkCapture?) throws -> LinkCapture {
      pair.fabric.startCapture(settings, reusing: former)
      pair.send(write(0, bytes: payload.count), payload: payload)
      pair.fabric.runUntilIdle()
      return try pair.endCapture()
    }
    let small = try take([1, 2, 3, 4], reusing: nil).file
    let large = try take([UInt8](repeating: 0xff, count: 256), reusing: nil)
    #expect(try take([1, 2, 3, 4], reusing: large).file == small)
  }

  @Test("a large capture with many comments is written in pieces that make the same file")
  func pieces() throws {
    var pair = Pair()
    pair.fabric.startCapture(CaptureSettings(interfaces: [CaptureTests.interface]))
    for index in 0..<12_000 {
      if index % 3000 == 7 || index > 11_000 { pair.fabric.noteInCapture("note \(index)") }
      pair.send(write(UInt64(index) * 4), payload: [1, 2, 3, 4])
      pair.fabric.runUntilIdle()
    }
    let capture = try pair.endCapture()
    var pieces: [Int] = []
    capture.write { pieces.append($0.count) }
    #expect(pieces.count > 2 && pieces.count < 20)
    let file = try PcapngReader(capture.file)
    #expect(file.records.count == 12_000)
    #expect(file.records.count { !$0.comments.isEmpty } == 4 + 999)
    #expect(file.records[7].comments == ["note 7"])
    for (index, record) in file.records.enumerated() {
      guard try TLP.decode(record.wire.rawSpan).header.address == UInt64(index) * 4 else {
        Issue.record("record \(index) is another TLP")
        break
      }
    }
  }
}
