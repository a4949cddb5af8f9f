import LinkBroker
import PCIe
import Simulation

@testable import Endpoints

/// An endpoint below a scripted host, with the accesses that tests make.
struct DeviceBench<Device: Endpoint>: ~Copyable {
  var fabric = Fabric()
  let host = ScriptedHost()
  let device: Device
  let link: Int
  private var nextTag: UInt16 = 0

  static var deviceID: FunctionAddress { FunctionAddress(bus: 1, device: 0, function: 0) }
  static var hostID: FunctionAddress { FunctionAddress(rawValue: 0) }

  /// Connects a device; unless told otherwise, BAR n stands at 0x9000_0000 plus n MiB or in I/O, enabled.
  init(_ device: Device, maxPayloadBytes: Int = 256, isSetUp: Bool = true) {
    self.device = device
    let upper = fabric.add(host)
    let lower = fabric.add(device)
    link = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: maxPayloadBytes))
    if isSetUp { setUp(maxPayloadBytes: maxPayloadBytes) }
  }

  var function: Function { device.function }

  static func address(ofBar index: Int) -> UInt64 { 0x9000_0000 + UInt64(index) << 20 }

  mutating func setUp(maxPayloadBytes: Int = 256) {
    for bar in function.space.header.bars {
      let address = bar.isIO ? UInt32(0x1000 * (bar.index + 1)) : UInt32(Self.address(ofBar: bar.index))
      configurationWrite(
        HeaderRegister.bar(bar.index), bar.bytes > 1 << 20 ? address &- address % UInt32(bar.bytes) : address)
    }
    configurationWrite(HeaderRegister.command, 0x0007)
    if let place = function.space.places.express {
      let code = UInt32(maxPayloadBytes.trailingZeroBitCount - 7)
      configurationWrite(place + 8, 0x2810 | code << 5)
    }
    host.arrivals.removeAll()
  }

  /// Sends a TLP down and lets all that follows happen; gives what came up.
  @discardableResult
  mutating func exchange(_ header: TLPHeader, _ data: [UInt8] = []) -> [ScriptedHost.Arrival] {
    let before = host.arrivals.count
    send(header, data)
    fabric.runUntilIdle()
    return Array(host.arrivals[before...])
  }

  mutating func send(_ header: TLPHeader, _ data: [UInt8] = []) {
    guard let port = host.port else { return }
    var payload = PayloadReference.none
    if header.hasData {
      payload = fabric.payloads.take(bytes: data.count)
      fabric.payloads.write(data, from: 0, count: data.count, to: payload)
    }
    fabric.send(FabricTLP(header: header, payload: payload), from: port)
  }

  mutating func tag() -> UInt16 {
    nextTag = (nextTag + 1) % 256
    return nextTag
  }

  @discardableResult
  mutating func read(_ address: UInt64, bytes: Int) -> [ScriptedHost.Arrival] {
    exchange(.memoryRead(address: address, bytes: bytes, requester: Self.hostID, tag: tag()))
  }

  /// Writes bytes at an address that need not be aligned.
  @discardableResult
  mutating func write(_ address: UInt64, _ data: [UInt8]) -> [ScriptedHost.Arrival] {
    let header = TLPHeader.memoryWrite(address: address, bytes: data.count, requester: Self.hostID)
    var payload = [UInt8](repeating: 0xee, count: header.payloadBytes)
    payload.replaceSubrange(Int(address & 3)..<Int(address & 3) + data.count, with: data)
    return exchange(header, payload)
  }

  mutating func writeWord(_ address: UInt64, _ value: UInt32) {
    write(address, (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
  }

  mutating func readWord(_ address: UInt64) -> UInt32? {
    read(address, bytes: 4).completions.first.flatMap {
      $0.payload.count == 4 ? $0.payload.loadLE(at: 0) : nil
    }
  }

  mutating func configurationRead(_ offset: Int, function number: UInt8 = 0) -> ScriptedHost.Arrival? {
    let target = FunctionAddress(bus: 1, device: 0, function: number)
    return exchange(
      .configurationRead(of: target, offset: offset, bytes: 4, requester: Self.hostID, tag: tag())
    ).first { $0.header.isCompletionShaped }
  }

  mutating func register(_ offset: Int) -> UInt32? {
    configurationRead(offset).flatMap { $0.payload.count == 4 ? $0.payload.loadLE(at: 0) : nil }
  }

  @discardableResult
  mutating func configurationWrite(_ offset: Int, _ value: UInt32, bytes: Int = 4) -> [ScriptedHost.Arrival] {
    let header = TLPHeader.configurationWrite(
      to: Self.deviceID, offset: offset, bytes: bytes, requester: Self.hostID, tag: tag())
    let shifted = value << (UInt32(offset & 3) * 8)
    return exchange(header, (0..<4).map { UInt8(truncatingIfNeeded: shifted >> ($0 * 8)) })
  }

  /// What was found so far, in order.
  var violations: [Violation] { fabric.findings.map(\.violation) }
}

extension [ScriptedHost.Arrival] {
  var completions: [ScriptedHost.Arrival] { filter { $0.header.isCompletionShaped } }
  var messages: [UInt8] {
    filter { $0.header.kind == .message }.map { UInt8(truncatingIfNeeded: $0.header.dw1) }
  }
  var writes: [ScriptedHost.Arrival] { filter { $0.header.kind == .memoryWrite } }
  var statuses: [CompletionStatus] { completions.map(\.header.completionStatus) }
  /// The data of completions joined, without the bytes before the first.
  var data: [UInt8] {
    var bytes: [UInt8] = []
    for arrival in completions {
      let lead = Int(arrival.header.lowerAddress & 3)
      let count = Swift.min(arrival.header.byteCount, arrival.payload.count - lead)
      if count > 0 { bytes += arrival.payload[lead..<lead + count] }
    }
    return bytes
  }
}
