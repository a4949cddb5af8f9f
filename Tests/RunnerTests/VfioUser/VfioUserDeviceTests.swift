import Endpoints
import Glibc
import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Transports

/// A device server below a root complex; the test is the server.
private final class VfioUserDeviceBench {
  var fabric = Fabric(maxPayloadBytes: 4096)
  let root = RootComplex(node: 0, memoryBytes: 4 << 20)
  let device: OutsideEndpoint
  let bar: UInt64
  let function: FunctionAddress
  var session: VfioUserDeviceSession
  private var reader = VfioUserReader()
  /// Commands to the server that it has not looked at.
  var commands: [VfioUserMessage] = []

  init() throws {
    var configuration = FunctionConfiguration(
      header: HeaderLayout(
        vendorID: 0x1234, deviceID: 0x5678, classCode: 0xff_0000, revisionID: 1, subsystemVendorID: 0,
        subsystemID: 0, bars: [BarLayout(index: 0, bytes: 4096, kind: .memory32(prefetchable: false))]))
    configuration.msix = MSIXLayout(
      vectorCount: 2, placement: .inside(tableBar: 0, tableOffset: 0x800, pendingBar: 0, pendingOffset: 0xc00)
    )
    device = try OutsideEndpoint(configuration)
    let upper = fabric.add(root)
    let lower = fabric.add(device)
    _ = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 256))
    let found = try #require(try Enumerator.run(root, in: &fabric).last)
    bar = try #require(found.bar(0)).address
    function = found.address
    var features = VfioUserFeatures()
    features.interrupts = [0, 0, 2]
    features.maxDescriptors = 8
    session = VfioUserDeviceSession(VfioUserClient(), features, device.settings(in: fabric))
    try advance()
  }

  func advance() throws {
    _ = session.advance(device, in: &fabric)
    let piece = session.client.output.next
    try reader.append(Array(piece.bytes), piece.descriptors)
    session.client.output.removeFirst(piece.bytes.count)
    while let message = try reader.next() { commands.append(message) }
  }

  /// Lets a microsecond pass, as on a real clock.
  func pass() {
    let next = fabric.now + .microseconds(1)
    fabric.runEvents(until: next)
    fabric.advance(to: min(next, fabric.nextTime ?? .never))
  }

  /// Lets time go on in small steps until something is true.
  func run(until isDone: () -> Bool) throws {
    for _ in 0..<100_000 {
      try advance()
      if isDone() { return }
      pass()
    }
    Issue.record("it never came")
  }

  /// A command of the server's with an address, a count and data.
  static func request(
    _ command: VfioUserCommand, id: UInt16, _ address: UInt64, _ count: Int, _ data: [UInt8] = []
  ) -> VfioUserMessage {
    var payload: [UInt8] = []
    payload.add(address)
    payload.add(UInt64(count))
    return .command(command, id: id, payload + data)
  }

  func memory(_ place: Int) -> UInt8 { root.core.memory.bytes[place] }
}

@Suite struct VfioUserDeviceTests {
  private typealias Bench = VfioUserDeviceBench
  private static let large = 1 << 20

  @Test func aCompletionDoesNotPassTheWritesBeforeIt() throws {
    let bench = try Bench()
    let read = bench.root.beginRead(address: bench.bar, count: 4, in: &bench.fabric)
    try bench.run { bench.commands.contains { $0.header.command == VfioUserCommand.regionRead.rawValue } }
    let command = try #require(bench.commands.last)
    let data = [UInt8](repeating: 7, count: Self.large)
    try bench.session.receive(Bench.request(.memoryWrite, id: 1, 0x10_0000, data.count, data))
    try bench.session.receive(.reply(to: command.header, command.payload + [1, 2, 3, 4]))
    try bench.run { bench.root.status(of: read) != nil }
    #expect(bench.root.data(of: read) == [1, 2, 3, 4])
    #expect(bench.memory(0x10_0000) == 7 && bench.memory(0x10_0000 + Self.large - 1) == 7)
  }

  @Test func anInterruptDoesNotPassTheWritesBeforeIt() throws {
    let bench = try Bench()
    let data = [UInt8](repeating: 7, count: Self.large)
    try bench.session.receive(Bench.request(.memoryWrite, id: 1, 0x10_0000, data.count, data))
    bench.session.outflow.add(.interrupt(.msix, 1))
    try bench.run { bench.root.claimInterrupt(.msix, vector: 1, from: bench.function) }
    #expect(bench.memory(0x10_0000 + Self.large - 1) == 7)
  }

  @Test func readsThatWaitHoldNothingBack() throws {
    let bench = try Bench()
    // More than there are tags for; the link takes none of them while the test does not let time go on.
    for id in UInt16(1)...200 { try bench.session.receive(Bench.request(.memoryRead, id: id, 0, 4096)) }
    try bench.session.receive(Bench.request(.memoryWrite, id: 201, 0x10_0000, 1, [9]))
    try bench.advance()
    #expect(bench.session.outflow.count == 0 && bench.session.accesses.waiting > 0)
    try bench.run { bench.memory(0x10_0000) == 9 }
  }

  @Test func afewBytesThatAskForMuchTakeLittleMemory() throws {
    let bench = try Bench()
    var taken = 0
    while bench.session.takesInput, taken < 2048 {
      try bench.session.receive(Bench.request(.memoryRead, id: UInt16(taken), 0, Self.large))
      taken += 1
    }
    try bench.advance()
    #expect(taken <= VfioUserDeviceSession.backlogMax)
    let bytes = bench.session.accesses.table.reduce(0) { $0 + ($1?.data.count ?? 0) }
    #expect(bytes <= 32 * Self.large)
  }

  @Test func writesThatWaitAreBounded() throws {
    let bench = try Bench()
    var taken = 0
    let data = [UInt8](repeating: 1, count: Self.large)
    while bench.session.takesInput, taken < 100 {
      try bench.session.receive(Bench.request(.memoryWrite, id: UInt16(taken), 0, data.count, data))
      taken += 1
    }
    #expect(taken <= VfioUserDeviceSession.outputMax / Self.large)
  }

  @Test func aResetForgetsWhatWasToBeAnswered() throws {
    let bench = try Bench()
    let read = bench.root.beginRead(address: bench.bar, count: 4, in: &bench.fabric)
    try bench.run { bench.commands.contains { $0.header.command == VfioUserCommand.regionRead.rawValue } }
    let command = try #require(bench.commands.last)
    bench.fabric.takeDown(link: 0, .hotReset)
    try bench.session.receive(Bench.request(.memoryWrite, id: 1, 0x10_0000, 1, [9]))
    try bench.session.receive(.reply(to: command.header, command.payload + [1, 2, 3, 4]))
    bench.fabric.bringUp(link: 0)
    try bench.run { bench.root.status(of: read) != nil }
    #expect(bench.root.status(of: read) != .successful && bench.memory(0x10_0000) == 0)
  }
}

/// The same over a real socket, where interrupts come beside the messages.
@Suite struct VfioUserDeviceSocketTests {
  @Test func anInterruptBesideTheSocketDoesNotPassWhatIsInIt() throws {
    let bench = try VfioUserDeviceBench()
    let events = bench.session.events[2]
    #expect(events.count == 2)
    var address = SocketAddress.unix(
      path: "/tmp/pcie-harness.device.\(getpid()).\(UInt32.random(in: 0 ... .max))")
    let listener = try StreamSocket.listen(at: &address)
    let server = try StreamSocket.connect(to: address)
    if case .unix(let path) = address { unsafe unlink(path) }
    guard let accepted = try listener.accept() else {
      Issue.record("nobody has come")
      return
    }
    let transport = VfioUserDeviceTransport(takingOver: accepted, VfioUserReader(), bench.session)
    // The first message, which is read at once, has the others wait for room.
    var output = VfioUserOutput()
    let bytes = 1 << 19
    for id in UInt16(1)...40 {
      output.put(
        VfioUserDeviceBench.request(
          .memoryWrite, id: id, 0x10_0000, bytes, Array(repeating: UInt8(id), count: bytes)))
    }
    var isRaised = false
    for _ in 0..<200_000 {
      if output.isEmpty, !isRaised { isRaised = events[1].raise() }
      _ = output.write(to: server)
      _ = transport.exchange(with: bench.device, in: &bench.fabric)
      _ = server.read()
      if bench.root.claimInterrupt(.msix, vector: 1, from: bench.function) {
        #expect(bench.memory(0x10_0000 + bytes - 1) == 40)
        return
      }
      bench.pass()
    }
    Issue.record("the interrupt never came")
    #expect(transport.state == .up)
  }

  @Test func memoryThatIsSharedIsMappedByItsDescriptor() throws {
    var session = VfioUserDeviceSession(VfioUserClient(), VfioUserFeatures(), OutsideSettings())
    session.share(try PassedDescriptor.memory(bytes: 8192), at: 0x40_0000, bytes: 8192)
    var reader = VfioUserReader()
    var seen: [(command: UInt16, address: UInt64, bytes: UInt64, descriptors: Int)] = []
    while !session.client.output.isEmpty {
      let piece = session.client.output.next
      try reader.append(Array(piece.bytes), piece.descriptors)
      session.client.output.removeFirst(piece.bytes.count)
      while let message = try reader.next() {
        let start = message.header.command == VfioUserCommand.mapMemory.rawValue ? 16 : 8
        seen.append(
          (
            message.header.command, message.payload.field(start), message.payload.field(start + 8),
            message.descriptors.count
          ))
      }
    }
    let all = VfioUserDeviceSession.memoryBytes
    let last = seen.suffix(5)
    #expect(last.map { $0.command } == [2, 3, 2, 2, 2])
    #expect(last.map { $0.address } == [0, 0, 0, 0x40_0000, 0x40_2000])
    #expect(last.map { $0.bytes } == [all, all, 0x40_0000, 8192, all - 0x40_2000])
    #expect(last.map { $0.descriptors } == [0, 0, 0, 1, 0])
  }

  @Test func aWideBARThatMovesBelow4GiBHasNothingOfItsUpperHalf() throws {
    var features = VfioUserFeatures()
    features.wideBars = [0]
    var settings = OutsideSettings()
    settings.barAddresses[0] = 0x12_0000_0000
    var session = VfioUserDeviceSession(VfioUserClient(), features, settings)
    settings.barAddresses[0] = 0xe000_0000
    session.adopt(settings)
    var reader = VfioUserReader()
    var written: [[UInt8]] = []
    while !session.client.output.isEmpty {
      let piece = session.client.output.next
      try reader.append(Array(piece.bytes), piece.descriptors)
      session.client.output.removeFirst(piece.bytes.count)
    }
    while let message = try reader.next() {
      guard message.header.command == VfioUserCommand.regionWrite.rawValue else { continue }
      if message.payload[0] == UInt8(HeaderRegister.bar(0)) { written.append(Array(message.payload[16...])) }
    }
    #expect(written == [[0, 0, 0, 0, 0x12, 0, 0, 0], [0, 0, 0, 0xe0, 0, 0, 0, 0]])
  }
}
