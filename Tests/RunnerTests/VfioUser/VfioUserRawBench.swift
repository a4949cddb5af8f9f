import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Transports

/// The host's side of a link with a device at its other end that is played TLP by TLP.
final class VfioUserRawBench {
  var fabric = Fabric(maxPayloadBytes: 4096)
  let host = OutsidePort()
  var session = VfioUserSession()

  init(_ card: OutsidePort) throws {
    let upper = fabric.add(host)
    let lower = fabric.add(card)
    _ = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 256))
    session.server = VfioUserServer(VfioUserDevice())
    try session.server?.receive(.command(.version, id: 1, [0, 0, 0, 0]))
  }

  func settle() throws {
    repeat { fabric.runEvents(until: fabric.now + Fabric.lead) } while session.advance(host, in: &fabric)
    #expect(session.loss == nil)
  }

  func map(_ address: UInt64, bytes: Int) throws -> PeerMemory {
    let file = try PassedDescriptor.memory(bytes: bytes)
    var client = VfioUserClient()
    client.map(address, bytes: UInt64(bytes), file)
    var reader = VfioUserReader()
    try reader.append(Array(client.output.next.bytes), [file])
    try session.receive(try #require(try reader.next()))
    return try PeerMemory(file, offset: 0, bytes: bytes, isWritable: true)
  }

  /// Registers with bus master enable.
  static var enabled: VfioUserRegisters {
    var bytes = [UInt8](repeating: 0, count: ConfigurationSpace.byteCount)
    bytes[4] = 6
    return VfioUserRegisters(bytes, masks: Array(repeating: 0, count: 7))
  }
}
