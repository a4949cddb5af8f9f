import LinkBroker
import PCIe
import Testing

@testable import Transports

@Suite struct RecordDigestTests {
  /// A write with a digest as a program puts it into a ring, and what the fabric takes it for once the node
  /// has put the function's ID into it.
  private static func hasBadDigest(flipping bit: UInt8) throws -> Bool {
    var fabric = Fabric()
    var sent = TLPHeader.memoryWrite(address: 0x1000, bytes: 4, requester: FunctionAddress(rawValue: 0))
    sent.hasDigest = true
    let payload: [UInt8] = [1, 2, 3, 4]
    let digest = EndToEndCRC.value(header: sent, payload: payload.rawSpan)
    var bytes = [UInt8](repeating: 0, count: 64)
    let start = bytes.withMutableRawSpan { sent.encode(into: &$0) }
    bytes = bytes[..<start] + payload + (0..<4).map { UInt8(truncatingIfNeeded: digest >> ($0 * 8)) }
    bytes[start] ^= bit
    let place = try FabricTLP.payload(of: sent, in: bytes.rawSpan)
    var header = sent
    header.requesterID = FunctionAddress(bus: 3, device: 0, function: 0)
    return FabricTLP(header, sentAs: sent, place, of: bytes.rawSpan, in: &fabric).hasBadDigest
  }

  @Test func theDigestCoversWhatTheProgramSent() throws {
    #expect(try !Self.hasBadDigest(flipping: 0))
    #expect(try Self.hasBadDigest(flipping: 4))
  }
}
