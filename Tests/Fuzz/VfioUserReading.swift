import PCIe

@testable import Transports

/// Any bytes of a host or of a device server end in messages, events and replies, or in a typed error.
///
/// The first byte chooses who reads, in what pieces, and whether the rest is a stream as it stands or the
/// commands, lengths and payloads of messages, whose headers chance would rarely get right.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzVfioUserReading(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.first else { return 0 }
  let stream =
    choice & 1 == 0 ? Array(input.dropFirst()) : framed(input.dropFirst(), asReplies: choice & 8 != 0)
  var reader = VfioUserReader()
  var peer = Peer(choice)
  let size = max(1, Int(choice >> 4) * 7)
  do throws(VfioUserStreamError) {
    for place in stride(from: 0, to: stream.count, by: size) {
      try reader.append(Array(stream[place..<min(place + size, stream.count)]), [])
      while let message = try reader.next() {
        precondition(
          message.payload.count + 16 == message.header.bytes, "a message has the bytes that it says")
        try peer.take(message)
      }
    }
  } catch { precondition(!"\(error)".isEmpty, "an error says what is wrong") }
  return 0
}

/// Makes messages of commands, lengths and payloads that follow one another.
private func framed(_ input: ArraySlice<UInt8>, asReplies: Bool) -> [UInt8] {
  var rest = input
  var output = VfioUserOutput()
  var id: UInt16 = 0
  while let command = rest.popFirst(), let length = rest.popFirst() {
    id += 1
    var header = VfioUserHeader(
      id: id, command: UInt16(command & 31), bytes: 16 + min(Int(length), rest.count))
    header.isReply = asReplies
    header.wantsNoReply = command & 32 != 0
    header.error = command & 64 != 0 ? 5 : nil
    output.put(VfioUserMessage(header: header, payload: Array(rest.prefix(Int(length)))))
    rest = rest.dropFirst(Int(length))
  }
  return Array(output.next.bytes)
}

/// Who reads the messages.
private struct Peer {
  private var server: VfioUserServer
  private var client = VfioUserClient()
  private var introduction = VfioUserIntroduction()
  private let isServer: Bool

  init(_ choice: UInt8) {
    var device = VfioUserDevice()
    device.regions[0].bytes = 4096
    device.regions[7].bytes = 4096
    device.interrupts = [1, 4, 8, 1, 1]
    server = VfioUserServer(device)
    isServer = choice & 2 == 0
    let greeting = VfioUserMessage.command(.version, id: 1, [0, 0, 0, 0])
    if choice & 4 == 0 { try? server.receive(greeting) }
    server.readMemory(0x1000, count: 8, tag: 3)
    server.writeMemory(0x1000, [UInt8]([1, 2, 3]).rawSpan)
    introduction.advance(&client)
  }

  mutating func take(_ message: VfioUserMessage) throws(VfioUserStreamError) {
    guard isServer else { return try takeAsClient(message) }
    try server.receive(message)
    while let event = server.takeEvent() {
      switch event {
      case .read(let token, let range):
        server.complete(token, range, data: Array(repeating: 0, count: range.count))
      case .write(let token?, let range, let data):
        precondition(data.count == range.count, "a write has the bytes that it says")
        server.complete(token, range)
      case .reset(let token): server.complete(token)
      case .write, .interruptsChanged, .memoryRead, .memoryWritten: break
      }
    }
    for address: UInt64 in [0, 0x1000, .max - 3] { _ = server.memory.reach(address, count: 4, isWrite: true) }
    server.output.removeFirst(server.output.next.bytes.count)
  }

  private mutating func takeAsClient(_ message: VfioUserMessage) throws(VfioUserStreamError) {
    switch try client.receive(message) {
    case nil: break
    case .memoryRead(let token, let address, let count)?:
      client.answer(token, address: address, count: count, data: nil)
    case .memoryWrite(let token, let address, let data)?:
      client.answer(token, address: address, count: data.count, data: [])
    case let reply?:
      introduction.take(reply)
      introduction.advance(&client)
    }
    client.output.removeFirst(client.output.next.bytes.count)
  }
}
