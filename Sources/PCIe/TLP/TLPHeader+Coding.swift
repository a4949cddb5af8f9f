extension TLPHeader {
  /// The bytes of the prefixes and the header.
  @inlinable
  public var encodedBytes: Int { prefixes.count * 4 + headerBytes }

  /// Reads prefixes and header from the start of the bytes; `encodedBytes` tells how many were used.
  ///
  /// - Throws: `truncatedHeader`, `tooManyPrefixes` and `undefinedType`; the rules are for `TLPRules`.
  /// - Complexity: constant, no allocation.
  public init(decoding bytes: RawSpan) throws(TLPError) {
    var prefixes = TLPPrefixes()
    var offset = 0
    while true {
      guard bytes.byteCount - offset >= 4 else {
        throw .truncatedHeader(needed: offset + 4, seen: bytes.byteCount)
      }
      let word: UInt32 = bytes.loadBE(at: offset)
      guard TLPPrefix.isPrefix(firstByte: UInt8(truncatingIfNeeded: word >> 24)) else { break }
      guard prefixes.append(TLPPrefix(rawValue: word)) else {
        throw .tooManyPrefixes(limit: TLPPrefixes.countMax)
      }
      offset += 4
    }
    self.init(dw0: bytes.loadBE(at: offset))
    self.prefixes = prefixes
    guard kind != nil else { throw .undefinedType(formatAndType) }
    guard bytes.byteCount - offset >= headerBytes else {
      throw .truncatedHeader(needed: offset + headerBytes, seen: bytes.byteCount)
    }
    dw1 = bytes.loadBE(at: offset + 4)
    dw2 = bytes.loadBE(at: offset + 8)
    if hasFourDWs { dw3 = bytes.loadBE(at: offset + 12) }
  }

  /// Reads the header at the start of a request that `isPlainMemoryRequest`; nil for all else.
  ///
  /// - Complexity: constant; it looks at what such a request can have only.
  @inlinable @inline(__always)
  public init?(decodingPlainRequest bytes: RawSpan) {
    guard bytes.byteCount >= 12 else { return nil }
    self.init(
      dw0: bytes.loadBE(at: 0), dw1: bytes.loadBE(at: 4), dw2: bytes.loadBE(at: 8))
    guard isPlainMemoryRequest, bytes.byteCount >= headerBytes else { return nil }
    if hasFourDWs { dw3 = bytes.loadBE(at: 12) }
  }

  /// Writes prefixes and header to the start of the bytes and returns how many they are.
  ///
  /// - Complexity: constant, no allocation.
  @discardableResult
  public func encode(into bytes: inout MutableRawSpan) -> Int {
    precondition(bytes.byteCount >= encodedBytes, "no room for the header")
    var offset = 0
    while offset < prefixes.count * 4 {
      bytes.storeBE(prefixes[offset / 4].rawValue, at: offset)
      offset += 4
    }
    bytes.storeBE(dw0, at: offset)
    bytes.storeBE(dw1, at: offset + 4)
    bytes.storeBE(dw2, at: offset + 8)
    if hasFourDWs { bytes.storeBE(dw3, at: offset + 12) }
    return offset + headerBytes
  }
}
