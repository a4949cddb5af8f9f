import Glibc
import PCIe

/// The host's side of the protocol, without sockets and clock: commands in, messages out, and back.
struct VfioUserClient {
  var output = VfioUserOutput()
  private var nextID: UInt16 = 0
  /// The commands whose replies have not come, oldest first.
  private var open: [(id: UInt16, command: VfioUserCommand)] = []

  /// What has come from a device.
  enum Event {
    /// The reply to a command: its payload, or an errno.
    case reply(id: UInt16, VfioUserCommand, Reply)
    case memoryRead(VfioUserToken, address: UInt64, count: Int)
    case memoryWrite(VfioUserToken, address: UInt64, [UInt8])
  }

  /// A reply to a command.
  struct Reply {
    var payload: [UInt8]
    var descriptors: [PassedDescriptor]
    var error: UInt32?
  }

  /// How many replies are still to come.
  var openCount: Int { open.count }
  /// The ID of the oldest command without a reply, nil when there is none.
  var oldest: UInt16? { open.first?.id }

  /// Sends a command, and gives its ID.
  @discardableResult mutating func send(
    _ command: VfioUserCommand, _ payload: [UInt8] = [], passing descriptors: [PassedDescriptor] = [],
    wantsReply: Bool = true
  ) -> UInt16 {
    nextID &+= 1
    var message = VfioUserMessage.command(command, id: nextID, payload, passing: descriptors)
    message.header.wantsNoReply = !wantsReply
    if wantsReply { open.append((nextID, command)) }
    output.put(message)
    return nextID
  }

  /// Takes a message of the device.
  ///
  /// - Throws: when there is no sense in going on.
  mutating func receive(_ message: VfioUserMessage) throws(VfioUserStreamError) -> Event? {
    let header = message.header
    if header.isReply {
      guard let place = open.firstIndex(where: { $0.id == header.id }) else {
        throw .unexpectedReply(id: header.id)
      }
      let command = open.remove(at: place).command
      guard header.command == command.rawValue else {
        throw .wrongReply(command: command, bytes: message.payload.count)
      }
      let reply = Reply(
        payload: message.payload, descriptors: message.descriptors, error: header.error)
      return .reply(id: header.id, command, reply)
    }
    let token = VfioUserToken(command: header)
    do throws(VfioUserError) { return try request(message, token) } catch {
      if token.isAwaited { output.put(.failure(of: header, error)) }
      return nil
    }
  }

  private func request(
    _ message: VfioUserMessage, _ token: VfioUserToken
  ) throws(VfioUserError) -> Event {
    let payload = message.payload
    guard let command = VfioUserCommand(rawValue: message.header.command),
      command == .memoryRead || command == .memoryWrite
    else { throw VfioUserError(number: ENOTSUP) }
    guard payload.count >= 16, let count = Int(exactly: payload.field(8, as: UInt64.self)), count > 0,
      count <= VfioUserMessage.dataBytesMax
    else { throw VfioUserError(number: EINVAL) }
    let address = payload.field(0, as: UInt64.self)
    guard !address.addingReportingOverflow(UInt64(count) - 1).overflow else {
      throw VfioUserError(number: EINVAL)
    }
    if command == .memoryRead, payload.count == 16 {
      return .memoryRead(token, address: address, count: count)
    }
    guard command == .memoryWrite, payload.count == 16 + count else { throw VfioUserError(number: EINVAL) }
    return .memoryWrite(token, address: address, Array(payload[16...]))
  }

  /// Answers a read of memory with its data, or a write with none; nil says that it has failed.
  mutating func answer(_ token: VfioUserToken, address: UInt64, count: Int, data: [UInt8]?) {
    guard token.isAwaited else { return }
    guard let data else { return output.put(.failure(of: token.command, VfioUserError(number: ENODEV))) }
    var payload: [UInt8] = []
    payload.add(address)
    payload.add(UInt64(count))
    payload.append(contentsOf: data)
    output.put(.reply(to: token.command, payload))
  }
}

// Commands with their payloads.
extension VfioUserClient {
  @discardableResult mutating func read(_ range: VfioUserRange) -> UInt16 {
    var payload: [UInt8] = []
    payload.add(range, count: range.count)
    return send(.regionRead, payload)
  }

  @discardableResult mutating func write(
    _ region: Int, _ offset: UInt64, _ data: [UInt8], wantsReply: Bool = true
  ) -> UInt16 {
    var payload: [UInt8] = []
    payload.add(VfioUserRange(region: region, offset: offset, count: data.count), count: data.count)
    payload.append(contentsOf: data)
    return send(.regionWrite, payload, wantsReply: wantsReply)
  }

  /// Lets the device reach memory: by a descriptor, or by messages where there is none.
  @discardableResult mutating func map(
    _ address: UInt64, bytes: UInt64, isWritable: Bool = true, _ memory: PassedDescriptor? = nil,
    offset: UInt64 = 0
  ) -> UInt16 {
    var payload: [UInt8] = []
    payload.add(UInt32(32))
    payload.add(UInt32(isWritable ? 3 : 1))
    payload.add(offset)
    payload.add(address)
    payload.add(bytes)
    return send(.mapMemory, payload, passing: memory.map { [$0] } ?? [])
  }

  @discardableResult mutating func unmap(_ address: UInt64, bytes: UInt64) -> UInt16 {
    var payload: [UInt8] = []
    payload.add(UInt32(24))
    payload.add(UInt32(0))
    payload.add(address)
    payload.add(bytes)
    return send(.unmapMemory, payload)
  }

  @discardableResult mutating func describeDevice() -> UInt16 {
    send(.deviceInfo, Self.words(16, 0, 0, 0))
  }

  @discardableResult mutating func describeRegion(_ index: Int, roomBytes: Int = 32) -> UInt16 {
    send(.regionInfo, Self.words(UInt32(roomBytes), 0, UInt32(index), 0, 0, 0, 0, 0))
  }

  @discardableResult mutating func describeInterrupts(_ index: VfioUserInterruptIndex) -> UInt16 {
    send(.interruptInfo, Self.words(16, 0, UInt32(index.rawValue), 0))
  }

  /// Sets what becomes of vectors; flags as in `vfio.h`.
  @discardableResult mutating func setInterrupts(
    _ index: VfioUserInterruptIndex, flags: UInt32, start: Int = 0, count: Int,
    _ events: [PassedDescriptor] = []
  ) -> UInt16 {
    send(
      .setInterrupts, Self.words(20, flags, UInt32(index.rawValue), UInt32(start), UInt32(count)),
      passing: events)
  }

  static func words(_ words: UInt32...) -> [UInt8] {
    var payload: [UInt8] = []
    for word in words { payload.add(word) }
    return payload
  }
}
