import Endpoints
import LinkBroker

/// A posted write of any length, handed to the links in pieces so that what waits for them stays small.
struct PostedWrite {
  /// Nil for the root complex.
  let endpoint: (any BusMasteringEndpoint)?
  let node: String
  let address: UInt64
  let bytes: [UInt8]
  private var sent = 0

  /// Pieces end where requests end in any case: at multiples of this, so that no request is cut for them.
  private static let pieceBytes: UInt64 = 64 << 10
  /// The payloads that may travel or wait before the next piece goes out.
  private static let payloadsMax = 2048

  init(endpoint: (any BusMasteringEndpoint)?, node: String, address: UInt64, bytes: [UInt8]) {
    self.endpoint = endpoint
    self.node = node
    self.address = address
    self.bytes = bytes
  }

  /// Whether the links have room for more.
  static func hasRoom(_ fabric: borrowing Fabric) -> Bool { fabric.payloads.used < payloadsMax }

  /// Hands out what the links have room for; true when all is out.
  mutating func advance(_ topology: inout CaseTopology) throws(StepFailure) -> Bool {
    repeat {
      guard Self.hasRoom(topology.fabric) else { return false }
      let place = address &+ UInt64(sent)
      let toBoundary = Self.pieceBytes - place % Self.pieceBytes
      let count = min(bytes.count - sent, Int(toBoundary))
      let piece = count == bytes.count ? bytes : Array(bytes[sent..<sent + count])
      if let endpoint {
        let status = endpoint.writeDMA(address: place, data: piece, in: &topology.fabric)
        guard status == .successful else { throw .expectation("\(node) did not write: \(status.text)") }
      } else {
        // Where no port leads the root complex reports it; a posted write has no other outcome.
        _ = topology.rootComplex.write(address: place, data: piece, in: &topology.fabric)
      }
      sent += count
    } while sent < bytes.count
    return true
  }
}
