// tidy: table
// The fields of the golden vectors, as their files name them.

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

struct DLLPVectorFile: Decodable {
  struct Vector: Decodable {
    var name: String
    var type: String
    var typeCode: UInt8
    var seq: UInt16
    var vc: UInt8
    var hdrFc: UInt8
    var dataFc: UInt16
    var hdrScale: UInt8
    var dataScale: UInt8
    var featureSupport: UInt32
    var featureAck: Bool
    var hex: String
    var hexWithCrc: String
    var crc16OnWire: String
  }
  struct CRC: Decodable {
    struct Test: Decodable {
      var hex: String
      var crc16: String
    }
    var tests: [Test]
  }
  var vectors: [Vector]
  var crc16: CRC
}
