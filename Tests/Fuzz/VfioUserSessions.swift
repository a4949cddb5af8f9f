import Endpoints
import LinkBroker
import PCIe
import Simulation

@testable import Transports

/// Whatever a host or a device server says over vfio-user, and in whatever order, a session at a link ends it in replies,
/// TLPs and refusals, or in a typed error, with a model or a root complex at work at the other end.
///
/// The first byte chooses the peer. Behind it stands what it does: a byte for each deed, and its numbers.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzVfioUserSessions(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  var script = Script(rest: ArraySlice(UnsafeBufferPointer(start: start, count: count)))
  let choice = script.byte()
  do throws(VfioUserStreamError) {
    if choice & 1 == 0 {
      try HostPeer().perform(&script)
    } else {
      try DevicePeer().perform(&script)
    }
  } catch { precondition(!"\(error)".isEmpty, "an error says what is wrong") }
  return 0
}

/// The bytes that say what happens; zeros where they end.
private struct Script {
  var rest: ArraySlice<UInt8>
  private var deeds = 0
  private static let deedsMax = 200

  init(rest: ArraySlice<UInt8>) { self.rest = rest }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// The next deed; nil when there are no more.
  mutating func deed() -> UInt8? {
    deeds += 1
    return deeds > Self.deedsMax ? nil : rest.popFirst()
  }

  /// Small numbers and the ends of large ones, rather than any.
  mutating func number(_ bits: Int) -> UInt64 {
    let shape = byte()
    let low = UInt64(byte())
    switch shape & 3 {
    case 0: return low
    case 1: return low << UInt64(Int(shape >> 2) % bits)
    case 2: return (1 << UInt64(bits - 1)) &- low
    default: return (UInt64.max >> UInt64(64 - bits)) &- low
    }
  }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

  /// A message whose header says what it has, or says something else.
  mutating func message(id: UInt16) -> VfioUserMessage {
    var header = VfioUserHeader(id: id, command: UInt16(byte() & 31), bytes: 0)
    let flags = byte()
    header.isReply = flags & 1 != 0
    header.wantsNoReply = flags & 2 != 0
    header.error = flags & 4 != 0 ? 5 : nil
    let payload = bytes(Int(byte()))
    header.bytes = 16 + payload.count
    return VfioUserMessage(header: header, payload: payload)
  }
}

/// A host, as QEMU is one, above a DMA endpoint.
private final class HostPeer {
  private var fabric = Fabric(maxPayloadBytes: 4096)
  private let node = OutsidePort()
  private let link: Int
  private var session = VfioUserSession()
  private var client = VfioUserClient()
  private var toServer = VfioUserReader()
  private var toClient = VfioUserReader()
  private var requests: [VfioUserClient.Event] = []
  private var maps = 0

  init() {
    var configuration = DMAEndpointConfiguration()
    configuration.bars = [
      MemoryBar(BarLayout(index: 0, bytes: 64 << 10, kind: .memory64(prefetchable: false)))
    ]
    configuration.msixVectorCount = 8
    configuration.msiVectorCount = 4
    guard let model = try? DMAEndpoint(configuration) else { preconditionFailure("the model can be built") }
    let upper = fabric.add(node)
    let lower = fabric.add(model)
    link = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 256))
  }

  func perform(_ script: inout Script) throws(VfioUserStreamError) {
    try settle()
    if script.byte() & 7 != 0 {
      var own = VfioUserVersion()
      own.takesManyWrites = true
      client.send(.version, own.payload)
      enable()
    }
    while let deed = script.deed() {
      act(deed, &script)
      try settle()
      guard session.loss == nil else { return }
    }
    // What is still owed comes in time.
    fabric.run(until: fabric.now + .seconds(5))
    try settle()
  }

  private func enable() {
    client.write(7, 0x10, [0, 0, 0, 0xe0])
    client.write(7, 4, [6, 0])
  }

  private func act(_ deed: UInt8, _ script: inout Script) {
    switch deed % 14 {
    case 0: client.output.put(script.message(id: UInt16(deed)))
    case 1:
      let range = VfioUserRange(
        region: Int(script.byte() % 10), offset: script.number(32), count: Int(script.number(17)))
      client.read(range)
    case 2:
      client.write(
        Int(script.byte() % 10), script.number(32), script.bytes(Int(script.byte() & 31)),
        wantsReply: deed & 16 == 0)
    case 3:
      maps += 1
      guard maps <= 16 else { return }
      let bytes = 4096 * (1 + Int(script.byte() & 15))
      let file = deed & 16 == 0 ? try? PassedDescriptor.memory(bytes: bytes) : nil
      client.map(
        script.number(64) << 12, bytes: UInt64(bytes), isWritable: deed & 32 == 0, file,
        offset: script.number(13))
    case 4: client.unmap(script.number(64) << 12, bytes: script.number(20))
    case 5:
      let events = (0..<Int(script.byte() & 7)).compactMap { _ in try? PassedDescriptor.event() }
      guard let index = VfioUserInterruptIndex(rawValue: Int(script.byte() % 5)) else { return }
      client.setInterrupts(
        index, flags: UInt32(script.byte() & 63), start: Int(script.number(32)),
        count: Int(script.number(32)),
        events)
    case 6: answer(&script)
    case 7: fabric.run(until: fabric.now + .microseconds(UInt64(script.byte()) << UInt64(script.byte() & 15)))
    case 8: fabric.takeDown(link: link, deed & 16 == 0 ? .surpriseDown : .hotReset)
    case 9: fabric.bringUp(link: link)
    case 10: client.send(.reset)
    case 11: enable()
    case 12: transfer(&script)
    default:
      client.describeDevice()
      client.describeRegion(Int(script.byte() & 15), roomBytes: Int(script.number(9)))
      if let index = VfioUserInterruptIndex(rawValue: Int(script.byte() & 7)) {
        client.describeInterrupts(index)
      }
    }
  }

  /// Lets the endpoint copy memory, and raise what it will.
  private func transfer(_ script: inout Script) {
    for (register, value) in [
      (DMARegister.sourceLow, script.number(32)), (DMARegister.sourceLow + 4, script.number(32)),
      (DMARegister.targetLow, script.number(32)), (DMARegister.size, script.number(18)),
      (DMARegister.interruptKind, UInt64(script.byte() & 3)), (DMARegister.interruptNumber, script.number(5)),
      (DMARegister.command, UInt64(script.byte() & 63)),
    ] {
      client.write(0, UInt64(register), (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
    }
  }

  /// Answers one of the device's requests for memory, rightly or not.
  private func answer(_ script: inout Script) {
    guard !requests.isEmpty else { return }
    let way = script.byte()
    switch requests.remove(at: Int(way >> 2) % requests.count) {
    case .memoryRead(let token, let address, let count):
      let data = [UInt8](repeating: way, count: way & 1 == 0 ? count : count / 2)
      client.answer(token, address: address, count: count, data: way & 2 == 0 ? data : nil)
    case .memoryWrite(let token, let address, let data):
      client.answer(token, address: address, count: data.count, data: way & 2 == 0 ? [] : nil)
    case .reply: break
    }
  }

  private func settle() throws(VfioUserStreamError) {
    var hasMoved = true
    while hasMoved {
      hasMoved = false
      if session.takesInput, !client.output.isEmpty {
        let piece = client.output.next
        try toServer.append(Array(piece.bytes), piece.descriptors)
        client.output.removeFirst(piece.bytes.count)
        while let message = try toServer.next() { try session.receive(message) }
        hasMoved = true
      }
      if session.advance(node, in: &fabric) { hasMoved = true }
      if fabric.runEvents(until: fabric.now + Fabric.lead) { hasMoved = true }
      if try hear() { hasMoved = true }
    }
  }

  private func hear() throws(VfioUserStreamError) -> Bool {
    guard let piece = session.server?.output.next, !piece.bytes.isEmpty else { return false }
    try toClient.append(Array(piece.bytes), piece.descriptors)
    session.server?.output.removeFirst(piece.bytes.count)
    while let message = try toClient.next() {
      // To a message of its own making it has a reply that it does not wait for.
      guard let event = try? client.receive(message) else { continue }
      if case .reply = event { continue }
      requests.append(event)
    }
    return true
  }
}

/// A device server below a root complex.
private final class DevicePeer {
  private var fabric = Fabric(maxPayloadBytes: 4096)
  private let root = RootComplex(node: 0, memoryBytes: 1 << 20)
  private let device: OutsideEndpoint
  private let link: Int
  private var bar: UInt64 = 0
  private var session: VfioUserDeviceSession
  private var reader = VfioUserReader()
  private var commands: [VfioUserMessage] = []

  init() {
    var configuration = FunctionConfiguration(
      header: HeaderLayout(
        vendorID: 0x1234, deviceID: 0x5678, classCode: 0xff_0000, revisionID: 1, subsystemVendorID: 0,
        subsystemID: 0, bars: [BarLayout(index: 0, bytes: 4096, kind: .memory32(prefetchable: false))]))
    configuration.msix = MSIXLayout(
      vectorCount: 2, placement: .inside(tableBar: 0, tableOffset: 0x800, pendingBar: 0, pendingOffset: 0xc00)
    )
    guard let device = try? OutsideEndpoint(configuration) else { preconditionFailure("it can be built") }
    self.device = device
    let upper = fabric.add(root)
    let lower = fabric.add(device)
    link = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 256))
    var features = VfioUserFeatures()
    features.interrupts = [1, 0, 2]
    features.maxDescriptors = 8
    if let found = try? Enumerator.run(root, in: &fabric).last, let place = found.bar(0) {
      bar = place.address
    }
    session = VfioUserDeviceSession(VfioUserClient(), features, device.settings(in: fabric))
  }

  func perform(_ script: inout Script) throws(VfioUserStreamError) {
    try advance()
    while let deed = script.deed() {
      try act(deed, &script)
      try advance()
    }
    for _ in 0..<100 {
      pass()
      try advance()
    }
  }

  private func act(_ deed: UInt8, _ script: inout Script) throws(VfioUserStreamError) {
    guard session.takesInput || deed % 10 > 4 else { return }
    switch deed % 10 {
    case 0: try session.receive(script.message(id: UInt16(deed)))
    case 1, 2: try reply(&script, isRight: deed % 10 == 1)
    case 3: try session.receive(request(.memoryRead, deed, script.number(64), Int(script.number(22))))
    case 4:
      let data = script.bytes(Int(script.byte()))
      let count = deed & 16 == 0 ? data.count : Int(script.number(22))
      try session.receive(request(.memoryWrite, deed, script.number(64), count, data))
    case 5: session.outflow.add(.interrupt(.msix, Int(script.byte() & 3)))
    case 6:
      _ = root.beginRead(
        address: bar + UInt64(script.byte()) << 4, count: 1 + Int(script.byte()), in: &fabric)
    case 7: _ = root.write(address: bar + UInt64(script.byte()) << 4, data: script.bytes(8), in: &fabric)
    case 8: for _ in 0..<script.byte() { pass() }
    default:
      if deed & 16 == 0 { fabric.takeDown(link: link, .hotReset) } else { fabric.bringUp(link: link) }
    }
  }

  /// Answers one of the commands to the device, with what was asked for or with anything.
  private func reply(_ script: inout Script, isRight: Bool) throws(VfioUserStreamError) {
    guard !commands.isEmpty else { return }
    let command = commands.removeFirst()
    let payload =
      isRight
      ? command.payload + [UInt8](repeating: 0x5a, count: Int(script.byte() & 15))
      : script.bytes(Int(script.byte()))
    var message = VfioUserMessage.reply(to: command.header, payload)
    if script.byte() & 7 == 0 { message = .failure(of: command.header, VfioUserError(number: 5)) }
    try session.receive(message)
  }

  private func request(
    _ command: VfioUserCommand, _ id: UInt8, _ address: UInt64, _ count: Int, _ data: [UInt8] = []
  ) -> VfioUserMessage {
    var payload: [UInt8] = []
    payload.add(address)
    payload.add(UInt64(count))
    return .command(command, id: UInt16(id), payload + data)
  }

  private func advance() throws(VfioUserStreamError) {
    _ = session.advance(device, in: &fabric)
    while !session.client.output.isEmpty {
      let piece = session.client.output.next
      try reader.append(Array(piece.bytes), piece.descriptors)
      session.client.output.removeFirst(piece.bytes.count)
    }
    while let message = try reader.next() { if !message.header.isReply { commands.append(message) } }
  }

  private func pass() {
    let next = fabric.now + .microseconds(1)
    fabric.runEvents(until: next)
    fabric.advance(to: min(next, fabric.nextTime ?? .never))
  }
}
