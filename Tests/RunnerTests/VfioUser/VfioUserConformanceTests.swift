import Endpoints
import Glibc
import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Runner
@testable import Transports

/// What QEMU does at its start, over a socket, with an endpoint behind the link.
@Suite final class VfioUserConformanceTests {
  private var fabric = Fabric(maxPayloadBytes: 4096)
  private var loop = OutsideLoop()
  private let socket: StreamSocket
  private let transport: any Transport
  private var client = VfioUserClient()
  private var reader = VfioUserReader()
  private var time = VirtualTime.zero
  private var replies: [UInt16: VfioUserClient.Reply] = [:]

  init() throws {
    let path = "/tmp/pcie-harness.vfio.\(getpid()).\(UInt32.random(in: 0 ... .max))"
    let door = try VfioUserReception(path: path, node: "host")
    socket = try StreamSocket.connect(to: .unix(path: path))
    let host = OutsidePort()
    let (upper, lower) = (fabric.add(host), fabric.add(try VfioUserHostTests.dma()))
    let link = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 256))
    while door.hello == nil { _ = door.look() }
    transport = try door.welcome(host.settings(in: fabric))
    loop.add(OutsidePeer(name: "host", node: host, transport: transport, link: link))
  }

  /// Lets both sides go on until the reply to a command has come, on a clock of its own.
  private func reply(to id: UInt16) throws -> VfioUserClient.Reply {
    for _ in 0..<100_000 {
      if let reply = replies.removeValue(forKey: id) { return reply }
      _ = client.output.write(to: socket)
      time = time + .microseconds(10)
      transport.wake([])
      _ = loop.serve(&fabric) { time }
      let (input, descriptors) = socket.readPassing()
      guard case .bytes(let bytes) = input else { continue }
      try reader.append(bytes, descriptors)
      while let message = try reader.next() {
        if case .reply(let id, _, let reply)? = try client.receive(message) { replies[id] = reply }
      }
    }
    Issue.record("no reply to command \(id)")
    throw NoReply()
  }

  private struct NoReply: Error {}

  private func ask(_ id: UInt16) throws -> [UInt8] {
    let reply = try reply(to: id)
    #expect(reply.error == nil)
    return reply.payload
  }

  /// Reads configuration space.
  private func space(_ offset: UInt64, _ count: Int) throws -> [UInt8] {
    Array(try ask(client.read(VfioUserRange(region: 7, offset: offset, count: count)))[16...])
  }

  private func word(_ offset: UInt64) throws -> UInt32 { try space(offset, 4).field(0) }

  private func set(_ offset: UInt64, _ data: [UInt8]) throws {
    #expect(try ask(client.write(7, offset, data)).count == 16)
  }

  private func take(_ index: VfioUserInterruptIndex) throws {
    #expect(try ask(client.setInterrupts(index, flags: 0x24, count: 1, [try .event()])).isEmpty)
  }

  /// In the order of QEMU 11.1 with q35, with what it refuses where the answer is another.
  @Test func theStartOfQEMUIsAnswered() throws {
    try introduce()
    try describe()
    try lookAround()
    try resetMachine()
    try runFirmware()
    #expect(transport.state == .up && transport.takeNotes().isEmpty && fabric.findings.isEmpty)
  }

  /// QEMU takes no other version, wants the zero at the end, and no more bytes than it has sent itself.
  private func introduce() throws {
    let version = try ask(client.send(.version, VfioUserConformanceTests.greeting))
    #expect(version.prefix(4) == [0, 0, 0, 0] && version.last == 0)
    #expect(version.count <= VfioUserConformanceTests.greeting.count)
    let memory = try PassedDescriptor.memory(bytes: 1 << 20)
    let maps = [
      client.map(0, bytes: 1 << 20, memory), client.map(0xfffc_0000, bytes: 0x40000, isWritable: false),
    ]
    for id in maps { #expect(try ask(id).isEmpty) }
  }

  private static let greeting: [UInt8] =
    [0, 0, 0, 0]
    + Array(
      (#"{"capabilities": {"pgsizes": 4096, "max_msg_fds": 16, "max_dma_maps": 65535, "#
        + #""max_data_xfer_size": 1048576, "migration": {"max_bitmap_size": 268435456, "pgsize": 4096}, "#
        + #""write_multiple": true}}"#).utf8) + [0]

  /// QEMU aborts at a BAR whose size is no power of two, and goes without a device that is none of PCI's.
  private func describe() throws {
    let info = try ask(client.describeDevice())
    #expect(info.field(4, as: UInt32.self) == 3)
    #expect(info.field(8, as: UInt32.self) == 9 && info.field(12, as: UInt32.self) == 5)
    for (index, bytes) in [64 << 10, 4096, 0, 0, 0, 0, nil, 4096].enumerated() {
      guard let bytes else { continue }
      let region = try ask(client.describeRegion(index))
      #expect(region.count == 32 && region.field(8, as: UInt32.self) == UInt32(index))
      #expect(region.field(16, as: UInt64.self) == UInt64(bytes))
      #expect(
        region.field(4, as: UInt32.self) == (bytes == 0 ? 0 : 3) && region.field(12, as: UInt32.self) == 0)
    }
    #expect(try ask(client.describeInterrupts(.error)).field(4, as: UInt32.self) == 1)
  }

  private func lookAround() throws {
    let whole = try space(0, 4096)
    #expect(whole.field(0, as: UInt32.self) == 0xedda_16c3)
    // A ROM that keeps the bits would be one.
    #expect(try word(0x30) == 0)
    try set(0x30, [0, 0xf8, 0xff, 0xff])
    #expect(try word(0x30) == 0)
    try set(0x30, [0, 0, 0, 0])
    for register in [0x10, 0x14] as [UInt64] { #expect(try word(register) & 0xf == 0) }
    let places = VfioUserPlaces(whole)
    let (msix, msi) = (UInt64(try #require(places.msix)), UInt64(try #require(places.msi)))
    #expect(try space(msix + 2, 2) == [7, 0])
    #expect(try word(msix + 4) & 7 == 1 && word(msix + 8) & 7 == 1)
    // Without an answer QEMU goes without the device.
    let vectors = try ask(client.describeInterrupts(.msix))
    #expect(vectors.field(4, as: UInt32.self) == 9 && vectors.field(12, as: UInt32.self) == 8)
    #expect(try space(msi + 2, 2).field(0, as: UInt16.self) & 0x8e == 0x84)
    #expect(try space(0x3d, 1) == [1] && space(0x3d, 1) == [1])
    try take(.intx)
    try take(.error)
  }

  private func resetMachine() throws {
    #expect(try ask(client.setInterrupts(.intx, flags: 0x21, count: 0)).isEmpty)
    _ = try word(4)
    try set(4, [0, 0])
    #expect(try ask(client.send(.reset)).isEmpty)
    #expect(try space(0x3d, 1) == [1])
    try take(.intx)
    for register in stride(from: UInt64(0x10), through: 0x24, by: 4) { try set(register, [0, 0, 0, 0]) }
  }

  /// Maps come in bursts whose answers nobody waits for, BARs are sized and placed.
  private func runFirmware() throws {
    var burst = [client.unmap(0, bytes: 1 << 20)]
    let memory = try PassedDescriptor.memory(bytes: 1 << 20)
    burst += [
      client.map(0, bytes: 0xc0000, memory), client.map(0xc0000, bytes: 0x20000, isWritable: false, memory),
      client.map(0xe0000, bytes: 0x20000, memory, offset: 0xe0000),
    ]
    for id in burst { #expect(try ask(id).count == (id == burst[0] ? 24 : 0)) }
    for (register, size, address) in [(0x10, 0xffff_0000, 0xe000_0000), (0x14, 0xffff_f000, 0xe100_0000)]
      as [(UInt64, UInt32, UInt32)]
    {
      try set(register, [0xff, 0xff, 0xff, 0xff])
      #expect(try word(register) == size)
      try set(register, (0..<4).map { UInt8(truncatingIfNeeded: address >> ($0 * 8)) })
    }
    try set(4, [6, 0])
    #expect(try ask(client.write(0, 0x1000, [1, 2, 3, 4])).count == 16)
    client.write(0, 0x1002, [5], wantsReply: false)
    #expect(try ask(client.read(VfioUserRange(region: 0, offset: 0x1000, count: 4)))[16...] == [1, 2, 5, 4])
  }

  /// A guest reads all ones at once, and the device is usable as before: no short reply, none that is late.
  @Test func whatFailsIsAnErrorAndNothingElse() throws {
    try introduce()
    let id = client.read(VfioUserRange(region: 0, offset: 0, count: 4))
    #expect(try reply(to: id).error == UInt32(EIO))
    #expect(
      try reply(to: client.read(VfioUserRange(region: 0, offset: 1 << 16, count: 4))).error == UInt32(EINVAL))
    try set(4, [2, 0])
    #expect(try ask(client.read(VfioUserRange(region: 0, offset: 0x1000, count: 4))).count == 20)
    #expect(transport.state == .up)
  }
}
