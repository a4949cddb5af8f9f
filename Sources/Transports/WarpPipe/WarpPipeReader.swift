import PCIe

/// Cuts a stream of bytes into Warp Pipe's frames.
///
/// - Complexity: each byte is copied once; what has been read is dropped when a frame is incomplete.
struct WarpPipeReader: Sendable {
  /// What the next bytes are.
  enum Item: Hashable, Sendable {
    case frame(WarpPipeFrame)
    /// A DLLP that its CRC does not fit, or of an undefined type: dropped.
    case badDLLP(DLLPError)
    /// A TLP that its LCRC does not fit, or that is none: dropped, with the sequence number that it carried.
    case badTLP(sequence: UInt16)
  }

  private var bytes: [UInt8] = []
  private var start = 0

  /// The bytes that are not yet part of a whole frame.
  var pendingBytes: Int { bytes.count - start }

  /// Adds what has come.
  mutating func append(_ more: some Sequence<UInt8>) {
    if start > 0 {
      bytes.removeFirst(start)
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  /// The next whole frame, nil when more bytes have to come.
  ///
  /// - Throws: when the stream cannot be cut any further.
  mutating func next() throws(WarpPipeStreamError) -> Item? {
    guard pendingBytes >= WarpPipeFrame.leadBytes else { return nil }
    switch bytes[start] {
    case WarpPipeFrame.dllpMark: return dllp()
    case WarpPipeFrame.tlpMark: return try tlp()
    case let mark: throw .unknownMark(mark)
    }
  }

  private mutating func dllp() -> Item {
    defer { start += WarpPipeFrame.leadBytes }
    let span = bytes.rawSpan.extracting(start + 1..<start + WarpPipeFrame.leadBytes)
    do throws(DLLPError) {
      return .frame(.dllp(try DLLP.decode(span)))
    } catch {
      return .badDLLP(error)
    }
  }

  private mutating func tlp() throws(WarpPipeStreamError) -> Item? {
    guard let length = WarpPipeFrame.length(bytes[start...]) else { throw .unknownFormat(bytes[start + 3]) }
    guard pendingBytes >= length else { return nil }
    let end = start + length - 4
    defer { start = end + 4 }
    let sequence = UInt16(bytes[start + 1] & 0xf) << 8 | UInt16(bytes[start + 2])
    var crc = CRC32()
    crc.add(bytes.rawSpan.extracting(start + 1..<end))
    guard bytes.loadLE(at: end, as: UInt32.self) == crc.value else { return .badTLP(sequence: sequence) }
    return .frame(.tlp(sequence: sequence, Self.clean(bytes.rawSpan.extracting(start + 3..<end))))
  }

  /// A TLP without what its sender did not initialise: all flags of the first DW but Fmt, Type and Length.
  ///
  /// - Source: Warp Pipe 74950a0; where its structure has EP and TD, the specification has Attr and EP.
  private static func clean(_ bytes: RawSpan) -> TLP {
    var header = TLPHeader(
      dw0: bytes.loadBE(at: 0) & 0xff00_03ff, dw1: bytes.loadBE(at: 4), dw2: bytes.loadBE(at: 8))
    if header.hasFourDWs { header.dw3 = bytes.loadBE(at: 12) }
    var payload = [UInt8](repeating: 0, count: bytes.byteCount - header.headerBytes)
    copyBytes(from: bytes, at: header.headerBytes, to: &payload, at: 0, count: payload.count)
    return TLP(header: header, payload: payload)
  }
}
