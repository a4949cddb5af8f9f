import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

/// A program at a link, whose requests may take the short way.
private struct ProgramBench: ~Copyable {
  var fabric = Fabric()
  let node: any OutsideEnd
  let mayBeQuiet: Bool
  private let lane = QuietLane()
  /// The memory that the program asks for, from this address.
  let base: UInt64
  private let memory: () -> [UInt8]
  /// The completions that it has got, header and data.
  private(set) var completions: [[UInt8]] = []
  private(set) var quietCount = 0
  /// Whether all completions of a read find room.
  var hasRoom = true
  /// The real clock, which goes on by itself.
  private(set) var clock = VirtualTime.zero + .milliseconds(1)

  /// A host program above a device that is memory.
  init(hostAbove device: MemoryMock, mayBeQuiet: Bool) {
    self.mayBeQuiet = mayBeQuiet
    let port = OutsidePort()
    node = port
    base = 0x9000_0000
    memory = { device.copyOfBar0 }
    let upper = fabric.add(port)
    let lower = fabric.add(device)
    _ = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 256))
    configure(HeaderRegister.bar(0), UInt32(base))
    configure(HeaderRegister.command, 7)
    if let place = device.function.space.places.express { configure(place + 8, 0x2810 | 1 << 5) }
    drain()
  }

  /// A device program below a root complex.
  init(_ device: OutsideEndpoint, below root: RootComplex, mayBeQuiet: Bool) {
    self.mayBeQuiet = mayBeQuiet
    node = device
    base = 0
    memory = { root.core.memory.bytes }
    let upper = fabric.add(root)
    let lower = fabric.add(device)
    _ = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 256))
  }

  /// Finds the device and lets it be bus master.
  mutating func enumerate(_ root: RootComplex) throws {
    _ = try Enumerator.run(root, in: &fabric)
    fabric.resetMeasurements()
    drain()
  }

  private mutating func configure(_ offset: Int, _ value: UInt32) {
    let header = TLPHeader.configurationWrite(
      to: FunctionAddress(bus: 1, device: 0, function: 0), offset: offset, bytes: 4,
      requester: FunctionAddress(rawValue: 0), tag: 0)
    send(header, (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
    fabric.runUntilIdle()
  }

  /// Does with a request what a transport does.
  mutating func send(_ request: TLPHeader, _ data: [UInt8]) {
    var header = request
    guard node.identify(&header, at: fabric.now) == nil else { return }
    if mayBeQuiet, fabric.isCurrent(lane) || fabric.open(lane, from: node) {
      let isServed = header.hasData ? take(header, data) : answer(header)
      quietCount += isServed ? 1 : 0
      if isServed { return }
    }
    var payload = PayloadReference.none
    if !data.isEmpty {
      payload = fabric.payloads.take(bytes: data.count)
      fabric.payloads.write(data, from: 0, count: data.count, to: payload)
    }
    _ = node.submit(FabricTLP(header: header, payload: payload), in: &fabric)
  }

  private mutating func take(_ write: TLPHeader, _ data: [UInt8]) -> Bool {
    guard write.isPlainMemoryRequest, fabric.take(write: write, payloadBytes: data.count, on: lane) else {
      return false
    }
    lane.memory?.store(data.rawSpan, at: lane.place(of: write))
    return true
  }

  private mutating func answer(_ read: TLPHeader) -> Bool {
    guard read.isPlainMemoryRequest, fabric.admits(read: read, on: lane), hasRoom else { return false }
    var (done, count) = (0, 0)
    while let completion = lane.completion(of: read, after: done) {
      var bytes = [UInt8](repeating: 0, count: completion.byteCount)
      bytes.withMutableRawSpan { lane.memory?.load(from: completion.place, into: &$0) }
      completions.append(Self.bytes(completion.header) + bytes)
      done += completion.byteCount
      count += 1
      #expect(completion.byteCount <= lane.completionBytesMax(of: read))
    }
    #expect(count == lane.completionCount(of: read))
    fabric.settle(read: read, on: lane)
    return true
  }

  /// Lets happen what the loop around a transport lets happen, at a time of the real clock.
  mutating func turn(_ length: VirtualDuration) {
    clock = clock + length
    fabric.runEvents(until: clock + Fabric.lead)
    fabric.advance(to: min(clock, fabric.nextTime ?? .never))
    drain()
  }

  private mutating func drain() {
    while let first = node.outbox.first {
      completions.append(Self.bytes(first.header) + fabric.payloads.copy(first.payload))
      node.outbox.removeFirst(in: &fabric)
    }
    _ = node.outbox.takeNews()
  }

  /// All that can be seen, in words.
  var sight: [String] {
    let ways = [true, false]
    let counters = ways.map { fabric.counters(ofLink: 0, downstream: $0) }
    let history = fabric.history(ofLink: 0).ordered
    return [
      "now \(fabric.now.picoseconds)", "findings \(fabric.findings.map(\.text))",
      "completions \(completions.count) \(Self.sum(completions.joined())) \(completions.last ?? [])",
      "memory \(Self.sum(memory()))",
      "history \(history.map { "\($0.time.picoseconds) \(Self.bytes($0.header))" })",
      "sent \(counters.map { "\($0.tlps) \($0.payloadBytes) \($0[.memoryRead]) \($0[.memoryWrite])" })",
      "credits \(ways.map { fabric.credits(ofLink: 0, downstream: $0) })",
      "payloads \(fabric.payloads.used)",
    ]
  }

  private static func sum(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(7) { $0 &* 31 &+ UInt64($1) }
  }

  private static func bytes(_ header: TLPHeader) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = bytes.withMutableRawSpan { header.encode(into: &$0) }
    return Array(bytes[..<count])
  }

  private static func bytes(_ span: RawSpan) -> [UInt8] {
    (0..<span.byteCount).map { span.loadLE(at: $0, as: UInt8.self) }
  }
}

extension MemoryMock {
  fileprivate var copyOfBar0: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    bytes.withMutableRawSpan { memories[0].read(at: 0, into: &$0) }
    return bytes
  }
}

@Suite struct QuietPathTests {
  /// A request as programs make them, now and then one that is none for the short way.
  private static func request(
    _ chance: inout SeededGenerator, from base: UInt64, tag: UInt16
  ) -> (TLPHeader, [UInt8]) {
    let requester = FunctionAddress(rawValue: 0)
    let isOdd = chance.below(8) == 0
    let words = [1, 1, 2, 4, 16, 64, 128, 512][Int(chance.below(8))]
    // Memory ends at 16 KiB, so that some go past its end.
    var address = base + chance.below(0x1010) * 4
    if !isOdd { address -= address % UInt64(words * 4) }
    let bytes = words * 4 - (isOdd ? Int(chance.below(3)) : 0)
    var header: TLPHeader
    if chance.below(2) == 0 {
      header = .memoryWrite(address: address, bytes: min(bytes, 260), requester: requester)
    } else {
      header = .memoryRead(address: address, bytes: bytes, requester: requester, tag: tag)
    }
    if chance.below(16) == 0 { header.trafficClass = UInt8(chance.below(8)) }
    if chance.below(32) == 0 { header.isPoisoned = true }
    return (header, header.hasData ? chance.bytes(header.payloadBytes) : [])
  }

  private static func run(_ bench: consuming ProgramBench, seed: UInt64) -> (sights: [[String]], quiet: Int) {
    var chance = SeededGenerator(seed: seed)
    var sights: [[String]] = []
    var count = 0
    for _ in 0..<24 {
      // Now and then more than there are credits for.
      for _ in 0...(chance.below(12) == 0 ? 80 : chance.below(6)) {
        // A host program may use a tag twice; of a device program the fabric keeps account itself.
        count += 1
        let tag = bench.base == 0 ? UInt16(count % 256) : UInt16(chance.below(24))
        let (header, data) = request(&chance, from: bench.base, tag: tag)
        bench.send(header, data)
      }
      bench.turn(.nanoseconds(chance.below(4000)))
      sights.append(bench.sight)
    }
    return (sights, bench.quietCount)
  }

  private static func compare(_ short: [String], _ long: [String]) throws {
    for (one, other) in zip(short, long) { try #require(one == other) }
  }

  @Test(arguments: 1...8)
  func aHostProgramSeesTheSameOnBothWays(seed: UInt64) throws {
    func outcome(_ mayBeQuiet: Bool) throws -> (sights: [[String]], quiet: Int) {
      let device = try MemoryMock.with(1 << 14, maxPayloadBytes: 256)
      return Self.run(ProgramBench(hostAbove: device, mayBeQuiet: mayBeQuiet), seed: seed)
    }
    let (short, long) = (try outcome(true), try outcome(false))
    #expect(short.quiet > 10)
    for (one, other) in zip(short.sights, long.sights) { try Self.compare(one, other) }
  }

  @Test(arguments: 1...8)
  func aDeviceProgramSeesTheSameOnBothWays(seed: UInt64) throws {
    func outcome(_ mayBeQuiet: Bool) throws -> (sights: [[String]], quiet: Int) {
      let root = RootComplex(node: 0, memoryBytes: 1 << 14)
      let device = try OutsideEndpoint(MemoryMockConfiguration().function)
      var bench = ProgramBench(device, below: root, mayBeQuiet: mayBeQuiet)
      try bench.enumerate(root)
      return Self.run(bench, seed: seed)
    }
    let (short, long) = (try outcome(true), try outcome(false))
    #expect(short.quiet > 10)
    for (one, other) in zip(short.sights, long.sights) { try Self.compare(one, other) }
  }

  /// What keeps a read from the short way.
  enum Obstacle: CaseIterable {
    case fault, capture, traffic, partialWord, poison, unclaimedAddress, tagInUse, waitingEvent, noRoom
  }

  @Test(arguments: Obstacle.allCases)
  func anythingMoreThanMemoryTakesTheLongWay(obstacle: Obstacle) throws {
    let device = try MemoryMock.with(1 << 14, maxPayloadBytes: 256)
    var bench = ProgramBench(hostAbove: device, mayBeQuiet: true)
    func read(_ address: UInt64, bytes: Int = 4, tag: UInt16 = 1) -> TLPHeader {
      .memoryRead(address: address, bytes: bytes, requester: FunctionAddress(rawValue: 0), tag: tag)
    }
    bench.turn(.microseconds(1))
    bench.send(read(bench.base), [])
    try #require(bench.quietCount == 1)
    bench.turn(.microseconds(1))
    var header = read(bench.base)
    switch obstacle {
    case .fault:
      let pattern = LinkFault.Match(.tlps(.init(.memoryWrite)))
      let down = [LinkFault.Direction(link: 0, isDownstream: true)]
      bench.fabric.arm([
        LinkFault(.respond(.status(.completerAbort)), on: down, match: pattern, selection: .nth(1), seed: 5)
      ])
      bench.turn(.microseconds(1))
    case .capture:
      bench.fabric.startCapture(CaptureSettings(interfaces: [.init(name: "l0", text: "")]))
    case .traffic: bench.send(read(bench.base + 1, bytes: 2, tag: 2), [])
    case .partialWord: header = read(bench.base + 1, bytes: 2)
    case .poison:
      header = .memoryWrite(address: bench.base, bytes: 4, requester: FunctionAddress(rawValue: 0))
      header.isPoisoned = true
    case .unclaimedAddress: header = read(bench.base - 0x1000)
    // The program cannot have seen the completion of the first.
    case .tagInUse: bench.send(header, [])
    case .waitingEvent: bench.fabric.setTimer(after: .nanoseconds(1), node: 0, token: 1)
    case .noRoom: bench.hasRoom = false
    }
    let before = bench.quietCount
    bench.send(header, header.hasData ? [1, 2, 3, 4] : [])
    #expect(bench.quietCount == before)
  }

  @Test func theShortWayEndsWhereTheFabricIsTooFarAheadOfTheClock() throws {
    let device = try MemoryMock.with(1 << 14, maxPayloadBytes: 256)
    var bench = ProgramBench(hostAbove: device, mayBeQuiet: true)
    bench.turn(.microseconds(1))
    let header = TLPHeader.memoryWrite(
      address: bench.base, bytes: 256, requester: FunctionAddress(rawValue: 0))
    let data = [UInt8](repeating: 7, count: 256)
    for _ in 0..<1000 { bench.send(header, data) }
    #expect((100..<500).contains(bench.quietCount))
  }

  private static func read(_ address: UInt64, tag: UInt16, bytes: Int = 4) -> TLPHeader {
    .memoryRead(address: address, bytes: bytes, requester: FunctionAddress(rawValue: 0), tag: tag)
  }

  /// The completion of the first cannot have been seen, whichever way the second takes.
  @Test func aTagThatIsUsedAgainAtOnceIsFoundOnTheLongWay() throws {
    let device = try MemoryMock.with(1 << 14, maxPayloadBytes: 256)
    var bench = ProgramBench(hostAbove: device, mayBeQuiet: true)
    bench.turn(.microseconds(1))
    bench.send(Self.read(bench.base, tag: 1), [])
    try #require(bench.quietCount == 1)
    bench.send(Self.read(bench.base + 1, tag: 1, bytes: 2), [])
    bench.turn(.microseconds(1))
    let found = bench.fabric.findings.map(\.violation)
    #expect(found == [.tagReuse])
    bench.send(Self.read(bench.base, tag: 1), [])
    bench.turn(.microseconds(1))
    bench.send(Self.read(bench.base, tag: 1), [])
    let foundLater = bench.fabric.findings.map(\.violation)
    #expect(foundLater == [.tagReuse])
    #expect(bench.quietCount == 3)
  }

  /// What ends a lane that was made before.
  enum End: CaseIterable {
    case events, otherTLP, timer, down, time, fault, capture
  }

  @Test(arguments: End.allCases)
  func aLaneEndsWithWhateverElseIsDone(end: End) throws {
    let device = try MemoryMock.with(1 << 14, maxPayloadBytes: 256)
    var bench = ProgramBench(hostAbove: device, mayBeQuiet: true)
    bench.turn(.microseconds(1))
    let lane = QuietLane()
    let isOpen = bench.fabric.open(lane, from: bench.node)
    try #require(isOpen)
    bench.send(Self.read(bench.base, tag: 1), [])
    let isCurrent = bench.fabric.isCurrent(lane)
    #expect(isCurrent, "requests that take it leave it as it is")
    switch end {
    case .events: bench.fabric.runEvents(until: bench.fabric.now)
    case .otherTLP: bench.send(Self.read(bench.base + 1, tag: 2, bytes: 2), [])
    case .timer: bench.fabric.setTimer(after: .nanoseconds(1), node: 0, token: 1)
    case .down: bench.fabric.takeDown(link: 0, .surpriseDown)
    case .time: bench.fabric.advance(to: bench.fabric.now + .nanoseconds(1))
    case .fault:
      bench.fabric.arm([
        LinkFault(
          .drop, on: [LinkFault.Direction(link: 0, isDownstream: true)],
          match: LinkFault.Match(.tlps(.init(.memoryRead))), selection: .nth(1), seed: 5)
      ])
    case .capture:
      bench.fabric.startCapture(CaptureSettings(interfaces: [.init(name: "l0", text: "")]))
    }
    let isStillCurrent = bench.fabric.isCurrent(lane)
    #expect(!isStillCurrent)
  }

  /// Soon after the beginning of time there is no half of the lead behind.
  @Test func aLaneOpensAtTheBeginningOfTime() throws {
    let device = try MemoryMock.with(1 << 14, maxPayloadBytes: 256)
    var bench = ProgramBench(hostAbove: device, mayBeQuiet: true)
    try #require(bench.fabric.now < VirtualTime.zero + .microseconds(9))
    bench.fabric.runEvents(until: bench.fabric.now + .microseconds(1))
    let isOpen = bench.fabric.open(QuietLane(), from: bench.node)
    #expect(isOpen)
  }

  /// Who asks again after an answer asks after the answer has arrived.
  @Test func whatIsAskedAfterAnAnswerIsSentAfterIt() throws {
    let device = try MemoryMock.with(1 << 14, maxPayloadBytes: 256)
    var bench = ProgramBench(hostAbove: device, mayBeQuiet: true)
    bench.turn(.microseconds(1))
    let lane = QuietLane()
    let isOpen = bench.fabric.open(lane, from: bench.node)
    try #require(isOpen)
    bench.fabric.resetMeasurements()
    for tag: UInt16 in 1...2 {
      let read = Self.read(bench.base, tag: tag)
      let isAdmitted = bench.fabric.admits(read: read, on: lane)
      #expect(isAdmitted)
      bench.fabric.settle(read: read, on: lane)
      bench.fabric.noteAnswersSeen()
      bench.fabric.passAnswers(on: lane)
    }
    let kinds = bench.fabric.history(ofLink: 0).ordered.map(\.header.kind)
    #expect(kinds == [.memoryRead, .completionWithData, .memoryRead, .completionWithData])
    let isCurrent = bench.fabric.isCurrent(lane)
    #expect(isCurrent)
  }

  @Test func halfOfTheLeadIsUsedBeforeTheClockIsReadAgain() throws {
    let device = try MemoryMock.with(1 << 14, maxPayloadBytes: 256)
    var bench = ProgramBench(hostAbove: device, mayBeQuiet: true)
    bench.turn(.microseconds(1))
    let lane = QuietLane()
    let isOpen = bench.fabric.open(lane, from: bench.node)
    try #require(isOpen)
    let (write, data) = (
      TLPHeader.memoryWrite(address: bench.base, bytes: 256, requester: FunctionAddress(rawValue: 0)),
      [UInt8](repeating: 7, count: 256)
    )
    var count = 0
    while !bench.fabric.isFarAhead(on: lane), count < 1000 {
      bench.send(write, data)
      count += 1
    }
    #expect(bench.quietCount == count)
    let isAhead = bench.fabric.isAhead(of: bench.clock)
    #expect(isAhead)
    bench.turn(Fabric.lead)
    let isStillAhead = bench.fabric.isAhead(of: bench.clock)
    #expect(!isStillAhead)
  }
}
