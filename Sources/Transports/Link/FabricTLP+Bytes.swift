import LinkBroker
import PCIe

extension FabricTLP {
  /// Reads a TLP as it stands in a ring, its payload in the fabric's pool.
  ///
  /// It may be malformed, which is for its receiver to find; only what has no header is none.
  /// - Throws: when the bytes are no TLP.
  init(_ bytes: RawSpan, in fabric: inout Fabric) throws(TLPError) {
    let header = try TLPHeader(decoding: bytes)
    self.init(header, sentAs: header, try Self.payload(of: header, in: bytes), of: bytes, in: &fabric)
  }

  /// Where the payload stands behind a header that has been read.
  ///
  /// - Throws: when the bytes are no TLP.
  static func payload(of header: TLPHeader, in bytes: RawSpan) throws(TLPError) -> Range<Int> {
    let start = header.encodedBytes
    let end = bytes.byteCount - (header.hasDigest ? 4 : 0)
    guard end >= start, end - start <= payloadBytesMax else {
      throw .wrongLength(expected: start + header.payloadBytes, seen: bytes.byteCount)
    }
    return start..<end
  }

  /// Takes a TLP whose header has been read and whose payload has been found.
  ///
  /// - Parameter sent: the header as it stands in the bytes, which the digest covers.
  init(
    _ header: TLPHeader, sentAs sent: TLPHeader, _ place: Range<Int>, of bytes: RawSpan,
    in fabric: inout Fabric
  ) {
    self.init(header: header)
    guard !place.isEmpty else { return }
    let content = bytes.extracting(place)
    payload = fabric.payloads.take(bytes: place.count)
    fabric.payloads.write(content, to: payload)
    if header.hasDigest {
      let digest = bytes.loadLE(at: place.upperBound, as: UInt32.self)
      setDigest(isRight: digest == EndToEndCRC.value(header: sent, payload: content))
    }
  }

  /// - Source: PCI Express Base 5.0, 2.2.2: the Length field counts to 1024 DWs.
  private static let payloadBytesMax = 4096
}
