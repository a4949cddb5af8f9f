import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Transports

/// What a transport makes of a program's records, as a loop calls it.
@Suite struct LinkExchangeTests {
  private static let requester = FunctionAddress(rawValue: 0)

  private static func read(_ tag: UInt16, bytes: Int = 4) -> TLPHeader {
    .memoryRead(address: 0x40, bytes: bytes, requester: requester, tag: tag)
  }

  /// A fabric with a program as host above memory.
  private static func fabric(
    _ port: OutsidePort, above memory: PlainMemory, _ speed: LinkSpeed = .gt8, width: Int = 4
  ) -> Fabric {
    var fabric = Fabric()
    let (upper, lower) = (fabric.add(port), fabric.add(memory))
    _ = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: speed, width: width, maxPayloadBytes: 256))
    return fabric
  }

  /// Lets happen what a loop lets happen, so long after the beginning.
  private static func turn(_ fabric: inout Fabric, _ length: VirtualDuration) {
    let clock = VirtualTime.zero + length
    fabric.runEvents(until: clock + Fabric.lead)
    fabric.advance(to: min(clock, fabric.nextTime ?? .never))
  }

  @Test func whatAProgramWroteBeforeItHungUpArrivesOverASlowLinkToo() throws {
    let memory = PlainMemory()
    let program = try ProgramEnd()
    let port = OutsidePort()
    var fabric = Self.fabric(port, above: memory, .gt2Point5, width: 1)
    fabric.runEvents(until: fabric.now + Fabric.lead)
    let data = [UInt8](repeating: 7, count: 256)
    var sent = 0
    while program.send(.memoryWrite(address: 0, bytes: 256, requester: Self.requester), data) { sent += 1 }
    #expect(sent > 20)
    program.hangUp()
    program.transport.wake(program.transport.waits.map(\.descriptor))
    // A loop may call more than once before it lets the fabric go on.
    var rounds = 0
    while program.transport.state == .up, rounds < 1000 {
      for _ in 0..<3 { _ = program.transport.exchange(with: port, in: &fabric) }
      rounds += 1
      Self.turn(&fabric, .microseconds(UInt64(rounds)))
    }
    fabric.runUntilIdle()
    #expect(memory.writeCount == sent)
    #expect(program.transport.state == .lost(.closed))
  }

  @Test func aTagIsFreeOnceItsAnswerCanBeSeen() throws {
    let memory = PlainMemory()
    let program = try ProgramEnd()
    let port = OutsidePort()
    var fabric = Self.fabric(port, above: memory)
    fabric.runEvents(until: fabric.now + Fabric.lead)
    // The second goes another way.
    #expect(program.send(Self.read(1)) && program.send(Self.read(2, bytes: 2)))
    _ = program.transport.exchange(with: port, in: &fabric)
    #expect(program.takeTags() == [1])
    #expect(program.send(Self.read(1)))
    _ = program.transport.exchange(with: port, in: &fabric)
    // What is wrong with a TLP is found when it leaves.
    Self.turn(&fabric, .microseconds(1))
    let found = fabric.findings.map(\.violation)
    #expect(found.isEmpty)
  }

  @Test func nothingGoesOverALinkThatWentDownAfterAllWasReady() throws {
    let memory = PlainMemory()
    let program = try ProgramEnd()
    let port = OutsidePort()
    var fabric = Self.fabric(port, above: memory)
    fabric.runEvents(until: fabric.now + Fabric.lead)
    #expect(program.send(.memoryWrite(address: 0, bytes: 4, requester: Self.requester), [1, 2, 3, 4]))
    program.transport.prepare(for: port, in: &fabric)
    fabric.takeDown(link: 0, .surpriseDown)
    _ = program.transport.exchange(with: port, in: &fabric)
    fabric.runUntilIdle()
    #expect(memory.writeCount == 0)
  }

  @Test func answersGoBeforeAGoodbyeEndsTheLink() throws {
    let memory = PlainMemory()
    let program = try ProgramEnd()
    let port = OutsidePort()
    var fabric = Self.fabric(port, above: memory)
    fabric.runEvents(until: fabric.now + Fabric.lead)
    #expect(program.send(Self.read(1)) && program.send(Self.read(2)) && program.sayGoodbye())
    _ = program.transport.exchange(with: port, in: &fabric)
    #expect(program.transport.state == .lost(.goodbye))
    #expect(program.takeTags() == [1, 2])
  }

  @Test(arguments: [4, 256, 1024, 4096])
  func manyReadsAtOnceGetAllTheirCompletions(bytes: Int) throws {
    let memory = PlainMemory()
    let program = try ProgramEnd()
    let port = OutsidePort()
    var fabric = Self.fabric(port, above: memory)
    let request = TLPHeader.memoryRead(address: 0, bytes: bytes, requester: Self.requester, tag: 0)
    var tags: [UInt16] = []
    for tag in 0..<UInt16(100) {
      var header = request
      header.tag = tag
      #expect(program.send(header))
      if tag % 5 == 4 {
        Self.turn(&fabric, .microseconds(UInt64(tag)))
        program.transport.prepare(for: port, in: &fabric)
        _ = program.transport.exchange(with: port, in: &fabric)
        tags += program.takeTags()
      }
    }
    // Completions of the event way are not told here, as this memory serves none.
    let pieces = max(1, bytes / 256)
    #expect(tags.count >= pieces * 20 && tags.count % pieces == 0)
  }
}
