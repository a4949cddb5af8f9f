import Endpoints
import LinkBroker

/// A posted write of any length, handed to the links in pieces so that what waits for them stays small; it is
/// done when its last TLP has left the node.
struct PostedWrite {
  /// Nil for the root complex.
  let endpoint: (any BusMasteringEndpoint)?
  let node: String
  let address: UInt64
  let bytes: [UInt8]
  private var sent = 0
  /// When the TLPs of the last piece have left; nil before it is handed out.
  private var marks: [SendMark]?

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

  /// Whether there is something to do.
  func canAdvance(_ fabric: borrowing Fabric) -> Bool {
    guard let marks else { return Self.hasRoom(fabric) }
    return Self.arePast(marks, fabric)
  }

  private static func arePast(_ marks: [SendMark], _ fabric: borrowing Fabric) -> Bool {
    for mark in marks where !fabric.isPast(mark) { return false }
    return true
  }

  /// Hands out what the links have room for; true when all has left.
  mutating func advance(_ topology: inout CaseTopology) throws(StepFailure) -> Bool {
    if let marks { return Self.arePast(marks, topology.fabric) }
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
    let left = topology.nodeNumber(node).map { topology.fabric.sendMarks(of: $0) } ?? []
    marks = left
    return left.isEmpty
  }
}
