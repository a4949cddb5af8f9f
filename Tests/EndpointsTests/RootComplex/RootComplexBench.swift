import LinkBroker
import PCIe

@testable import Endpoints

/// A root complex with scripted devices below its ports, its windows set up by hand.
///
/// Port n is 00:(n+1).0 and leads to bus n + 1 and to 1 MiB of memory from 0x9000_0000 + n MiB.
final class RootComplexBench {
  var fabric = Fabric()
  let root: RootComplex
  let devices: [ScriptedDevice]
  let links: [Int]

  static func deviceID(_ port: Int) -> FunctionAddress {
    FunctionAddress(bus: UInt8(port + 1), device: 0, function: 0)
  }
  static func portID(_ port: Int) -> FunctionAddress {
    FunctionAddress(bus: 0, device: UInt8(port + 1), function: 0)
  }
  static func memory(_ port: Int) -> UInt64 { 0x9000_0000 + UInt64(port) << 20 }

  init(ports: Int = 1, memoryBytes: Int = 64 << 10, maxPayloadBytes: Int = 256) {
    root = RootComplex(node: 0, memoryBytes: memoryBytes)
    let upper = fabric.add(root)
    devices = (0..<ports).map { _ in ScriptedDevice() }
    var links: [Int] = []
    for (port, device) in devices.enumerated() {
      let lower = fabric.add(device)
      links.append(
        fabric.connect(
          upstream: (upper, port), downstream: (lower, 0),
          LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: maxPayloadBytes)))
    }
    self.links = links
    for port in 0..<ports { setUp(port, maxPayloadBytes) }
  }

  private func setUp(_ port: Int, _ maxPayloadBytes: Int) {
    let bus = UInt32(port + 1)
    write(port, HeaderRegister.primaryBus, bus << 8 | bus << 16)
    let window = UInt32(Self.memory(port) >> 16 & 0xfff0)
    write(port, HeaderRegister.memoryBase, window | window << 16)
    write(port, HeaderRegister.prefetchableBase, 0x0000_fff0)
    write(port, HeaderRegister.command, 7)
    if let place = root.core.ports.ports[port].bridge.space.places.advancedErrorReporting {
      write(port, place + AdvancedErrorReportingCapability.Register.correctableMask, 0)
    }
    root.core.ports.ports[port].maxPayloadBytes = maxPayloadBytes
  }

  /// Writes a register of a root port.
  func write(_ port: Int, _ offset: Int, _ value: UInt32) {
    root.configurationWrite(to: Self.portID(port), offset: offset, value: value, in: &fabric)
  }

  /// Sends a TLP up from a device and lets all that follows happen.
  func send(_ header: TLPHeader, _ payload: [UInt8] = [], from port: Int = 0) {
    devices[port].send(header, payload, in: &fabric)
    fabric.runUntilIdle()
  }

  /// Sends a memory write of bytes at an address that need not be aligned; bytes around them are 0xee.
  func writeUp(_ address: UInt64, _ data: [UInt8], from port: Int = 0) {
    let header = TLPHeader.memoryWrite(address: address, bytes: data.count, requester: Self.deviceID(port))
    var payload = [UInt8](repeating: 0xee, count: header.payloadBytes)
    payload.replaceSubrange(Int(address & 3)..<Int(address & 3) + data.count, with: data)
    send(header, payload, from: port)
  }

  /// Sends a memory read up and gives what came back.
  func readUp(_ address: UInt64, _ bytes: Int, from port: Int = 0) -> [ScriptedDevice.Arrival] {
    let before = devices[port].arrivals.count
    send(
      .memoryRead(address: address, bytes: bytes, requester: Self.deviceID(port), tag: 1), from: port)
    return Array(devices[port].arrivals[before...])
  }

  func space(_ port: Int) -> ConfigurationSpace { root.core.ports.ports[port].bridge.space }
  var violations: [Violation] { fabric.findings.map(\.violation) }
}
