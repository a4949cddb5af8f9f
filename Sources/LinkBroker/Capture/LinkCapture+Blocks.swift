import PCIe
import Simulation

/// Where a TLP or DLLP was seen.
struct CapturePlace: Sendable {
  var link: Int
  var isDownstream: Bool
  var time: VirtualTime

  /// - Layout: bit 7 of the pseudo-header's first octet.
  var directionBit: UInt8 { isDownstream ? 0 : 0x80 }
}

extension LinkCapture {
  /// The block before the bytes on the wire: type, length, interface, time, captured and original length.
  static let headBytes = 28
  /// The block behind the bytes on the wire: flags, the end of options, length.
  static let tailBytes = 16
  /// Where the pseudo-header's second octet stands in a block.
  static let marksOffset = headBytes + 1
  /// The most that a block takes besides a payload: the rest are pseudo-header, sequence number, prefixes,
  /// header, digest, LCRC and padding.
  private static let overheadBytes = headBytes + tailBytes + 2 + 2 + 16 + 16 + 4 + 4 + 4

  /// Takes a TLP as the transaction layer sends it.
  @inline(__always)
  mutating func add(
    _ tlp: FabricTLP, _ place: CapturePlace, marks: CaptureMarks = [], payloads: borrowing PayloadPool
  ) {
    makeRoom(Self.overheadBytes + Int(tlp.payload.bytes))
    let wire = used + Self.headBytes
    writePseudoHeader(.transaction, place, marks, at: wire)
    let end = write(tlp, marks, from: wire + 2, record: wire, payloads: payloads)
    close(wire: wire, captured: min(end - wire, snap), original: end - wire, place, marks)
  }

  /// Takes a TLP as the data link layer sends it.
  mutating func add(
    _ tlp: FabricTLP, sequence: UInt16, _ place: CapturePlace, marks: CaptureMarks = [],
    payloads: borrowing PayloadPool
  ) {
    makeRoom(Self.overheadBytes + Int(tlp.payload.bytes))
    let wire = used + Self.headBytes
    writePseudoHeader(.dataLink, place, marks, at: wire)
    let start = wire + 4
    bytes.withMutableRawSpan { $0.storeBE(sequence & 0xfff, at: wire + 2) }
    let end = write(tlp, marks, from: start, record: wire, payloads: payloads)
    if end - wire < snap {
      var crc = LinkCRC.value(sequence: sequence, tlp: bytes.rawSpan.extracting(start..<end))
      if marks.contains(.nullified) { crc = ~crc } else if marks.contains(.wrongLinkCRC) { crc ^= 1 }
      bytes.storeLE(crc, at: end)
    }
    let original = end + 4 - wire
    close(wire: wire, captured: min(original, snap), original: original, place, marks)
  }

  /// Takes a DLLP: the four bytes before its CRC, in host order.
  mutating func add(dllp word: UInt32, _ place: CapturePlace, marks: CaptureMarks = []) {
    makeRoom(Self.overheadBytes)
    let wire = used + Self.headBytes
    writePseudoHeader(.dllp, place, marks, at: wire)
    let crc = DLLP.checksum(word) ^ (marks.contains(.wrongLinkCRC) ? 1 : 0)
    bytes.withMutableRawSpan { span in
      span.storeBE(word, at: wire + 2)
      span.storeLE(crc, at: wire + 6)
    }
    close(wire: wire, captured: 8, original: 8, place, marks)
  }

  /// The most bytes of a record that are kept.
  private var snap: Int { settings.snapLength == 0 ? .max : settings.snapLength }

  @inline(__always)
  private mutating func writePseudoHeader(
    _ layer: CaptureLayer, _ place: CapturePlace, _ marks: CaptureMarks, at offset: Int
  ) {
    let first = place.directionBit | layer.rawValue << 4 | UInt8(truncatingIfNeeded: place.link) & 15
    bytes.withMutableRawSpan { $0.storeLE(UInt16(first) | UInt16(marks.rawValue) << 8, at: offset) }
  }

  /// Writes prefixes, header, payload and digest, and gives the place behind them; bytes behind the snap
  /// length may be left out.
  @inline(__always)
  private mutating func write(
    _ tlp: FabricTLP, _ marks: CaptureMarks, from start: Int, record wire: Int,
    payloads: borrowing PayloadPool
  ) -> Int {
    let header = tlp.header
    var offset = start
    if !header.prefixes.isEmpty { offset = write(header.prefixes, at: offset) }
    bytes.withMutableRawSpan { span in
      span.storeBE(header.dw0, at: offset)
      span.storeBE(header.dw1, at: offset + 4)
      span.storeBE(header.dw2, at: offset + 8)
      if header.hasFourDWs { span.storeBE(header.dw3, at: offset + 12) }
    }
    offset += header.headerBytes
    let payload = offset
    if tlp.payload.bytes > 0 {
      let kept = max(0, min(Int(tlp.payload.bytes), snap - (offset - wire)))
      payloads.read(tlp.payload, count: kept, to: &bytes, at: offset)
      offset += Int(tlp.payload.bytes)
    }
    guard header.hasDigest else { return offset }
    if offset - wire < snap {
      let value = EndToEndCRC.value(header: header, payload: bytes.rawSpan.extracting(payload..<offset))
      bytes.storeLE(marks.contains(.wrongDigest) ? value ^ 1 : value, at: offset)
    }
    return offset + 4
  }

  private mutating func write(_ prefixes: TLPPrefixes, at offset: Int) -> Int {
    for index in 0..<prefixes.count {
      let word = prefixes[index].rawValue
      bytes.withMutableRawSpan { $0.storeBE(word, at: offset + index * 4) }
    }
    return offset + prefixes.count * 4
  }

  /// Writes what stands before and behind the bytes on the wire; the block is complete then.
  ///
  /// - Layout: epb_flags has the direction as the upstream component sees it in bits 1:0, and bit 24 set for
  ///   a wrong CRC.
  /// - Source: draft-ietf-opsawg-pcapng, 4.3 "Enhanced Packet Block".
  @inline(__always)
  private mutating func close(
    wire: Int, captured: Int, original: Int, _ place: CapturePlace, _ marks: CaptureMarks
  ) {
    let start = used
    let tail = wire + (captured + 3) & ~3
    let length = tail + Self.tailBytes - start
    let nanoseconds = (place.time - origin).picoseconds / 1000
    var flags: UInt64 = place.isDownstream ? 2 : 1
    if marks.rawValue & 3 != 0 { flags |= 1 << 24 }
    bytes.withMutableRawSpan { span in
      span.storeLE(6 | UInt64(length) << 32, at: start)
      span.storeLE(
        UInt64(UInt32(truncatingIfNeeded: place.link)) | nanoseconds & 0xffff_ffff_0000_0000, at: start + 8)
      span.storeLE(UInt64(captured) << 32 | nanoseconds & 0xffff_ffff, at: start + 16)
      span.storeLE(UInt32(truncatingIfNeeded: original), at: start + 24)
      span.storeLE(0 as UInt32, at: wire + captured)
      span.storeLE(2 | 4 << 16 | flags << 32, at: tail)
      span.storeLE(UInt64(length) << 32, at: tail + 8)
    }
    used = start + length
    if !notes.isEmpty { takeNotes(start) }
  }

  @inline(never)
  private mutating func takeNotes(_ offset: Int) {
    for note in notes { comment(at: offset, note, nextMarks) }
    notes.removeAll()
    nextMarks = []
  }
}
