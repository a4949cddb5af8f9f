import Testing

@testable import Codecs

/// The libraries behind the accelerators, on known answers and on pieces of every size.
@Suite struct CodecTests {
  static let text = Array("the quick brown fox jumps over the lazy dog; ".utf8)
  static let long: [UInt8] = (0..<1000).flatMap { text + [UInt8(truncatingIfNeeded: $0 &* 7)] }

  @Test(arguments: [DeflateFormat.zlib, .gzip], [nil, 1, 9])
  func whatIsCompressedComesBack(format: DeflateFormat, level: Int?) throws {
    let packed = try #require(DeflateStream.whole(Self.long, .compress(level: level), format))
    #expect(packed.count < Self.long.count / 8)
    #expect(packed.prefix(2) == (format == .gzip ? [0x1f, 0x8b] : packed.prefix(2)))
    #expect(DeflateStream.whole(packed, .decompress, format) == Self.long)
  }

  @Test(arguments: [1, 7, 4096, 65536, 100_000])
  func piecesGiveTheSameStream(piece: Int) throws {
    let whole = try #require(DeflateStream.whole(Self.long, .compress(level: nil), .zlib))
    let stream = DeflateStream(.compress(level: nil), .zlib)
    var output: [UInt8] = []
    var offset = 0
    var status = CodecStatus.more
    while status == .more {
      let count = min(piece, Self.long.count - offset)
      let part = Array(Self.long[offset..<offset + count])
      offset += count
      status = stream.work(part, count: count, isLast: offset == Self.long.count, into: &output)
    }
    #expect(status == .ended)
    #expect(output == whole)
  }

  @Test func emptyInputIsAStreamToo() throws {
    let packed = try #require(DeflateStream.whole([], .compress(level: nil), .zlib))
    #expect(DeflateStream.whole(packed, .decompress, .zlib) == [])
  }

  @Test func badStreamsFail() throws {
    var packed = try #require(DeflateStream.whole(Self.long, .compress(level: nil), .zlib))
    #expect(DeflateStream.whole(Array(packed.dropLast(4)), .decompress, .zlib) == nil)
    #expect(DeflateStream.whole(packed, .decompress, .gzip) == nil)
    packed[packed.count / 2] ^= 0x55
    #expect(DeflateStream.whole(packed, .decompress, .zlib) == nil)
  }

  @Test func outputOverTheLimitFails() {
    let stream = DeflateStream(.compress(level: nil), .zlib)
    var output: [UInt8] = []
    let status = stream.work(Self.long, count: Self.long.count, isLast: true, into: &output, limit: 16)
    #expect(status == .overLimit)
  }

  @Test func digestsAreThoseOfTheStandard() {
    // FIPS 180-4's own examples.
    let digest = SecureHash.whole(Array("abc".utf8))
    #expect(digest.prefix(4) == [0xba, 0x78, 0x16, 0xbf])
    #expect(digest.suffix(4) == [0xf2, 0x00, 0x15, 0xad])
    let empty = SecureHash.whole([])
    #expect(empty.prefix(4) == [0xe3, 0xb0, 0xc4, 0x42])
    let hash = SecureHash()
    for byte in Self.long { hash.update([byte], count: 1) }
    #expect(hash.finish() == SecureHash.whole(Self.long))
  }
}
