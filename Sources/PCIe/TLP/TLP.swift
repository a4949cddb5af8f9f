/// A transaction layer packet that owns its payload.
///
/// For captures, transports and tests; the fabric passes headers and a reference to the payload.
///
/// - Layout: on the wire prefixes, header, payload, digest.
/// - Source: PCI Express Base 5.0, 2.2 "Transaction Layer Protocol - Packet Definition".
public struct TLP: Hashable, Sendable {
  public var header: TLPHeader
  /// Whole DWs in address order.
  public var payload: [UInt8]
  /// The ECRC as it stands on the wire, right or wrong; the least significant byte travels first.
  public var digest: UInt32?

  public init(header: TLPHeader, payload: [UInt8] = [], digest: UInt32? = nil) {
    self.header = header
    self.payload = payload
    self.digest = digest
  }

  /// The length on the wire without sequence number, LCRC and framing.
  public var encodedBytes: Int { header.encodedBytes + payload.count + (digest == nil ? 0 : 4) }

  /// Reads a TLP that takes all of the bytes.
  ///
  /// - Throws: a `TLPError` for every byte string that is not one; never traps.
  public init(decoding bytes: RawSpan) throws(TLPError) {
    header = try TLPHeader(decoding: bytes)
    let start = header.encodedBytes
    let payloadBytes = header.payloadBytes
    let end = start + payloadBytes + (header.hasDigest ? 4 : 0)
    guard bytes.byteCount == end else { throw .wrongLength(expected: end, seen: bytes.byteCount) }
    payload = [UInt8](repeating: 0, count: payloadBytes)
    copyBytes(from: bytes, at: start, to: &payload, at: 0, count: payloadBytes)
    digest = header.hasDigest ? bytes.loadLE(at: end - 4) : nil
  }

  /// Reads a TLP that takes all of the bytes.
  ///
  /// - Throws: a `TLPError` for every byte string that is not one; never traps.
  public static func decode(_ bytes: RawSpan) throws(TLPError) -> TLP { try TLP(decoding: bytes) }

  /// Writes the TLP to the start of the bytes and returns how many they are.
  @discardableResult
  public func encode(into bytes: inout MutableRawSpan) -> Int {
    precondition(bytes.byteCount >= encodedBytes, "no room for the TLP")
    let start = header.encode(into: &bytes)
    bytes.copyBytes(from: payload.rawSpan, at: start)
    if let digest { bytes.storeLE(digest, at: start + payload.count) }
    return encodedBytes
  }

  /// The TLP as it travels.
  public var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: encodedBytes)
    bytes.withMutableRawSpan { _ = encode(into: &$0) }
    return bytes
  }
}
