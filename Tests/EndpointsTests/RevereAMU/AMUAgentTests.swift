import Codecs
import LinkBroker
import PCIe
import RevereInterface
import Simulation
import Testing

@testable import Endpoints

/// The accelerators that work on buffers in host memory.
@Suite struct AMUAgentTests {
  private static let source = 0x80_0000
  private static let target = 0x100_0000

  private func bench(_ agent: any AcceleratorAgent) throws -> AMUBench {
    let bench = try AMUBench { $0.agents = [agent] }
    bench.openLoop()
    return bench
  }

  private func request(
    source: Int = Self.source, target: Int = Self.target, length: Int, capacity: Int = 1 << 20,
    options: UInt32 = 0, stash: UInt64 = 0
  ) -> [UInt8] {
    var message = [UInt8](repeating: 0, count: 64)
    message.storeLE(stash, at: 0)
    message.storeLE(UInt64(bitPattern: Int64(source)), at: 8)
    message.storeLE(UInt64(bitPattern: Int64(target)), at: 16)
    message.storeLE(UInt32(length), at: 24)
    message.storeLE(UInt32(capacity), at: 28)
    message.storeLE(options, at: 32)
    return message
  }

  /// Sends a request; gives the result's length and status.
  private func answer(_ message: [UInt8], _ bench: AMUBench) throws -> (bytes: Int, status: UInt32) {
    bench.send([message])
    let answer = try #require(bench.receive().first)
    #expect(answer.prefix(36) == message.prefix(36))
    return (Int(answer.loadLE(at: 36, as: UInt32.self)), answer.loadLE(at: 40, as: UInt32.self))
  }

  private func memory(_ bench: AMUBench, _ address: Int, _ count: Int) -> [UInt8] {
    Array(bench.root.core.memory.bytes[address..<address + count])
  }

  private static func text(_ count: Int) -> [UInt8] {
    let words = Array("a session is an ordered channel from one socket to another; ".utf8)
    return (0..<count).map { words[($0 &+ $0 / 977) % words.count] }
  }

  @Test(arguments: [0, 1, 63, 4096, 16384, 16385, 100_001])
  func copiesAreExact(length: Int) throws {
    let bench = try bench(CopyAgent())
    var generator = SeededGenerator(seed: 3)
    let data = generator.bytes(length)
    bench.root.setMemory(data, at: Self.source + 1)
    #expect(
      try answer(request(source: Self.source + 1, target: Self.target + 3, length: length), bench)
        == (length, 0))
    #expect(memory(bench, Self.target + 3, length) == data)
    #expect(try answer(request(source: Self.source + 1, length: length, options: 1), bench) == (length, 0))
    #expect(memory(bench, Self.target, length) == data.map { ~$0 })
    #expect(bench.violations.isEmpty)
  }

  @Test func copiesOfBuffersThatOverlapGoForward() throws {
    let bench = try bench(CopyAgent())
    let data = Self.text(40_000)
    bench.root.setMemory(data, at: Self.source)
    #expect(try answer(request(target: Self.source + 32_768, length: 40_000), bench) == (40_000, 0))
    #expect(memory(bench, Self.source + 32_768, 32_768) == Array(data[..<32_768]))
  }

  @Test(arguments: [UInt32(0), 1]) func whatIsCompressedIsWhatTheLibraryMakes(format: UInt32) throws {
    let bench = try bench(DeflateAgent(isCompressing: true))
    let data = Self.text(300_000)
    bench.root.setMemory(data, at: Self.source)
    let due = try #require(
      DeflateStream.whole(data, .compress(level: nil), format == 0 ? .zlib : .gzip))
    #expect(try answer(request(length: data.count, options: format), bench) == (due.count, 0))
    #expect(memory(bench, Self.target, due.count) == due)
    #expect(try answer(request(length: data.count, options: format | 1 << 4), bench).bytes != due.count)
    #expect(try answer(request(length: 0, options: format), bench).status == 0)
  }

  @Test func whatIsDecompressedIsWhatWasCompressed() throws {
    let bench = try bench(DeflateAgent(isCompressing: false))
    let data = Self.text(250_000)
    let packed = try #require(DeflateStream.whole(data, .compress(level: 9), .gzip))
    bench.root.setMemory(packed, at: Self.source)
    #expect(try answer(request(length: packed.count, options: 1), bench) == (data.count, 0))
    #expect(memory(bench, Self.target, data.count) == data)
    // Another format, a stream that ends too early, and one with a wrong byte.
    #expect(try answer(request(length: packed.count), bench).status == 3)
    #expect(try answer(request(length: packed.count - 9, options: 1), bench).status == 3)
    bench.root.setMemory([packed[packed.count / 2] ^ 0x40], at: Self.source + packed.count / 2)
    #expect(try answer(request(length: packed.count, options: 1), bench).status == 3)
  }

  @Test func aResultLargerThanItsRoomIsRefused() throws {
    let bench = try bench(DeflateAgent(isCompressing: true))
    var generator = SeededGenerator(seed: 5)
    bench.root.setMemory(generator.bytes(50_000), at: Self.source)
    #expect(try answer(request(length: 50_000, capacity: 20_000), bench).status == 4)
    #expect(memory(bench, Self.target + 20_000, 16) == [UInt8](repeating: 0, count: 16))
  }

  @Test func digestsAreThoseOfTheLibrary() throws {
    let bench = try bench(HashAgent())
    for length in [0, 1, 16_384, 77_777] {
      let data = Self.text(length)
      bench.root.setMemory(data, at: Self.source)
      #expect(try answer(request(length: length), bench) == (32, 0))
      #expect(memory(bench, Self.target, 32) == SecureHash.whole(data))
    }
  }

  @Test(arguments: ["dma", "compress", "decompress", "hash"])
  func buffersOutsideMemoryAreToldInTheAnswer(name: String) throws {
    let agents: [any AcceleratorAgent] = [
      CopyAgent(), DeflateAgent(isCompressing: true), DeflateAgent(isCompressing: false), HashAgent(),
    ]
    let bench = try bench(try #require(agents.first { $0.name == name }))
    #expect(try answer(request(source: 0x4000_0000, length: 64), bench).status == 1)
    #expect(try answer(request(source: -32, length: 64), bench).status == 1)
    // The last bytes of memory and those behind them.
    #expect(try answer(request(source: (32 << 20) - 32, length: 64), bench).status == 1)
    #expect(bench.exception() == nil)
  }

  @Test func aCopyPastTheLastAddressDoesNotGoOnAtTheFirst() throws {
    let bench = try bench(CopyAgent())
    bench.root.setMemory(Self.text(32_768), at: Self.source)
    let before = memory(bench, 0, 16_384)
    #expect(try answer(request(target: -16_384, length: 32_768), bench).status == 2)
    #expect(memory(bench, 0, 16_384) == before)
  }

  @Test(arguments: ["dma", "compress", "decompress", "hash"], [0x4000_0000, (32 << 20) - 16])
  func destinationsOutsideMemoryAreToldInTheAnswer(name: String, target: Int) throws {
    let agents: [any AcceleratorAgent] = [
      CopyAgent(), DeflateAgent(isCompressing: true), DeflateAgent(isCompressing: false), HashAgent(),
    ]
    let bench = try bench(try #require(agents.first { $0.name == name }))
    let data = Self.text(50_000)
    let source =
      name == "decompress" ? try #require(DeflateStream.whole(data, .compress(level: 1), .zlib)) : data
    bench.root.setMemory(source, at: Self.source)
    #expect(try answer(request(target: target, length: source.count), bench) == (0, 2))
    #expect(try answer(request(length: source.count), bench).status == 0)
    #expect(bench.exception() == nil)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test func transfersOfAgentsCarryAddressSpaceAndHints() throws {
    let bench = try bench(CopyAgent())
    let space = bench.unit.function.space
    bench.configure(bench.address, try #require(space.places[.processAddressSpace]) + 6, 2, 1)
    bench.configure(bench.address, try #require(space.places[.processingHints]) + 8, 4, 0x102)
    bench.command("F_AMI_HW_DISABLE", ["AMI_HW_ID": 0])
    bench.command("F_AMI_HW_CONFIGURE", ["AMI_HW_ID": 0, "PASID": 0x4321, "PASID_ENABLED": 1])
    bench.command("F_AMI_HW_ENABLE", ["AMI_HW_ID": 0])
    bench.root.setMemory(Self.text(64), at: Self.source)
    bench.fabric.resetMeasurements()
    #expect(try answer(request(length: 64, stash: 0x5a02), bench) == (64, 0))
    let requests = bench.fabric.history(ofLink: 0).ordered.filter { !$0.isDownstream }.map(\.header)
    let read = try #require(requests.first { $0.kind == .memoryRead && $0.address == UInt64(Self.source) })
    #expect(read.prefixes.processAddressSpace?.processAddressSpaceID == 0x4321)
    let write = try #require(requests.first { $0.kind == .memoryWrite && $0.address == UInt64(Self.target) })
    #expect(write.prefixes.processAddressSpace?.processAddressSpaceID == 0x4321)
    #expect(write.hasProcessingHint && write.processingHint == 2 && write.tag == 0x5a)
    // The flush behind the write, and the answer, which is not the agent's.
    let flush = try #require(requests.last { $0.kind == .memoryRead })
    #expect(flush.requestedBytes == 0 || flush.firstByteEnable == 0)
    #expect(flush.prefixes.processAddressSpace?.processAddressSpaceID == 0x4321)
    #expect(requests.last { $0.kind == .memoryWrite }?.prefixes.isEmpty == true)
  }

  // MARK: References in the front of messages

  /// A message of a format with references: stash control, the references, then words of 32 bits.
  private func message(_ references: [Int], _ words: [UInt32]) -> [UInt8] {
    var message = [UInt8](repeating: 0, count: 64)
    for (number, reference) in references.enumerated() {
      message.storeLE(UInt64(reference), at: 8 + number * 8)
    }
    for (number, word) in words.enumerated() {
      message.storeLE(word, at: 8 + references.count * 8 + number * 4)
    }
    return message
  }

  private func bench(_ agent: any AcceleratorAgent, references: Int) throws -> AMUBench {
    let bench = try AMUBench { $0.agents = [agent] }
    bench.openLoop(session: ["MFO": 1, "MF_OB_BUF_NUM": UInt64(references)])
    return bench
  }

  @Test(arguments: [1, 2, 4]) func buffersAreThoseOfTheReferences(count: Int) throws {
    let bench = try bench(CopyAgent(), references: count)
    let data = Self.text(20_000)
    bench.root.setMemory(data, at: Self.source)
    let references = Array([Self.source, Self.target, 1, 2].prefix(count))
    bench.send([message(references, [20_000, 0, 1])])
    let answer = try #require(bench.receive().first)
    #expect(answer == message(references, [20_000, 0, 1, 20_000, 0]))
    // With one buffer it is worked on where it stands.
    #expect(memory(bench, count == 1 ? Self.source : Self.target, 20_000) == data.map { ~$0 })
  }

  @Test(arguments: ["dma", "compress", "decompress", "hash"])
  func withoutAReferenceThereIsNoSource(name: String) throws {
    let bench = try bench(try #require(Accelerators.named(name)), references: 0)
    bench.send([message([], [0, 64, 0])])
    #expect(bench.receive() == [message([], [0, 64, 0, 0, 1])])
  }

  @Test func whatStandsBeforeInBandDataIsNotInverted() throws {
    let bench = try bench(InvertAgent(), references: 3)
    let sent = bench.messages(7)
    bench.send(sent)
    #expect(bench.receive() == sent.map { $0.prefix(32) + $0.dropFirst(32).map { ~$0 } })
  }

  @Test func anAgentOfOnesOwnReachesItsBuffers() throws {
    let bench = try bench(Sum(), references: 2)
    bench.root.setMemory([1, 2, 3, 4], at: Self.source)
    bench.root.setMemory([10, 20, 30, 40], at: Self.target)
    bench.send([message([Self.source, Self.target], [4])])
    #expect(bench.receive() == [message([Self.source, Self.target], [110])])
  }

  @Test func theLoaderKnowsEveryAccelerator() {
    #expect(Accelerators.all.map(\.name) == RevereInterface.accelerators)
  }

  @Test func manyRequestsInFlightKeepTheirOrder() throws {
    let bench = try AMUBench { $0.agents = [DeflateAgent(isCompressing: true)] }
    bench.openSoftware(0, sockets: 0..<8)
    for context in 0..<4 { bench.openHardware(context) }
    for queue in 0..<8 {
      bench.connect(queue * 2, .software(0, queue), .hardware(queue % 4, queue))
      bench.connect(queue * 2 + 1, .hardware(queue % 4, queue), .software(0, queue))
    }
    let data = Self.text(8 * 16 * 4096)
    bench.root.setMemory(data, at: Self.source)
    for queue in 0..<8 {
      let requests = (0..<16).map { number in
        let place = (queue * 16 + number) * 4096
        return request(source: Self.source + place, target: Self.target + place * 2, length: 4096)
      }
      bench.send(requests, socket: queue, runs: false)
    }
    bench.run()
    for queue in 0..<8 {
      let answers = bench.receive(socket: queue)
      #expect(answers.count == 16)
      for (number, answer) in answers.enumerated() {
        let place = (queue * 16 + number) * 4096
        #expect(answer.loadLE(at: 8, as: UInt64.self) == UInt64(Self.source + place))
        let due = try #require(
          DeflateStream.whole(Array(data[place..<place + 4096]), .compress(level: nil), .zlib))
        #expect(memory(bench, Self.target + place * 2, due.count) == due)
      }
    }
  }

  @Test(arguments: [(1, 1), (2, 16), (8, 64)])
  func aLargeFileIsWhatTheLibraryMakes(queues: Int, depth: Int) throws {
    let bench = try AMUBench(maxPayloadBytes: 4096) { $0.agents = [DeflateAgent(isCompressing: true)] }
    bench.openSoftware(0, sockets: 0..<queues)
    bench.openHardware(0)
    for queue in 0..<queues {
      bench.connect(queue * 2, .software(0, queue), .hardware(0, queue))
      bench.connect(queue * 2 + 1, .hardware(0, queue), .software(0, queue))
    }
    // 3 MiB at level 1, in pieces of 64 KiB, as many at a time as queues and depth allow.
    let piece = 65_536
    let block = Self.text(piece)
    let due = try #require(DeflateStream.whole(block, .compress(level: 1), .zlib))
    let pieces = (3 << 20) / piece
    for number in 0..<pieces { bench.root.setMemory(block, at: Self.source + number * piece) }
    let target = Self.source + pieces * piece
    var next = 0
    while next < pieces {
      let first = next
      for queue in 0..<queues {
        let count = min(depth, pieces - next)
        let requests = (next..<next + count).map { number in
          request(
            source: Self.source + number * piece, target: target + number * 4096, length: piece,
            options: 1 << 4)
        }
        next += count
        if count > 0 { bench.send(requests, socket: queue, runs: false) }
      }
      bench.run()
      let answers = (0..<queues).flatMap { bench.receive(socket: $0) }
      #expect(answers.count == next - first)
      #expect(answers.allSatisfy { $0.loadLE(at: 40, as: UInt32.self) == 0 })
    }
    for number in 0..<pieces { #expect(memory(bench, target + number * 4096, due.count) == due) }
  }

  @Test func aDisabledContextKeepsItsJob() throws {
    let bench = try bench(CopyAgent())
    let data = Self.text(200_000)
    bench.root.setMemory(data, at: Self.source)
    bench.send([request(length: data.count)], runs: false)
    for _ in 0..<200 { bench.fabric.step() }
    bench.command("F_AMI_HW_DISABLE", ["AMI_HW_ID": 0])
    bench.run()
    #expect(bench.receive().isEmpty)
    bench.command("F_AMI_HW_ENABLE", ["AMI_HW_ID": 0])
    #expect(bench.receive().count == 1)
    #expect(memory(bench, Self.target, data.count) == data)
  }

  @Test func aResetContextForgetsItsJob() throws {
    let bench = try bench(CopyAgent())
    bench.root.setMemory(Self.text(200_000), at: Self.source)
    bench.send([request(length: 200_000)], runs: false)
    for _ in 0..<200 { bench.fabric.step() }
    bench.command("F_AMI_HW_RESET", ["AMI_HW_ID": 0])
    bench.command("F_AMI_HW_ENABLE", ["AMI_HW_ID": 0])
    #expect(bench.receive().isEmpty)
    #expect(try answer(request(length: 100), bench) == (100, 0))
    #expect(bench.fabric.payloads.used == 0)
  }
}

/// Answers with the sum of the bytes of all buffers that a message refers to.
private struct Sum: AcceleratorAgent {
  let name = "sum"
  let identification: UInt64 = 0x200

  func next(_ job: AgentJob) -> AgentAction {
    let place = job.front
    let length = Int(job.word32(place))
    let sum = job.state as? Total ?? Total()
    if job.calls > 0 { sum.value += job.data.reduce(0) { $0 + UInt32($1) } }
    job.state = sum
    if let next = job.reference(job.calls) { return .read(address: next, count: length) }
    job.setWord32(place, sum.value)
    return .answer
  }

  private final class Total { var value: UInt32 = 0 }
}
