import LinkBroker
import PCIe

extension FabricTLP {
  /// Reads a TLP as it stands in a ring, its payload in the fabric's pool.
  ///
  /// It may be malformed, which is for its receiver to find; only what has no header is none.
  /// - Throws: when the bytes are no TLP.
  init(_ bytes: RawSpan, in fabric: inout Fabric) throws(TLPError) {
    let header = try TLPHeader(decoding: bytes)
    let start = header.encodedBytes
    let end = bytes.byteCount - (header.hasDigest ? 4 : 0)
    guard end >= start, end - start <= Self.payloadBytesMax else {
      throw .wrongLength(expected: start + header.payloadBytes, seen: bytes.byteCount)
    }
    self.init(header: header)
    guard end > start else { return }
    let content = bytes.extracting(start..<end)
    payload = fabric.payloads.take(bytes: end - start)
    fabric.payloads.write(content, to: payload)
    if header.hasDigest {
      let digest = bytes.loadLE(at: end, as: UInt32.self)
      setDigest(isRight: digest == EndToEndCRC.value(header: header, payload: content))
    }
  }

  /// - Source: PCI Express Base 5.0, 2.2.2: the Length field counts to 1024 DWs.
  private static let payloadBytesMax = 4096
}
