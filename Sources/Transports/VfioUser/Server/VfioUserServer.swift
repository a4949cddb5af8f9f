import Glibc
import PCIe

/// The device's side of the protocol, without sockets and clock: messages in, events and messages out.
///
/// Whatever the peer sends ends in a reply, an event, or an error that ends the connection.
/// - Source: QEMU 11.1, `docs/interop/vfio-user.rst`, and what its `hw/vfio-user` sends and takes.
struct VfioUserServer {
  let device: VfioUserDevice
  var output = VfioUserOutput()
  /// The peer's memory.
  var memory = PeerMemoryMap()
  var interrupts: VfioUserInterrupts
  /// Our requests for the peer's memory.
  var transfers = VfioUserTransfers()
  /// What the peer can do; nil before it has said so.
  private(set) var peer: VfioUserVersion?
  private var events: [VfioUserEvent] = []
  private var nextEvent = 0
  /// The data of events that wait, which is what they take of memory.
  private(set) var eventBytes = 0

  init(_ device: VfioUserDevice) {
    self.device = device
    interrupts = VfioUserInterrupts(counts: device.interrupts)
  }

  /// How many events wait.
  var eventCount: Int { events.count - nextEvent }

  /// The oldest event, nil when there is none.
  mutating func takeEvent() -> VfioUserEvent? {
    guard nextEvent < events.count else { return nil }
    let event = events[nextEvent]
    eventBytes -= event.bytes
    // What it holds is given back at once.
    events[nextEvent] = .memoryWritten(isTaken: true)
    nextEvent += 1
    if nextEvent == events.count {
      events.removeAll(keepingCapacity: true)
      nextEvent = 0
    }
    return event
  }

  mutating func note(_ event: VfioUserEvent) {
    eventBytes += event.bytes
    events.append(event)
  }

  /// Takes a message of the peer.
  ///
  /// - Throws: when it is no sense to go on.
  mutating func receive(_ message: VfioUserMessage) throws(VfioUserStreamError) {
    if message.header.isReply { return try takeReply(message) }
    do throws(VfioUserError) {
      if let reply = try perform(message) { answer(message.header, reply) }
    } catch { fail(VfioUserToken(command: message.header), error) }
  }

  // MARK: Answers

  /// Answers a read with its data, a write or a reset with none.
  mutating func complete(_ token: VfioUserToken, _ range: VfioUserRange? = nil, data: [UInt8] = []) {
    var payload: [UInt8] = []
    payload.reserveCapacity(16 + data.count)
    if let range { payload.add(range, count: range.count) }
    payload.append(contentsOf: data)
    answer(token.command, Reply(payload))
  }

  /// Answers that a command has failed.
  mutating func fail(_ token: VfioUserToken, _ error: VfioUserError) {
    if token.isAwaited { output.put(.failure(of: token.command, error)) }
  }

  private mutating func answer(_ command: VfioUserHeader, _ reply: Reply) {
    guard !command.wantsNoReply else { return }
    output.put(.reply(to: command, reply.payload, passing: reply.descriptors))
  }

  /// What goes back at once.
  struct Reply {
    var payload: [UInt8]
    var descriptors: [PassedDescriptor]

    init(_ payload: [UInt8] = [], passing descriptors: [PassedDescriptor] = []) {
      self.payload = payload
      self.descriptors = descriptors
    }
  }

  // MARK: Commands

  /// Performs a command; nil when its answer comes later.
  private mutating func perform(_ message: VfioUserMessage) throws(VfioUserError) -> Reply? {
    guard let command = VfioUserCommand(rawValue: message.header.command) else {
      throw VfioUserError(number: ENOTSUP)
    }
    let payload = message.payload
    // Nothing is said before both know which protocol they speak.
    guard (peer == nil) == (command == .version) else { throw VfioUserError(number: EINVAL) }
    switch command {
    case .version: return try greet(payload)
    case .mapMemory: return try map(payload, message.descriptors)
    case .unmapMemory: return try unmap(payload)
    case .deviceInfo: return try describeDevice(payload)
    case .regionInfo: return try describeRegion(payload)
    case .interruptInfo: return try describeInterrupts(payload)
    case .setInterrupts:
      note(.interruptsChanged(try interrupts.set(payload, message.descriptors)))
      return Reply()
    case .regionRead: try beginRead(message)
    case .regionWrite: try beginWrite(message)
    case .regionWriteMany: try beginWrites(payload)
    case .reset:
      guard device.canReset else { throw VfioUserError(number: ENOTSUP) }
      note(.reset(VfioUserToken(command: message.header)))
    case .regionDescriptors, .memoryRead, .memoryWrite, .feature, .migrationRead, .migrationWrite:
      throw VfioUserError(number: ENOTSUP)
    }
    return nil
  }

  private mutating func greet(_ payload: [UInt8]) throws(VfioUserError) -> Reply {
    guard let version = VfioUserVersion(payload), version.major == 0 else {
      throw VfioUserError(number: EINVAL)
    }
    guard version.maxTransferBytes >= VfioUserVersion.leastTransferBytes else {
      throw VfioUserError(number: EINVAL)
    }
    peer = version
    var own = VfioUserVersion()
    own.maxDescriptors = Self.descriptorsMax
    own.takesManyWrites = version.takesManyWrites
    return Reply(own.payload)
  }

  /// What QEMU takes a peer for that says nothing of it.
  private static let descriptorsMax = 8

  private mutating func map(
    _ payload: [UInt8], _ descriptors: [PassedDescriptor]
  ) throws(VfioUserError) -> Reply {
    guard payload.count == 32, descriptors.count <= 1 else { throw VfioUserError(number: EINVAL) }
    let flags = payload.field(4, as: UInt32.self)
    let (address, bytes) = (payload.field(16, as: UInt64.self), payload.field(24, as: UInt64.self))
    guard flags & ~3 == 0, flags != 0 else { throw VfioUserError(number: EINVAL) }
    let isWritable = flags & 2 != 0
    let piece: PeerMemory? =
      // What is no memory is reached by messages.
      if let descriptor = descriptors.first, PeerMemory.isMemory(descriptor) {
        try PeerMemory(
          descriptor, offset: payload.field(8), bytes: Int(clamping: bytes), isWritable: isWritable)
      } else { nil }
    try memory.add(
      .init(
        address: address, bytes: bytes, isReadable: flags & 1 != 0, isWritable: isWritable, memory: piece))
    return Reply()
  }

  private mutating func unmap(_ payload: [UInt8]) throws(VfioUserError) -> Reply {
    guard payload.count >= 24 else { throw VfioUserError(number: EINVAL) }
    let flags = payload.field(4, as: UInt32.self)
    switch flags {
    case 0: try memory.remove(address: payload.field(8), bytes: payload.field(16))
    case 2: memory.removeAll()
    default: throw VfioUserError(number: ENOTSUP)
    }
    return Reply(Array(payload.prefix(24)))
  }

  private mutating func beginRead(_ message: VfioUserMessage) throws(VfioUserError) {
    guard message.payload.count == 16 else { throw VfioUserError(number: EINVAL) }
    let range = try range(message.payload, at: 0)
    note(.read(VfioUserToken(command: message.header), range))
  }

  private mutating func beginWrite(_ message: VfioUserMessage) throws(VfioUserError) {
    guard message.payload.count >= 16 else { throw VfioUserError(number: EINVAL) }
    let range = try range(message.payload, at: 0)
    guard message.payload.count == 16 + range.count else { throw VfioUserError(number: EINVAL) }
    note(.write(VfioUserToken(command: message.header), range, Array(message.payload[16...])))
  }

  /// Takes many writes of at most eight bytes, all or none.
  private mutating func beginWrites(_ payload: [UInt8]) throws(VfioUserError) {
    // Only to one who has said so were they offered.
    guard peer?.takesManyWrites ?? false else { throw VfioUserError(number: ENOTSUP) }
    guard payload.count >= 8, let count = Int(exactly: payload.field(0, as: UInt64.self)),
      count <= Self.writesMax, payload.count == 8 + count * 24
    else { throw VfioUserError(number: EINVAL) }
    var writes: [VfioUserEvent] = []
    for index in 0..<count {
      let place = 8 + index * 24
      let range = try range(payload, at: place)
      guard range.count <= 8 else { throw VfioUserError(number: EINVAL) }
      writes.append(.write(nil, range, Array(payload[place + 16..<place + 16 + range.count])))
    }
    for write in writes { note(write) }
  }

  /// QEMU sends at most 200.
  private static let writesMax = 4096

  private func range(_ payload: [UInt8], at place: Int) throws(VfioUserError) -> VfioUserRange {
    let range = VfioUserRange(
      region: Int(payload.field(place + 8, as: UInt32.self)), offset: payload.field(place),
      count: Int(payload.field(place + 12, as: UInt32.self)))
    guard device.regions.indices.contains(range.region), range.count <= VfioUserMessage.dataBytesMax else {
      throw VfioUserError(number: EINVAL)
    }
    let bytes = device.regions[range.region].bytes
    guard range.offset <= bytes, UInt64(range.count) <= bytes - range.offset else {
      throw VfioUserError(number: EINVAL)
    }
    return range
  }
}

extension [UInt8] {
  /// Adds the fields that every access begins with.
  mutating func add(_ range: VfioUserRange, count: Int) {
    add(range.offset)
    add(UInt32(truncatingIfNeeded: range.region))
    add(UInt32(truncatingIfNeeded: count))
  }
}
