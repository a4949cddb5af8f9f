import Foundation

/// The golden vectors beside the tests.
enum Vectors {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Vectors")

  static func load<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> T {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(T.self, from: Data(contentsOf: folder.appending(path: name)))
  }
}

/// Bytes from lower-case hexadecimal text.
func bytes(_ hex: String) -> [UInt8] {
  let digits = Array(hex.utf8)
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
  }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { String($0, radix: 16).count == 1 ? "0" + String($0, radix: 16) : String($0, radix: 16) }
    .joined()
}

struct TLPVectorFile: Decodable {
  var vectors: [TLPVector]
}

struct TLPVector: Decodable {
  var name: String
  var fields: Fields
  var headerBytes: Int
  var payloadBytes: Int
  var hex: String

  struct Fields: Decodable {
    var fmtType: String
    var fmt: UInt8
    var type: UInt8
    var tc: UInt8
    var attr: UInt8
    var at: UInt8
    var th: Bool
    var ln: Bool
    var td: Bool
    var ep: Bool
    var lengthDw: Int
    var tag: UInt16
    var requesterId: UInt16
    var requesterBdf: String
    var fcClass: String
    var dataCredits: Int
    var address: UInt64?
    var firstBe: UInt8?
    var lastBe: UInt8?
    var ph: UInt8?
    var destId: UInt16?
    var destBdf: String?
    var registerOffset: UInt16?
    var completerId: UInt16?
    var completerBdf: String?
    var status: String?
    var bcm: Bool?
    var byteCount: Int?
    var lowerAddress: UInt8?
  }
}

struct SplitVectorFile: Decodable {
  var readCompletions: [ReadCompletions]
  var writeRequests: [WriteRequests]

  struct ReadCompletions: Decodable {
    var address: UInt64
    var bytes: Int
    var maxPayload: Int
    var rcb: Int
    var splitOnEveryRcb: Bool
    var requestHex: String
    var completions: [Completion]
  }

  struct Completion: Decodable {
    var byteCount: Int
    var lowerAddress: UInt8
    var lengthDw: Int
    var headerHex: String
  }

  struct WriteRequests: Decodable {
    var address: UInt64
    var bytes: Int
    var maxPayload: Int
    var requests: [Request]
  }

  struct Request: Decodable {
    var fmtType: String
    var address: UInt64
    var lengthDw: Int
    var firstBe: UInt8
    var lastBe: UInt8
  }
}
