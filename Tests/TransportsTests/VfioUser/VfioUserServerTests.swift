import Glibc
import PCIe
import Testing

@testable import Transports

/// A server with a client at it, message for message.
struct VfioUserConversation {
  var server: VfioUserServer
  var client = VfioUserClient()
  private var toServer = VfioUserReader()
  private var toClient = VfioUserReader()
  var events: [VfioUserClient.Event] = []

  init(_ device: VfioUserDevice = .sample, isGreeted: Bool = true) throws {
    server = VfioUserServer(device)
    guard isGreeted else { return }
    #expect(try ask(.version, Self.greeting).error == nil)
  }

  /// What QEMU 11.1 says.
  static let greeting: [UInt8] =
    [0, 0, 0, 0]
    + Array(
      (#"{"capabilities": {"pgsizes": 4096, "max_msg_fds": 16, "max_dma_maps": 65535, "#
        + #""max_data_xfer_size": 1048576, "migration": {"max_bitmap_size": 268435456, "pgsize": 4096}, "#
        + #""write_multiple": true}}"#).utf8) + [0]

  /// Carries all messages over, one at a time.
  mutating func settle() throws {
    while !client.output.isEmpty || !server.output.isEmpty {
      while !client.output.isEmpty {
        let piece = client.output.next
        try toServer.append(Array(piece.bytes), piece.descriptors)
        client.output.removeFirst(piece.bytes.count)
        while let message = try toServer.next() { try server.receive(message) }
      }
      while !server.output.isEmpty {
        let piece = server.output.next
        try toClient.append(Array(piece.bytes), piece.descriptors)
        server.output.removeFirst(piece.bytes.count)
        while let message = try toClient.next() {
          if let event = try client.receive(message) { events.append(event) }
        }
      }
    }
  }

  /// Sends a command and gives its reply.
  mutating func ask(
    _ command: VfioUserCommand, _ payload: [UInt8] = [], passing descriptors: [PassedDescriptor] = []
  ) throws -> VfioUserClient.Reply {
    try reply(to: client.send(command, payload, passing: descriptors))
  }

  mutating func reply(to id: UInt16) throws -> VfioUserClient.Reply {
    try settle()
    guard let last = events.popLast(), case .reply(id, _, let reply) = last else { throw NoReply() }
    return reply
  }

  struct NoReply: Error {}
}

extension VfioUserDevice {
  /// A BAR of 64 KiB, one of 1 MiB, 8 vectors of MSI-X and 4 of MSI.
  static var sample: VfioUserDevice {
    var device = VfioUserDevice()
    device.regions[0].bytes = 64 << 10
    device.regions[4].bytes = 1 << 20
    device.regions[7].bytes = 4096
    device.interrupts = [1, 4, 8, 1, 1]
    return device
  }
}

@Suite struct VfioUserServerTests {
  @Test func theReplyToAVersionFitsIntoWhatQEMUHasSent() throws {
    var conversation = try VfioUserConversation(isGreeted: false)
    let reply = try conversation.ask(.version, VfioUserConversation.greeting)
    #expect(reply.error == nil)
    #expect(reply.payload.count <= 198 && reply.payload.last == 0)
    #expect(Array(reply.payload[..<4]) == [0, 0, 0, 0])
    let text = String(decoding: reply.payload[4...].dropLast(), as: UTF8.self)
    let capabilities =
      #"{"max_msg_fds":8,"max_data_xfer_size":1048576,"max_dma_maps":4096,"write_multiple":true}"#
    #expect(text == #"{"capabilities":"# + capabilities + "}")
    #expect(
      conversation.server.peer?.maxDescriptors == 16 && conversation.server.peer?.takesManyWrites == true)
  }

  @Test(
    arguments: [
      [], [0, 0], [1, 0, 0, 0], [0, 0, 0, 0, 0x7b, 0x7d], [0, 0, 0, 0, 0x7b, 0], [0, 0, 0, 0, 0],
      [0, 0, 0, 0] + Array("[[[[[[[[[[[[]]]]]]]]]]]]".utf8) + [0],
      [0, 0, 0, 0] + Array(#"{"a":1,}"#.utf8) + [0],
      [0, 0, 0, 0] + Array(#"{"a\"#.utf8) + [0], [0, 0, 0, 0] + Array(#"{"a":1}x"#.utf8) + [0],
    ] as [[UInt8]])
  func versionsThatAreNoneAreRefused(payload: [UInt8]) throws {
    var conversation = try VfioUserConversation(isGreeted: false)
    #expect(try conversation.ask(.version, payload).error == UInt32(EINVAL))
    // It may try once more.
    #expect(try conversation.ask(.version, VfioUserConversation.greeting).error == nil)
    #expect(try conversation.ask(.version, VfioUserConversation.greeting).error == UInt32(EINVAL))
  }

  @Test func nothingIsSaidBeforeAVersion() throws {
    var conversation = try VfioUserConversation(isGreeted: false)
    #expect(try conversation.reply(to: conversation.client.describeDevice()).error == UInt32(EINVAL))
  }

  @Test func aVersionWithoutCapabilitiesHasTheDefaults() throws {
    let version = try #require(VfioUserVersion([0, 0, 0, 0]))
    #expect(version.maxDescriptors == 1 && version.maxTransferBytes == 1 << 20 && !version.takesManyWrites)
  }

  /// As QEMU 11.1 with q35 does it until its firmware runs.
  @Test func theOrderOfQEMUsStartIsAnswered() throws {
    var conversation = try VfioUserConversation()
    let memory = try PassedDescriptor.memory(bytes: 1 << 20)
    #expect(try conversation.reply(to: conversation.client.map(0, bytes: 1 << 20, memory)).error == nil)
    let rom = conversation.client.map(0xfffc_0000, bytes: 0x4_0000, isWritable: false)
    #expect(try conversation.reply(to: rom).error == nil)
    let info = try conversation.reply(to: conversation.client.describeDevice())
    #expect(info.payload == VfioUserClient.words(16, 3, 9, 5))
    let sizes: [UInt64] = [64 << 10, 0, 0, 0, 1 << 20, 0, 0, 4096, 0]
    for (index, size) in sizes.enumerated() {
      let reply = try conversation.reply(to: conversation.client.describeRegion(index))
      #expect(reply.payload.count == 32 && reply.payload.field(0, as: UInt32.self) == 32)
      #expect(reply.payload.field(4, as: UInt32.self) == (size == 0 ? 0 : 3))
      #expect(reply.payload.field(16, as: UInt64.self) == size)
    }
    for (index, words) in [
      (VfioUserInterruptIndex.error, (1, 1)), (.msix, (9, 8)), (.intx, (7, 1)), (.msi, (9, 4)),
    ] {
      let reply = try conversation.reply(to: conversation.client.describeInterrupts(index))
      #expect(
        reply.payload == VfioUserClient.words(16, UInt32(words.0), UInt32(index.rawValue), UInt32(words.1)))
    }
    let event = try PassedDescriptor.event()
    for index in [VfioUserInterruptIndex.intx, .error] {
      let set = conversation.client.setInterrupts(index, flags: 0x24, count: 1, [event])
      #expect(try conversation.reply(to: set).error == nil)
    }
    let disable = conversation.client.setInterrupts(.intx, flags: 0x21, count: 0)
    #expect(try conversation.reply(to: disable).error == nil)
    let unmap = try conversation.reply(to: conversation.client.unmap(0xfffc_0000, bytes: 0x4_0000))
    #expect(unmap.error == nil && unmap.payload.count == 24)
    #expect(conversation.server.memory.windows.count == 1)
  }

  @Test func aRegionThatCanBeMappedIsToldInTwoSteps() throws {
    var device = VfioUserDevice.sample
    device.regions[4].areas = [0..<4096, 8192..<16384]
    device.regions[4].memory = try .memory(bytes: 1 << 20)
    var conversation = try VfioUserConversation(device)
    let first = try conversation.reply(to: conversation.client.describeRegion(4))
    #expect(first.descriptors.isEmpty && first.payload.count == 32)
    #expect(first.payload.field(0, as: UInt32.self) == 80 && first.payload.field(4, as: UInt32.self) == 0xf)
    #expect(first.payload.field(12, as: UInt32.self) == 32)
    let second = try conversation.reply(to: conversation.client.describeRegion(4, roomBytes: 80))
    #expect(second.descriptors.count == 1 && second.payload.count == 80)
    #expect(second.payload.field(12, as: UInt32.self) == 32)
    #expect(second.payload.field(32, as: UInt32.self) == 0x0001_0001)
    #expect(second.payload.field(40, as: UInt32.self) == 2)
    let areas = (0..<4).map { second.payload.field(48 + $0 * 8, as: UInt64.self) }
    #expect(areas == [0, 4096, 8192, 8192])
  }

  @Test(
    arguments: [
      (.deviceInfo, [1, 2]), (.regionInfo, VfioUserClient.words(32, 0, 9, 0, 0, 0, 0, 0)),
      (.regionInfo, [0]), (.interruptInfo, VfioUserClient.words(16, 0, 5, 0)), (.interruptInfo, []),
      (.mapMemory, []), (.mapMemory, Array(repeating: 0, count: 32)),
      (.unmapMemory, Array(repeating: 0, count: 23)), (.setInterrupts, []),
      (.regionRead, []), (.regionRead, VfioUserClient.words(0, 0, 9, 4)),
      (.regionRead, VfioUserClient.words(0, 0, 1, 1)), (.regionRead, VfioUserClient.words(4095, 0, 7, 2)),
      (.regionRead, VfioUserClient.words(.max, .max, 0, 4)),
      (.regionRead, VfioUserClient.words(0, 0, 4, 1 << 20 + 1)),
      (.regionRead, VfioUserClient.words(0, 0, 0, 4, 5)), (.regionWrite, VfioUserClient.words(0, 0, 0, 8, 5)),
      (.regionWrite, VfioUserClient.words(0, 0, 0)), (.regionWriteMany, VfioUserClient.words(.max, .max)),
      (.regionWriteMany, VfioUserClient.words(1, 0)), (.regionWriteMany, VfioUserClient.words(5000, 0)),
      (.regionWriteMany, VfioUserClient.words(1, 0, 0, 0, 0, 9, 0, 0)),
      (.regionWriteMany, VfioUserClient.words(1, 0, 0, 0, 8, 4, 0, 0)),
    ] as [(VfioUserCommand, [UInt8])])
  func whatMakesNoSenseIsAnsweredAndChangesNothing(command: VfioUserCommand, payload: [UInt8]) throws {
    var conversation = try VfioUserConversation()
    #expect(try conversation.ask(command, payload).error == UInt32(EINVAL))
    #expect(conversation.server.eventCount == 0 && conversation.server.memory.windows.isEmpty)
    #expect(try conversation.reply(to: conversation.client.describeDevice()).error == nil)
  }

  @Test(arguments: [VfioUserCommand.feature, .regionDescriptors, .migrationRead, .memoryRead])
  func whatIsNotThereIsSaidToBeSo(command: VfioUserCommand) throws {
    var conversation = try VfioUserConversation()
    #expect(try conversation.ask(command).error == UInt32(ENOTSUP))
    // And a number that is no command.
    var message = VfioUserMessage.command(.feature, id: 7)
    message.header.command = 99
    try conversation.server.receive(message)
    #expect(conversation.server.output.next.bytes[8] == 0x21)
  }

  @Test func manyWritesAreForThoseWhoHaveAskedForThem() throws {
    var conversation = try VfioUserConversation(isGreeted: false)
    #expect(try conversation.ask(.version, [0, 0, 0, 0]).error == nil)
    #expect(try conversation.ask(.regionWriteMany, many([(0, 0, 4, 5)])).error == UInt32(ENOTSUP))
    #expect(conversation.server.eventCount == 0)
  }

  @Test(arguments: [(4095, UInt32(EINVAL)), (4096, nil)] as [(Int, UInt32?)])
  func messagesHaveRoomForATLP(bytes: Int, error: UInt32?) throws {
    var version = VfioUserVersion()
    version.maxTransferBytes = bytes
    var conversation = try VfioUserConversation(isGreeted: false)
    #expect(try conversation.ask(.version, version.payload).error == error)
    var client = VfioUserClient()
    var introduction = VfioUserIntroduction()
    introduction.advance(&client)
    introduction.take(.reply(id: 1, .version, .init(payload: version.payload, descriptors: [], error: nil)))
    #expect(introduction.outcome == (error == nil ? .open : .failed(.shortTransfers(bytes: bytes))))
  }

  @Test func whatWantsNoReplyGetsNone() throws {
    var conversation = try VfioUserConversation()
    conversation.client.write(0, 8, [1, 2, 3, 4], wantsReply: false)
    conversation.client.write(9, 8, [1, 2, 3, 4], wantsReply: false)
    conversation.client.send(.regionWriteMany, many([(0, 0x10, 4, 5), (4, 0x20, 2, 6)]), wantsReply: false)
    try conversation.settle()
    #expect(conversation.events.isEmpty)
    var ranges: [VfioUserRange] = []
    while let event = conversation.server.takeEvent() {
      guard case .write(let token, let range, let data) = event else { continue }
      #expect(token.map { !$0.isAwaited } ?? true)
      #expect(data.count == range.count)
      ranges.append(range)
    }
    #expect(
      ranges == [
        .init(region: 0, offset: 8, count: 4), .init(region: 0, offset: 0x10, count: 4),
        .init(region: 4, offset: 0x20, count: 2),
      ])
  }

  private func many(_ writes: [(region: UInt32, offset: UInt64, count: UInt32, value: UInt64)]) -> [UInt8] {
    var payload: [UInt8] = []
    payload.add(UInt64(writes.count))
    for write in writes {
      payload.add(write.offset)
      payload.add(write.region)
      payload.add(write.count)
      payload.add(write.value)
    }
    return payload
  }

  @Test func memoryIsAskedForByMessages() throws {
    var conversation = try VfioUserConversation()
    conversation.server.readMemory(0x1000, count: 4, tag: 17)
    conversation.server.writeMemory(0x2000, [UInt8]([1, 2, 3]).rawSpan)
    try conversation.settle()
    for event in conversation.events {
      switch event {
      case .memoryRead(let token, let address, let count):
        #expect(address == 0x1000 && count == 4)
        conversation.client.answer(token, address: address, count: count, data: [9, 8, 7, 6])
      case .memoryWrite(let token, let address, let data):
        #expect(address == 0x2000 && data == [1, 2, 3])
        // As QEMU does, with no payload, and as the specification shows it.
        conversation.client.output.put(.reply(to: token.command))
      case .reply: Issue.record("nothing was asked")
      }
    }
    try conversation.settle()
    guard case .memoryRead(tag: 17, [9, 8, 7, 6]?)? = conversation.server.takeEvent(),
      case .memoryWritten(isTaken: true)? = conversation.server.takeEvent()
    else { throw VfioUserConversation.NoReply() }
    #expect(conversation.server.transfers.count == 0)
  }

  @Test func repliesThatNothingWaitsForEndTheConnection() throws {
    var conversation = try VfioUserConversation()
    let stray = VfioUserMessage.reply(to: VfioUserHeader(id: 5, command: 11, bytes: 16))
    #expect(throws: VfioUserStreamError.unexpectedReply(id: 5)) { try conversation.server.receive(stray) }
    conversation.server.readMemory(0, count: 8, tag: 0)
    let short = VfioUserMessage.reply(
      to: VfioUserHeader(id: 1, command: 11, bytes: 16), Array(repeating: 0, count: 20))
    #expect(throws: VfioUserStreamError.wrongReply(command: .memoryRead, bytes: 20)) {
      try conversation.server.receive(short)
    }
  }
}
