import LinkBroker
import PCIe
import Simulation

// Configuration requests of the host; those for bus 0 end inside the root complex.
extension RootComplexCore {
  mutating func beginConfigurationRead(
    of target: FunctionAddress, offset: Int, size: Int, timeout: VirtualDuration?, in fabric: inout Fabric
  ) -> RequestOperation {
    guard target.bus == 0 else {
      return requester.beginConfigurationRead(
        of: target, offset: offset, count: size, timeout: timeout, over: ports, in: &fabric)
    }
    guard let port = ports.ports.firstIndex(where: { $0.bridge.id == target }) else {
      return requester.endLocally([UInt8](repeating: 0xff, count: size), .unsupportedRequest)
    }
    let value = ports.ports[port].bridge.space.read(offset: offset, size: size)
    return requester.endLocally((0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }, .successful)
  }

  mutating func beginConfigurationWrite(
    to target: FunctionAddress, offset: Int, data: [UInt8], timeout: VirtualDuration?, in fabric: inout Fabric
  ) -> RequestOperation {
    guard target.bus == 0 else {
      masks.wrote(data, to: target, offset: offset) { requester.outstandingTags }
      return requester.beginConfigurationWrite(
        to: target, offset: offset, data: data, timeout: timeout, over: ports, in: &fabric)
    }
    guard let port = ports.ports.firstIndex(where: { $0.bridge.id == target }) else {
      return requester.endLocally([], .unsupportedRequest)
    }
    var value: UInt32 = 0
    for (index, byte) in data.enumerated() { value |= UInt32(byte) << UInt32(8 * (offset & 3 + index)) }
    let enables = UInt8((1 << data.count - 1) << (offset & 3))
    let write = ports.ports[port].bridge.write(offset: offset, value: value, byteEnables: enables)
    let link = ports.ports[port].port.link
    for message in ports.ports[port].bridge.control(link, write, in: &fabric) {
      takeError(message, from: target, port: port)
    }
    interrupt(from: port)
    return requester.endLocally([], .successful)
  }
}
