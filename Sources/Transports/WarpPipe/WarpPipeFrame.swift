public import PCIe

/// One frame of Warp Pipe's stream: a DLLP or a TLP with sequence number and LCRC.
///
/// - Layout: `02`, then the six bytes of a DLLP; or `03`, four reserved bits and the 12-bit sequence number,
///   the TLP without digest, and the LCRC with its low byte first.
/// - Source: Warp Pipe 74950a0, the frames on its TCP stream.
public enum WarpPipeFrame: Hashable, Sendable {
  case dllp(DLLP)
  case tlp(sequence: UInt16, TLP)

  /// The bytes that tell how long a frame is; no frame is shorter.
  static let leadBytes = 7
  static let dllpMark: UInt8 = 0x02
  static let tlpMark: UInt8 = 0x03
  /// Mark, sequence number, header of four DWs, 4096 bytes and LCRC.
  public static let bytesMax = 3 + 16 + 4096 + 4

  /// The frame as it travels.
  public var bytes: [UInt8] {
    switch self {
    case .dllp(let dllp): return [Self.dllpMark] + dllp.bytes
    case .tlp(let sequence, let tlp):
      let content = tlp.bytes
      var bytes: [UInt8] = [Self.tlpMark, UInt8(sequence >> 8 & 0xf), UInt8(truncatingIfNeeded: sequence)]
      bytes += content
      var crc = CRC32()
      crc.add(bytes.rawSpan.extracting(1..<bytes.count))
      for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: crc.value >> UInt32(shift))) }
      return bytes
    }
  }
}

extension WarpPipeFrame {
  /// The length of a frame by its first bytes, of which there must be `leadBytes`; nil for a TLP with a
  /// prefix or a reserved Fmt, whose length nobody can tell.
  static func length(_ bytes: ArraySlice<UInt8>) -> Int? {
    let start = bytes.startIndex
    guard bytes[start] == tlpMark else { return leadBytes }
    let format = bytes[start + 3]
    guard format >> 5 < 4 else { return nil }
    let length = Int(bytes[start + 5] & 3) << 8 | Int(bytes[start + 6])
    let payload = format & 0x40 == 0 ? 0 : (length == 0 ? 1024 : length) * 4
    return 3 + (format & 0x20 == 0 ? 12 : 16) + payload + 4
  }

  /// How many bytes at the start of whole frames are whole frames within a limit, one at least.
  static func wholeFrames(in bytes: ArraySlice<UInt8>, upTo limit: Int) -> Int {
    if bytes.count <= limit { return bytes.count }
    var count = 0
    while count < bytes.count {
      let length = length(bytes.dropFirst(count)) ?? bytes.count - count
      if count > 0, count + length > limit { break }
      count += length
    }
    return count
  }
}

/// Why a Warp Pipe stream cannot go on.
public enum WarpPipeStreamError: Error, Hashable, Sendable {
  /// A frame begins with neither of the two marks.
  case unknownMark(UInt8)
  /// A TLP with a prefix or a reserved Fmt, whose length nobody can tell.
  case unknownFormat(UInt8)
}

extension WarpPipeStreamError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownMark(let mark):
      "a frame begins with byte 0x\(String(mark, radix: 16)); Warp Pipe knows 0x2 (DLLP) and 0x3 (TLP)"
    case .unknownFormat(let byte):
      "a TLP begins with byte 0x\(String(byte, radix: 16)), whose Fmt is none of 0 to 3"
    }
  }
}
