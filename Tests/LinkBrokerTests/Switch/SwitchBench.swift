import LinkBroker
import PCIe

/// A switch between a scripted root and scripted devices, set up as system software would.
///
/// The switch is 01:00.0 with bus 2 inside; port n is 02:n.0 and leads to bus 3 + n, to 1 MiB of memory from
/// 0x9000_0000 + n MiB, and to 4 KiB of I/O from 0x1000·(n + 1). Port 0 also has 1 MiB from 0x40_0000_0000.
final class SwitchBench {
  var fabric = Fabric(maxPayloadBytes: 256)
  let root = ScriptedNode()
  let model: Switch
  let devices: [ScriptedNode]
  let links: [Int]
  /// The link above the switch.
  let upstreamLink: Int
  private var nextTag: UInt16 = 0

  static let switchID = FunctionAddress(bus: 1, device: 0, function: 0)
  static func portID(_ port: Int) -> FunctionAddress {
    FunctionAddress(bus: 2, device: UInt8(port), function: 0)
  }
  static func deviceID(_ port: Int) -> FunctionAddress {
    FunctionAddress(bus: UInt8(3 + port), device: 0, function: 0)
  }
  static func memory(_ port: Int) -> UInt64 { 0x9000_0000 + UInt64(port) << 20 }

  init(ports: Int = 2, isSetUp: Bool = true) {
    model = Switch(downstreamPorts: ports)
    devices = (0..<ports).map { _ in ScriptedNode() }
    let upper = fabric.add(root)
    let middle = fabric.add(model)
    upstreamLink = fabric.connect(upstream: (upper, 0), downstream: (middle, 0), LinkConfiguration())
    var links: [Int] = []
    for (port, device) in devices.enumerated() {
      let lower = fabric.add(device)
      links.append(
        fabric.connect(upstream: (middle, port + 1), downstream: (lower, 0), LinkConfiguration()))
    }
    self.links = links
    if isSetUp { setUp() }
  }

  private func setUp() {
    let count = devices.count
    write(Self.switchID, HeaderRegister.primaryBus, 1 | 2 << 8 | UInt32(2 + count) << 16)
    write(
      Self.switchID, HeaderRegister.memoryBase, Self.window(Self.memory(0), Self.memory(count) - 1))
    write(Self.switchID, HeaderRegister.ioBase, 0x10 | UInt32(count << 4) << 8)
    open64(Self.switchID)
    write(Self.switchID, HeaderRegister.command, 7)
    unmaskErrors(Self.switchID)
    for port in 0..<count {
      let id = Self.portID(port)
      write(id, HeaderRegister.primaryBus, 2 | UInt32(3 + port) << 8 | UInt32(3 + port) << 16)
      write(id, HeaderRegister.memoryBase, Self.window(Self.memory(port), Self.memory(port + 1) - 1))
      write(id, HeaderRegister.ioBase, UInt32(port + 1) << 4 | UInt32(port + 1) << 12)
      if port == 0 { open64(id) } else { write(id, HeaderRegister.prefetchableBase, 0x0000_fff0) }
      write(id, HeaderRegister.command, 7)
      unmaskErrors(id)
    }
    root.arrivals.removeAll()
    fabric.resetMeasurements()
  }

  /// Lets advisory errors be recorded too.
  private func unmaskErrors(_ id: FunctionAddress) {
    guard let place = model.router.functions[0].space.places.advancedErrorReporting else { return }
    write(id, place + AdvancedErrorReportingCapability.Register.correctableMask, 0)
  }

  /// Lets error messages pass all ports: SERR# Enable of Bridge Control, and the reports of Device Control.
  func enableErrors(_ reports: UInt32 = 0xf) {
    for port in model.router.functions.indices {
      let id = port == 0 ? Self.switchID : Self.portID(port - 1)
      // Bridge Control is the upper half of the DW.
      write(id, HeaderRegister.interruptLine, UInt32(BridgeControlBits.serrEnable.rawValue) << 16)
      writeExpress(id, ExpressCapability.Register.deviceControl, reports)
    }
    root.arrivals.removeAll()
  }

  func writeExpress(_ id: FunctionAddress, _ register: Int, _ value: UInt32) {
    guard let place = space(id).places.express else { return }
    write(id, place + register, value)
  }

  func writeExtended(
    _ id: FunctionAddress, _ capability: ExtendedCapabilityID, _ register: Int, _ value: UInt32
  ) {
    guard let place = space(id).places[capability] else { return }
    write(id, place + register, value)
  }

  /// The configuration space of the switch itself or of a downstream port.
  func space(_ id: FunctionAddress) -> ConfigurationSpace {
    model.router.functions[id.bus == 1 ? 0 : Int(id.device) + 1].space
  }

  private func open64(_ id: FunctionAddress) {
    write(id, HeaderRegister.prefetchableBase, 0)
    write(id, HeaderRegister.prefetchableBaseUpper, 0x40)
    write(id, HeaderRegister.prefetchableLimitUpper, 0x40)
  }

  private static func window(_ base: UInt64, _ limit: UInt64) -> UInt32 {
    UInt32(base >> 16 & 0xfff0) | UInt32(limit >> 16 & 0xfff0) << 16
  }

  func tag() -> UInt16 {
    nextTag = (nextTag + 1) % 256
    return nextTag
  }

  /// Writes a register from the root; type 0 for the switch itself, type 1 for what is below.
  func write(_ target: FunctionAddress, _ offset: Int, _ value: UInt32) {
    let header = TLPHeader.configurationWrite(
      to: target, offset: offset, bytes: 4, requester: rootID, tag: tag(), isType1: target.bus != 1)
    send(header, (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
  }

  /// Reads a register from the root; nil when the answer has no data.
  func read(_ target: FunctionAddress, _ offset: Int) -> UInt32? {
    let before = root.arrivals.count
    send(
      .configurationRead(
        of: target, offset: offset, bytes: 4, requester: rootID, tag: tag(), isType1: target.bus != 1))
    guard let last = root.arrivals.dropFirst(before).last, last.payload.count == 4 else { return nil }
    return last.payload.enumerated().reduce(0) { $0 | UInt32($1.element) << UInt32($1.offset * 8) }
  }

  /// Sends a TLP from the root or a device and lets all that follows happen.
  func send(_ header: TLPHeader, _ payload: [UInt8] = [], from device: Int? = nil) {
    guard let port = (device.map { devices[$0] } ?? root).port else { return }
    var reference = PayloadReference.none
    if header.hasData {
      let bytes = payload.isEmpty ? [UInt8](repeating: 0x5a, count: header.payloadBytes) : payload
      reference = fabric.payloads.take(bytes: bytes.count)
      fabric.payloads.write(bytes, from: 0, count: bytes.count, to: reference)
    }
    fabric.send(FabricTLP(header: header, payload: reference), from: port)
    fabric.runUntilIdle()
  }

  /// The kinds of what has reached the root, the oldest first.
  var atRoot: [TLPKind?] { root.arrivals.map(\.header.kind) }
  func at(_ port: Int) -> [TLPKind?] { devices[port].arrivals.map(\.header.kind) }
  var messagesAtRoot: [MessageCode?] {
    root.arrivals.filter { $0.header.kind == .message }.map(\.header.messageCode)
  }
  var violations: [Violation] { fabric.findings.map(\.violation) }
  /// The statuses of completions that have reached the root.
  var statusesAtRoot: [CompletionStatus] {
    root.arrivals.filter { $0.header.isCompletionShaped }.map(\.header.completionStatus)
  }
}

/// The host itself, as root complexes request.
let rootID = FunctionAddress(rawValue: 0)
