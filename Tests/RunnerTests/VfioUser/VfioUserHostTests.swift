import Endpoints
import Glibc
import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Runner
@testable import Transports

/// The host's side of a link below a client of vfio-user.
@Suite struct VfioUserHostTests {
  private static let configuration = 7

  /// A function with BARs of 64 KiB and 64 bits, MSI-X of 8 and MSI of 4.
  static func dma() throws -> DMAEndpoint {
    var configuration = DMAEndpointConfiguration()
    configuration.bars = [
      MemoryBar(BarLayout(index: 0, bytes: 64 << 10, kind: .memory32(prefetchable: false)))
    ]
    configuration.msixVectorCount = 8
    configuration.msiVectorCount = 4
    return try DMAEndpoint(configuration)
  }

  /// Puts a command into the registers of the DMA endpoint.
  private func command(
    _ bench: VfioUserBench, _ command: UInt32, from source: UInt32 = 0, to target: UInt32 = 0,
    size: UInt32 = 0,
    kind: UInt32 = 2, number: UInt32 = 1
  ) throws {
    for (register, value) in [
      (DMARegister.status, 0), (DMARegister.sourceLow, source), (DMARegister.targetLow, target),
      (DMARegister.size, size), (DMARegister.interruptKind, kind), (DMARegister.interruptNumber, number),
      (DMARegister.command, command),
    ] { try bench.set(0, UInt64(register), value) }
  }

  // MARK: What the device is

  @Test func theHostLearnsWhatTheDeviceIs() throws {
    let model = try Self.dma()
    let bench = try VfioUserBench(model)
    let device = try #require(bench.session.server?.device)
    #expect(device.regions.map(\.bytes) == [64 << 10, 4096, 0, 0, 0, 0, 0, 4096, 0])
    #expect(device.interrupts == [1, 4, 8, 1, 1])
    let space = try #require(try bench.read(7, 0, 4096))
    for offset in stride(from: 0, to: 4096, by: 4) {
      #expect(space.field(offset, as: UInt32.self) == model.function.space.read(offset: offset), "\(offset)")
    }
    #expect(bench.findings().isEmpty)
  }

  /// As firmware does it, QEMU's own copy beside it.
  @Test func barsAreSizedAndPlaced() throws {
    var mock = MemoryMockConfiguration()
    mock.bars = [
      MemoryBar(BarLayout(index: 0, bytes: 1 << 20, kind: .memory64(prefetchable: true))),
      MemoryBar(BarLayout(index: 2, bytes: 256, kind: .io)),
    ]
    let bench = try VfioUserBench(try MemoryMock(mock))
    #expect(bench.session.server?.device.regions.map(\.bytes).prefix(4) == [1 << 20, 0, 256, 0])
    for (register, size, address) in [
      (0x10, 0xfff0_000c, 0x8000_0000), (0x14, 0xffff_ffff, 0x12), (0x18, 0xffff_ff01, 0x5000),
    ]
      as [(UInt64, UInt32, UInt32)]
    {
      try bench.set(7, register, .max)
      #expect(try bench.word(7, register) == size)
      try bench.set(7, register, address)
    }
    try bench.set(7, 4, 3, bytes: 2)
    try bench.set(0, 0x100, 0x1234_5678)
    #expect(try bench.read(0, 0x101, 2) == [0x56, 0x34])
    try bench.set(2, 0x10, 0xabcd, bytes: 2)
    #expect(try bench.read(2, 0x10, 4) == [0xcd, 0xab, 0, 0])
    let addresses = bench.fabric.history(ofLink: bench.link).ordered.map(\.header).filter {
      $0.kind == .memoryRead
    }
    #expect(addresses.map(\.address) == [0x12_8000_0100])
    #expect(bench.findings().isEmpty)
  }

  /// If the bits stayed, QEMU would take them for a ROM.
  @Test func aROMThatIsNotThereReadsAsZero() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.set(7, 0x30, 0xffff_f800)
    #expect(try bench.word(7, 0x30) == 0)
    #expect(bench.session.server?.device.regions[6].bytes == 0)
  }

  // MARK: Accesses

  @Test(arguments: [1, 2, 4, 8], 0...9)
  func accessesReachTheModelWithTheirOwnSize(bytes: Int, offset: UInt64) throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    let data = (0..<bytes).map { UInt8($0 + 1) }
    #expect(try bench.write(0, 0x1000 + offset, data) == nil)
    #expect(try bench.read(0, 0x1000 + offset, bytes) == data)
    #expect(try bench.read(0, 0x1000 + offset + UInt64(bytes), 1) == [0])
    let write = try #require(
      bench.fabric.history(ofLink: bench.link).ordered.map(\.header).first { $0.kind == .memoryWrite })
    #expect(write.firstByteAddress == 0xe000_1000 + offset && write.requestedBytes == bytes)
    #expect(bench.findings().isEmpty)
  }

  @Test func longAccessesAreCut() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    let data = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    #expect(try bench.write(0, 0x1003, data) == nil)
    #expect(try bench.read(0, 0x1003, data.count) == data)
    #expect(try bench.read(0, 0x1003, 0) == [])
    #expect(bench.findings().isEmpty)
  }

  @Test func postedWritesKeepTheirOrder() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    var many: [UInt8] = []
    many.add(UInt64(100))
    for index in 0..<100 {
      bench.client.write(0, 0x2000, [UInt8(index)], wantsReply: false)
      many.add(VfioUserRange(region: 0, offset: 0x3000 + UInt64(index), count: 1), count: 1)
      many.add(UInt64(index))
    }
    bench.client.send(.regionWriteMany, many, wantsReply: false)
    #expect(try bench.read(0, 0x2000, 1) == [99])
    #expect(try bench.read(0, 0x3000, 100) == (0..<100).map { UInt8($0) })
  }

  @Test func whatTheDeviceRefusesIsAnError() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    try bench.set(7, 4, 0, bytes: 2)
    #expect(try bench.read(0, 0, 4) == nil)
    #expect(bench.findings() == [.unsupportedRequest])
  }

  /// Whoever plays the processor of a host knows more than the host.
  @Test func whatHasFailedIsKeptOnce() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    #expect(bench.session.accesses.takeFailure() == nil)
    try bench.set(7, 4, 0, bytes: 2)
    _ = try bench.read(0, 0x10, 4)
    _ = try bench.read(0, 0x20, 4)
    #expect(
      bench.session.accesses.takeFailure()
        == HostFailure(reason: .status(.unsupportedRequest), isConfiguration: false, offset: 0x10))
    #expect(bench.session.accesses.takeFailure() == nil)
    bench.fabric.takeDown(link: bench.link, .surpriseDown)
    _ = try bench.write(0, 0, [1])
    #expect(bench.session.accesses.takeFailure() == nil)
    _ = try bench.read(7, 0x40, 2)
    #expect(
      bench.session.accesses.takeFailure()
        == HostFailure(reason: .linkDown, isConfiguration: true, offset: 0x40))
  }

  @Test func aCompletionThatDoesNotComeIsAnErrorInTime() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    let upwards = LinkFault.Direction(link: bench.link, isDownstream: false)
    let match = LinkFault.Match(.tlps(.init(.completionWithData)))
    bench.fabric.arm([LinkFault(.drop, on: [upwards], match: match, times: 1)])
    let id = bench.client.read(VfioUserRange(region: 0, offset: 0, count: 4))
    #expect(try bench.reply(to: id) == nil)
    try bench.settle(after: .milliseconds(1001))
    #expect(try bench.reply(to: id)?.error == UInt32(EIO))
    #expect(bench.findings() == [.completionTimeout])
    #expect(try bench.read(0, 0, 4) != nil)
  }

  /// What a host maps it has in common with the model, which forgets it as it forgets all.
  @Test func aBARThatIsOfferedIsMapped() throws {
    let model = try Self.dma()
    let mapped = try MappedBar(0, bytes: 64 << 10)
    model.share(0, in: mapped)
    let bench = try VfioUserBench(
      model, offering: [VfioUserOffer(bar: 0, bytes: mapped.byteCount, memory: mapped.descriptor)])
    try bench.enable()
    let region = try bench.ask(.regionInfo, VfioUserClient.words(64, 0, 0, 0, 0, 0, 0, 0))
    #expect(region.payload.field(4, as: UInt32.self) == 15 && region.payload.count == 64)
    let memory = try PeerMemory(
      try #require(region.descriptors.first), offset: 0, bytes: 64 << 10, isWritable: true)
    memory.set(0x2001, [1, 2, 3])
    #expect(try bench.read(0, 0x2000, 4) == [0, 1, 2, 3])
    try bench.set(0, 0x3000, 0x1234_5678)
    #expect(memory.bytes(0x3000, 4) == [0x78, 0x56, 0x34, 0x12])
    bench.client.send(.reset)
    try bench.settle(after: .milliseconds(200))
    #expect(memory.bytes(0x2000, 4) == [0, 0, 0, 0] && memory.bytes(0x3000, 4) == [0, 0, 0, 0])
    #expect(bench.findings().isEmpty)
  }

  @Test func aBAROfAnotherSizeIsNot() throws {
    let file = try PassedDescriptor.memory(bytes: 4096)
    let bench = try VfioUserBench(
      try Self.dma(), offering: [VfioUserOffer(bar: 0, bytes: 4096, memory: file)])
    #expect(try bench.ask(.regionInfo, VfioUserClient.words(64, 0, 0, 0, 0, 0, 0, 0)).payload.count == 32)
  }

  // MARK: Memory of the host

  @Test(arguments: [false, true])
  func theDeviceCopiesMemory(byMessages: Bool) throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    let events = try bench.take(.msix, count: 8)
    try bench.set(7, UInt64(try #require(bench.session.registers.places.msix)) + 2, 0x8000, bytes: 2)
    let data = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
    let source = try bench.map(0x10_0000, bytes: 0x4000)
    source.set(0x0ffd, data)
    var target: PeerMemory?
    if byMessages {
      let id = bench.client.map(0x20_0000, bytes: 0x4000)
      #expect(try bench.reply(to: id)?.error == nil)
    } else {
      target = try bench.map(0x20_0000, bytes: 0x4000)
    }
    try command(bench, 1 << 5, from: 0x10_0ffd, to: 0x20_0001, size: 5000, number: 3)
    if byMessages {
      // The interrupt comes after the data.
      try bench.settle(after: .milliseconds(1))
      #expect(events[2].take() == 0)
      var written = [UInt8](repeating: 0, count: 5000)
      for case .memoryWrite(_, let address, let bytes) in bench.requests {
        written.replaceSubrange(
          Int(address) - 0x20_0001..<Int(address) - 0x20_0001 + bytes.count, with: bytes)
      }
      #expect(written == data)
      try bench.answerRequests()
    } else {
      try bench.settle(after: .milliseconds(1))
      #expect(target?.bytes(1, 5000) == data && target?.bytes(0, 1) == [0])
    }
    #expect(events.map { $0.take() } == [0, 0, 1, 0, 0, 0, 0, 0])
    #expect(bench.findings().isEmpty)
  }

  /// The host's processor waits for its access, and answers nothing before it has it.
  @Test func accessesAreAnsweredWhileTheDeviceWaitsForMemory() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    bench.client.map(0x10_0000, bytes: 0x4000)
    try command(bench, 1 << 3, from: 0x10_0000, size: 1024, kind: 0)
    #expect(!bench.requests.isEmpty)
    #expect(try bench.word(0, UInt64(DMARegister.size)) == 1024)
    #expect(try bench.word(0, UInt64(DMARegister.status)) == 0)
    while !bench.requests.isEmpty { try bench.answerRequests() }
    try bench.settle(after: .milliseconds(1))
    #expect(try bench.word(0, UInt64(DMARegister.status)) ?? 0 != 0)
  }

  @Test func refusedMemoryIsAnUnsupportedRequest() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    bench.client.map(0x10_0000, bytes: 0x4000)
    try command(bench, 1 << 3, from: 0x10_0000, size: 64, kind: 0)
    try bench.answerRequests(isRefused: true)
    try bench.settle(after: .milliseconds(1))
    #expect(bench.findings() == [.unsupportedRequest])
    #expect(try (bench.word(0, UInt64(DMARegister.status)) ?? 0) & 0x82 == 0x82)
  }

  @Test(arguments: [(UInt32(0x30_0000), 1 << 3, true), (0x10_3ff0, 1 << 3, true), (0x10_0000, 1 << 4, false)])
  func addressesThatTheHostDoesNotLendAreRefused(address: UInt32, operation: UInt32, isRead: Bool) throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    let memory = try bench.map(0x10_0000, bytes: 0x4000, isWritable: false)
    try command(bench, operation, from: address, to: address, size: 64, kind: 0)
    try bench.settle(after: .milliseconds(1))
    #expect(bench.findings() == [.unsupportedRequest])
    #expect(memory.bytes(0, 64) == Array(repeating: 0, count: 64))
  }

  /// Memory that is mapped the host cannot keep from a device that does not look at its Command register.
  @Test func aDeviceWithoutTheEnableReachesNoMemory() throws {
    let card = OutsidePort()
    let bench = try VfioUserRawBench(card)
    let memory = try bench.map(0x10_0000, bytes: 0x1000)
    func write() {
      let payload = bench.fabric.payloads.take(bytes: 4)
      bench.fabric.payloads.setWord(payload, to: 0x55aa)
      let header = TLPHeader.memoryWrite(
        address: 0x10_0000, bytes: 4, requester: FunctionAddress(bus: 1, device: 0, function: 0))
      _ = card.submit(FabricTLP(header: header, payload: payload), in: &bench.fabric)
    }
    write()
    try bench.settle()
    #expect(memory.bytes(0, 2) == [0, 0] && bench.fabric.findings.map(\.violation) == [.unsupportedRequest])
    bench.session.registers = VfioUserRawBench.enabled
    write()
    try bench.settle()
    #expect(memory.bytes(0, 2) == [0xaa, 0x55])
  }

  // MARK: Interrupts

  @Test func eachVectorOfMSIXHasItsEventfd() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    let place = UInt64(try #require(bench.session.registers.places.msix))
    // As Linux does it: enabled first, and then vector by vector.
    try bench.set(7, place + 2, 0x8000, bytes: 2)
    var events: [PassedDescriptor] = []
    for vector in 0..<8 {
      bench.client.setInterrupts(.msix, flags: 0x21, count: 0)
      events.append(try .event())
      bench.client.setInterrupts(.msix, flags: 0x24, count: vector + 1, events)
    }
    for vector in 0..<8 { try command(bench, 1 << 2, number: UInt32(vector) + 1) }
    try bench.settle(after: .milliseconds(1))
    #expect(events.map { $0.take() } == Array(repeating: 1, count: 8))
    #expect(bench.findings().isEmpty)
  }

  /// Without an eventfd a vector is masked at the device, and comes when it has one.
  @Test func aVectorWithoutAnEventfdIsPending() throws {
    let model = try Self.dma()
    let bench = try VfioUserBench(model)
    try bench.enable()
    try bench.set(7, UInt64(try #require(bench.session.registers.places.msix)) + 2, 0x8000, bytes: 2)
    _ = try bench.take(.msix, count: 2)
    bench.client.setInterrupts(.msix, flags: 0x24, start: 1, count: 1)
    try command(bench, 1 << 2, number: 2)
    try bench.settle(after: .milliseconds(1))
    #expect(model.function.isMSIXPending(1))
    let events = try bench.take(.msix, count: 2)
    try bench.settle(after: .milliseconds(1))
    #expect(events.map { $0.take() } == [0, 1] && !model.function.isMSIXPending(1))
  }

  @Test func anMSIIsKnownByItsAddressAndData() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    let place = UInt64(try #require(bench.session.registers.places.msi))
    try bench.set(7, place + 4, 0xfee0_0000)
    try bench.set(7, place + 8, 0)
    try bench.set(7, place + 12, 0x4064, bytes: 2)
    try bench.set(7, place + 2, 0x21, bytes: 2)
    let events = try bench.take(.msi, count: 4)
    for vector in [1, 3, 3] { try command(bench, 1 << 1, kind: 1, number: UInt32(vector) + 1) }
    try bench.settle(after: .milliseconds(1))
    #expect(events.map { $0.take() } == [0, 1, 0, 2])
    #expect(bench.findings().isEmpty)
  }

  @Test func theLineIsToldUntilTheDeviceLetsGo() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    let event = try bench.take(.intx, count: 1)[0]
    try command(bench, 1, kind: 0)
    #expect(event.take() == 1)
    #expect(try bench.read(7, 6, 2).map { $0[0] & 8 } == 8)
    // QEMU's EOI comes before its driver has cleared the source.
    bench.client.setInterrupts(.intx, flags: 0x11, count: 1)
    try bench.settle()
    #expect(event.take() == 1)
    // Any command lets go of the line.
    try bench.set(0, UInt64(DMARegister.interruptKind), 2)
    try bench.set(0, UInt64(DMARegister.command), 1 << 2)
    bench.client.setInterrupts(.intx, flags: 0x11, count: 1)
    try bench.settle()
    #expect(event.take() == 0)
    #expect(try bench.read(7, 6, 2).map { $0[0] & 8 } == 0)
    // Interrupt Disable keeps the wire silent.
    try bench.set(7, 4, 0x406, bytes: 2)
    try command(bench, 1, kind: 0)
    #expect(event.take() == 0)
    try bench.set(7, 4, 6, bytes: 2)
    #expect(event.take() == 1)
  }

  /// QEMU logs "Unrecoverable error detected" and stops its machine for the eventfd of errors.
  @Test(arguments: [false, true]) func errorsOfTheDeviceStopNobody(isLinkLost: Bool) throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    let express = UInt64(try #require(bench.session.registers.places.express))
    try bench.set(7, express + 8, 0xf, bytes: 2)
    let events = try bench.take(.error, count: 1) + bench.take(.request, count: 1)
    let port = try #require(bench.host.port)
    let header = TLPHeader.memoryWrite(
      address: 0xf000_0000, bytes: 4, requester: FunctionAddress(rawValue: 0))
    bench.fabric.send(FabricTLP(header: header, payload: bench.fabric.payloads.take(bytes: 4)), from: port)
    try bench.settle(after: .milliseconds(1))
    // The function has told of it by a message, which ends at the link.
    #expect(bench.fabric.counters(ofLink: bench.link, downstream: false)[.message] == 1)
    #expect(bench.findings() == [.unsupportedRequest])
    if isLinkLost { bench.fabric.takeDown(link: bench.link, .surpriseDown) }
    try bench.settle(after: .milliseconds(1))
    #expect(events.map { $0.take() } == [0, 0])
  }

  // MARK: Resets

  /// QEMU's own BARs stay as they are, and its software does not write again what it reads back.
  @Test func aFunctionLevelResetLeavesTheBARsWhereTheyAre() throws {
    let model = try Self.dma()
    let bench = try VfioUserBench(model)
    try bench.enable([0, 1])
    let events = try bench.take(.msix, count: 8)
    let msix = UInt64(try #require(bench.session.registers.places.msix))
    let express = UInt64(try #require(bench.session.registers.places.express))
    try bench.set(7, msix + 2, 0x8000, bytes: 2)
    #expect(try bench.word(7, express + 4).map { $0 >> 28 & 1 } == 1)
    try bench.set(7, express + 8, 0xa81f, bytes: 2)
    try bench.settle(after: .milliseconds(200))
    #expect(try bench.word(7, 4).map { $0 & 7 } == 0)
    #expect(try bench.word(7, 0x10) == 0xe000_0000)
    try bench.set(7, 4, 6, bytes: 2)
    try bench.set(7, msix + 2, 0x8000, bytes: 2)
    try command(bench, 1 << 2, number: 5)
    try bench.settle(after: .milliseconds(1))
    #expect(events[4].take() == 1)
    #expect(bench.findings().isEmpty)
  }

  @Test func aResetOfTheDeviceIsOneOfItsLink() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    try bench.set(0, 0x1000, 0x1234_5678)
    let id = bench.client.send(.reset)
    // Whatever follows waits until the link is up again.
    let read = bench.client.read(VfioUserRange(region: 7, offset: 0x10, count: 4))
    try bench.settle(after: .milliseconds(200))
    #expect(try bench.reply(to: id)?.error == nil)
    #expect(try bench.reply(to: read)?.payload.field(16, as: UInt32.self) == 0)
    #expect(bench.session.registers.command.isEmpty)
    try bench.enable()
    #expect(try bench.word(0, 0x1000) != nil)
    #expect(bench.findings().isEmpty)
  }

  @Test func aResetComesBehindWhatWasPostedBeforeIt() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    for offset in UInt64(0)..<600 {
      bench.client.write(0, 0x1000 + offset * 4, [1, 2, 3, 4], wantsReply: false)
    }
    let id = bench.client.send(.reset)
    try bench.settle(after: .milliseconds(200))
    #expect(try bench.reply(to: id)?.error == nil)
    #expect(bench.fabric.counters(ofLink: bench.link, downstream: true)[.memoryWrite] == 600)
    #expect(bench.findings().isEmpty)
  }

  @Test func aFunctionGetsItsBARsBackWhenItsResetIsOver() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    let express = UInt64(try #require(bench.session.registers.places.express))
    try bench.set(7, express + 8, 0xa81f, bytes: 2)
    func writes() -> UInt64 {
      bench.fabric.counters(ofLink: bench.link, downstream: true)[.configurationWrite0]
    }
    let before = writes()
    try bench.settle(after: .milliseconds(90))
    #expect(writes() == before)
    try bench.settle(after: .milliseconds(20))
    #expect(writes() > before)
    #expect(try bench.word(7, 0x10) == 0xe000_0000)
    #expect(bench.session.notes.isEmpty && bench.findings().isEmpty)
  }

  @Test func aFunctionThatDoesNotTakeItsBARsBackIsNoted() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    let express = UInt64(try #require(bench.session.registers.places.express))
    try bench.set(7, express + 8, 0xa81f, bytes: 2)
    try bench.settle(after: .milliseconds(50))
    Self.hang(bench)
    try bench.settle(after: .milliseconds(60))
    try bench.settle(after: .seconds(2))
    #expect(bench.session.notes.contains { $0.contains("did not take back the register at 0x10") })
  }

  /// Has nothing of the device arrive any more.
  private static func hang(_ bench: VfioUserBench) {
    let upwards = LinkFault.Direction(link: bench.link, isDownstream: false)
    let kinds: [TLPKind] = [.completion, .completionWithData]
    bench.fabric.arm(kinds.map { LinkFault(.drop, on: [upwards], match: .init(.tlps(.init($0)))) })
  }

  @Test func aLongReadOfADeviceThatHangsFailsOnce() throws {
    let bench = try VfioUserBench(try Self.dma())
    Self.hang(bench)
    let id = bench.client.read(VfioUserRange(region: 7, offset: 0, count: 4096))
    try bench.settle(after: .milliseconds(1100))
    #expect(try bench.reply(to: id)?.error == UInt32(EIO))
  }

  /// A host that gets an answer after it has given up takes it for garbage.
  @Test func aDeviceThatIsSlowAllTheTimeFailsInTime() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    let upwards = LinkFault.Direction(link: bench.link, isDownstream: false)
    let late = VirtualDuration.milliseconds(900)
    bench.fabric.arm([
      LinkFault(.delay(late...late), on: [upwards], match: .init(.tlps(.init(.completionWithData))))
    ])
    let before = bench.fabric.now
    let id = bench.client.read(VfioUserRange(region: 7, offset: 0, count: 4096))
    var reply: VfioUserClient.Reply?
    while reply == nil, bench.fabric.now < before + .seconds(10) {
      try bench.settle(after: .milliseconds(100))
      reply = try bench.reply(to: id)
    }
    #expect(reply?.error == UInt32(EIO) && bench.fabric.now - before <= .milliseconds(3200))
    // What still comes of it is nobody's, and no more of it is asked for.
    try bench.settle(after: .seconds(2))
    #expect(try bench.reply(to: id) == nil && bench.session.accesses.isEmpty)
    #expect(bench.session.accesses.takeFailure()?.reason == .timeout)
  }

  /// A function shows its ROM only when it is told to, and has no copy of it in its host.
  @Test func aROMIsShownWhileItIsRead() throws {
    let card = OutsidePort()
    let bench = try VfioUserRawBench(card)
    var space = [UInt8](repeating: 0, count: ConfigurationSpace.byteCount)
    space.storeLE(UInt32(0xffff_f000), at: 0x10)
    bench.session.registers = VfioUserRegisters(space, masks: [0xffff_f000, 0, 0, 0, 0, 0, 0xffff_f800])
    var device = VfioUserDevice()
    device.regions[6].bytes = 2048
    bench.session.server = VfioUserServer(device)
    try bench.session.server?.receive(.command(.version, id: 1, [0, 0, 0, 0]))
    var client = VfioUserClient()
    client.read(VfioUserRange(region: 6, offset: 0x10, count: 4))
    var reader = VfioUserReader()
    try reader.append(Array(client.output.next.bytes), [])
    try bench.session.receive(try #require(try reader.next()))
    var seen: [String] = []
    try bench.settle()
    while let tlp = card.outbox.first, seen.count < 9 {
      let header = tlp.header
      if tlp.kind == .configurationWrite0 {
        let word = bench.fabric.payloads.word(tlp.payload)
        seen.append("\(header.registerOffset) \(String(word, radix: 16))")
        _ = card.submit(
          FabricTLP(header: .completion(of: header, status: .successful, completer: header.completerID)),
          in: &bench.fabric)
      } else {
        seen.append("read \(String(header.address, radix: 16))")
        let payload = bench.fabric.payloads.take(bytes: 4)
        bench.fabric.payloads.setWord(payload, to: 0xaa55)
        let piece = CompletionSplitter(header, maxPayloadBytes: 128, boundary: 64).first { _ in true }
        let completion = try #require(piece).header(of: header, completer: header.requesterID)
        _ = card.submit(FabricTLP(header: completion, payload: payload), in: &bench.fabric)
      }
      card.outbox.removeFirst(in: &bench.fabric)
      try bench.settle()
    }
    #expect(seen == ["48 ffffe801", "4 2", "read ffffe810", "4 0", "48 0"])
    #expect(bench.session.registers.address(of: 6) == 0 && bench.session.accesses.isEmpty)
  }

  @Test func anEntryOfMSIXIsWrittenByQuadwords() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable([0, 1])
    let before = bench.fabric.counters(ofLink: bench.link, downstream: true)
    _ = try bench.take(.msix, count: 1)
    try bench.settle(after: .milliseconds(1))
    let after = bench.fabric.counters(ofLink: bench.link, downstream: true)
    #expect(after[.memoryWrite] - before[.memoryWrite] == 2)
    #expect(after.payloadBytes - before.payloadBytes == 16)
  }

  @Test func aLinkThatIsDownAnswersWithErrors() throws {
    let bench = try VfioUserBench(try Self.dma())
    try bench.enable()
    bench.fabric.takeDown(link: bench.link, .surpriseDown)
    #expect(try bench.read(0, 0, 4) == nil && bench.read(7, 0, 4) == nil)
    #expect(try bench.write(0, 0, [1]) == UInt32(EIO))
    #expect(try bench.ask(.reset).error == nil)
    bench.fabric.bringUp(link: bench.link)
    try bench.settle(after: .milliseconds(200))
    #expect(try bench.word(7, 0) == 0xedda_16c3)
  }
}
