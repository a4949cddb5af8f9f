import Endpoints
import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Transports

/// A client of vfio-user at a link with a model at its other end: what is sent is carried over in bytes.
final class VfioUserBench {
  var fabric = Fabric(maxPayloadBytes: 4096)
  let host = OutsidePort()
  let link: Int
  var session = VfioUserSession()
  var client = VfioUserClient()
  private var toServer = VfioUserReader()
  private var toClient = VfioUserReader()
  /// What the device wants of the host's memory, until it is answered.
  var requests: [VfioUserClient.Event] = []
  private var replies: [UInt16: VfioUserClient.Reply] = [:]

  init(_ model: any FabricNode, maxPayloadBytes: Int = 256, offering offers: [VfioUserOffer] = []) throws {
    for offer in offers { session.offer(offer) }
    let upper = fabric.add(host)
    let lower = fabric.add(model)
    link = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: maxPayloadBytes))
    try settle()
    var own = VfioUserVersion()
    own.takesManyWrites = true
    #expect(try ask(.version, own.payload).error == nil)
  }

  /// Lets everything happen that can happen now.
  func settle() throws {
    var hasMoved = true
    while hasMoved {
      hasMoved = try carryToServer()
      if session.advance(host, in: &fabric) { hasMoved = true }
      if fabric.runEvents(until: fabric.now + Fabric.lead) { hasMoved = true }
      if try carryToClient() { hasMoved = true }
    }
    #expect(session.loss == nil)
  }

  /// Lets time go on until nothing is left to happen.
  func settle(after time: VirtualDuration) throws {
    try settle()
    fabric.run(until: fabric.now + time)
    try settle()
  }

  private func carryToServer() throws -> Bool {
    guard session.takesInput, !client.output.isEmpty else { return false }
    let piece = client.output.next
    try toServer.append(Array(piece.bytes), piece.descriptors)
    client.output.removeFirst(piece.bytes.count)
    while let message = try toServer.next() { try session.receive(message) }
    return true
  }

  private func carryToClient() throws -> Bool {
    guard let piece = session.server?.output.next, !piece.bytes.isEmpty else { return false }
    try toClient.append(Array(piece.bytes), piece.descriptors)
    session.server?.output.removeFirst(piece.bytes.count)
    while let message = try toClient.next() {
      switch try client.receive(message) {
      case .reply(let id, _, let reply)?: replies[id] = reply
      case let request?: requests.append(request)
      case nil: break
      }
    }
    return true
  }

  // MARK: Commands

  /// The reply to a command, nil when it has not come.
  func reply(to id: UInt16) throws -> VfioUserClient.Reply? {
    try settle()
    return replies.removeValue(forKey: id)
  }

  func ask(
    _ command: VfioUserCommand, _ payload: [UInt8] = []
  ) throws -> VfioUserClient.Reply {
    try #require(try reply(to: client.send(command, payload)))
  }

  func read(_ region: Int, _ offset: UInt64, _ count: Int = 4) throws -> [UInt8]? {
    let id = client.read(VfioUserRange(region: region, offset: offset, count: count))
    let reply = try #require(try reply(to: id))
    return reply.error == nil ? Array(reply.payload[16...]) : nil
  }

  func word(_ region: Int, _ offset: UInt64) throws -> UInt32? {
    try read(region, offset).map { $0.field(0) }
  }

  func write(_ region: Int, _ offset: UInt64, _ data: [UInt8]) throws -> UInt32? {
    try #require(try reply(to: client.write(region, offset, data))).error
  }

  /// Writes a word; the write is taken.
  func set(_ region: Int, _ offset: UInt64, _ word: UInt32, bytes: Int = 4) throws {
    let data = (0..<bytes).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    #expect(try write(region, offset, data) == nil)
  }

  /// Maps memory of which the device gets the descriptor.
  func map(_ address: UInt64, bytes: Int, isWritable: Bool = true) throws -> PeerMemory {
    let file = try PassedDescriptor.memory(bytes: bytes)
    let id = client.map(address, bytes: UInt64(bytes), isWritable: isWritable, file)
    #expect(try #require(try reply(to: id)).error == nil)
    return try PeerMemory(file, offset: 0, bytes: bytes, isWritable: true)
  }

  /// Takes vectors of an index by eventfds.
  func take(_ index: VfioUserInterruptIndex, count: Int) throws -> [PassedDescriptor] {
    var events: [PassedDescriptor] = []
    for _ in 0..<count { events.append(try .event()) }
    let id = client.setInterrupts(index, flags: 0x24, count: count, events)
    #expect(try #require(try reply(to: id)).error == nil)
    return events
  }

  /// Gives BARs addresses from 0xe0000000 on and enables the function, as firmware does.
  func enable(_ bars: [Int] = [0]) throws {
    for (place, bar) in bars.enumerated() {
      try set(7, UInt64(0x10 + bar * 4), 0xe000_0000 + UInt32(place) << 24)
    }
    try set(7, 4, 6, bytes: 2)
  }

  /// Answers all that the device wants of memory, which holds the low byte of each address.
  func answerRequests(isRefused: Bool = false) throws {
    for request in requests {
      switch request {
      case .memoryRead(let token, let address, let count):
        let data = (0..<count).map { UInt8(truncatingIfNeeded: address + UInt64($0)) }
        client.answer(token, address: address, count: count, data: isRefused ? nil : data)
      case .memoryWrite(let token, let address, let data):
        client.answer(token, address: address, count: data.count, data: isRefused ? nil : [])
      case .reply: break
      }
    }
    requests = []
    try settle()
  }

  func findings() -> [Violation] { fabric.findings.map(\.violation) }
}

extension PeerMemory {
  func bytes(_ place: Int, _ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let isThere = bytes.withMutableRawSpan { read(at: place, into: &$0) }
    #expect(isThere)
    return bytes
  }

  func set(_ place: Int, _ bytes: [UInt8]) {
    let isTaken = write(bytes.rawSpan, at: place)
    #expect(isTaken)
  }
}
