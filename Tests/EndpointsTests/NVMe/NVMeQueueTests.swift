import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

@Suite struct NVMeQueueTests {
  typealias Command = NVMeHost.Command

  private func host(_ change: (inout NVMeConfiguration) -> Void = { _ in }) throws -> NVMeHost {
    var host = try NVMeHost(change)
    host.enable()
    return host
  }

  static let refusals: [(UInt8, UInt64, [UInt32], UInt16)] = [
    // Completion queues: number, size, what CC and CAP say, vector, place.
    (5, 0x9000, [0x001f_0000, 3], 0x4101), (5, 0x9000, [0x001f_0009, 3], 0x4101),
    (5, 0x9000, [0x001f_0001, 3], 0x4101), (5, 0x9000, [0x0000_0002, 3], 0x4102),
    (5, 0x9000, [0x0100_0002, 3], 0x4102), (5, 0x9000, [0x001f_0002, 2], 0x4002),
    (5, 0x9000, [0x001f_0002, 0x0009_0003], 0x4108), (5, 0x9004, [0x001f_0002, 3], 0x4013),
    // Submission queues, and the completion queue that they name.
    (1, 0x9000, [0x001f_0000, 0x0001_0001], 0x4101), (1, 0x9000, [0x001f_0009, 0x0001_0001], 0x4101),
    (1, 0x9000, [0x001f_0001, 0x0001_0001], 0x4101), (1, 0x9000, [0x0000_0002, 0x0001_0001], 0x4102),
    (1, 0x9000, [0x001f_0002, 0x0001_0000], 0x4002), (1, 0x9000, [0x001f_0002, 0x0000_0001], 0x4101),
    (1, 0x9000, [0x001f_0002, 0x0009_0001], 0x4101), (1, 0x9000, [0x001f_0002, 0x0003_0001], 0x4100),
    (1, 0x9800, [0x001f_0002, 0x0001_0001], 0x4013),
    // Deleting.
    (0, 0, [0], 0x4101), (0, 0, [2], 0x4101), (0, 0, [9], 0x4101),
    (4, 0, [0], 0x4101), (4, 0, [2], 0x4101), (4, 0, [9], 0x4101), (4, 0, [1], 0x410c),
  ]

  @Test(arguments: refusals)
  func queuesAreRefused(opcode: UInt8, page: UInt64, words: [UInt32], status: UInt16) throws {
    var host = try host()
    host.createQueues(1)
    let end = host.execute(Command(opcode: opcode, pages: (page, 0), words: words))
    #expect(end.status == status)
  }

  @Test func entrySizesMustBeSet() throws {
    var host = try NVMeHost()
    host.enable(settings: 0x0000_0001)
    let end = host.execute(Command(opcode: 5, pages: (0x9000, 0), words: [0x001f_0001, 3]))
    #expect(end.status == 0x4002)
  }

  @Test func queuesAreDeletedAndMadeAgain() throws {
    var host = try host()
    host.createQueues(2)
    let (first, second) = (
      host.execute(Command(opcode: 0, words: [2])), host.execute(Command(opcode: 4, words: [2]))
    )
    #expect(first.status == 0 && second.status == 0)
    host.createQueues(2)
    let status = host.transfer(2, first: 0, blocks: 1, queue: 2)
    #expect(status == 0)
  }

  @Test func deletedQueueCompletesNothing() throws {
    var host = try host()
    host.createQueues(1, completions: 3)
    host.put(Command(opcode: 1, namespace: 1, pages: (NVMeHost.data, 0), words: [0, 0, 0]), in: 1)
    // The command is there and its data never comes in time.
    host.ring(1, isCompletion: false, 1)
    let before = host.take(1).count
    #expect(before == 1)
    host.put(Command(opcode: 1, namespace: 1, pages: (NVMeHost.data, 0), words: [1, 0, 0]), in: 1)
    host.put(Command(opcode: 0, words: [1]))
    // Both doorbells before anything travels: the deletion comes while the write's data is being read.
    host.sendDoorbell(1, 2)
    host.sendDoorbell(0, 3)
    host.bench.fabric.runUntilIdle()
    let (deleted, completed) = (host.take(), host.take(1))
    #expect(deleted.map(\.status) == [0] && completed.isEmpty)
    // The place that its command would have had in the completion queue is free.
    let made = host.execute(
      Command(
        opcode: 1, pages: (UInt64(NVMeHost.submissionBase(3)), 0), words: [0x001f_0003, 0x0001_0001]))
    #expect(made.status == 0)
    for place in 0..<2 {
      let start = NVMeHost.submissionBase(3) + place * 64
      host.bench.host.memory.replaceSubrange(
        start..<start + 64, with: Command(opcode: 0, namespace: 1).bytes(UInt16(place)))
    }
    host.ring(3, isCompletion: false, 2)
    let ends = host.take(1, isTold: false)
    #expect(ends.map(\.queue) == [3, 3])
  }

  @Test func phaseTagsFlipWhenAQueueWraps() throws {
    var host = try host()
    host.createQueues(1, entries: 3)
    for round in 0..<8 {
      host.put(Command(opcode: 0, namespace: 1), in: 1)
      host.put(Command(opcode: 0, namespace: 1), in: 1)
      host.ring(1)
      let ends = host.take(1)
      #expect(ends.count == 2 && ends.allSatisfy { $0.status == 0 && $0.queue == 1 })
      #expect(ends.last?.head == (round * 2 + 2) % 3)
    }
    #expect(host.bench.violations.isEmpty)
  }

  @Test func fullCompletionQueueWaitsForSoftware() throws {
    var host = try host()
    host.createQueues(1, entries: 32, completions: 4)
    for _ in 0..<10 { host.put(Command(opcode: 0, namespace: 1), in: 1) }
    host.ring(1)
    // Of four places one stays empty.
    let first = host.take(1, isTold: false)
    #expect(first.count == 3)
    // The admin queue goes on meanwhile.
    let other = host.identify(1)
    #expect(other.status == 0)
    host.tell(1)
    let second = host.take(1)
    #expect(second.count == 3)
    let third = host.take(1)
    let last = host.take(1)
    #expect(third.count == 3 && last.count == 1)
    let identifiers = (first + second + third + last).map(\.identifier)
    #expect(identifiers == identifiers.sorted() && Set(identifiers).count == 10)
  }

  @Test func queuesShareACompletionQueue() throws {
    var host = try host()
    host.createQueues(1)
    let made = host.execute(
      Command(
        opcode: 1, pages: (UInt64(NVMeHost.submissionBase(2)), 0), words: [0x001f_0002, 0x0001_0001]))
    #expect(made.status == 0)
    host.bench.host.memory.replaceSubrange(
      NVMeHost.submissionBase(2)..<NVMeHost.submissionBase(2) + 64,
      with: Command(opcode: 0, namespace: 1).bytes(0x99))
    host.ring(2, isCompletion: false, 1)
    let ends = host.take(1)
    #expect(ends.map(\.queue) == [2] && ends.map(\.identifier) == [0x99])
  }

  @Test func queuesTakeTurns() throws {
    var host = try host()
    for queue in 1...3 { host.createQueues(queue) }
    // Two commands a turn.
    let burst = host.execute(Command(opcode: 9, words: [1, 1]))
    #expect(burst.status == 0)
    for queue in 1...3 {
      for _ in 0..<6 { host.put(Command(opcode: 0, namespace: 1), in: queue) }
    }
    host.bench.host.arrivals.removeAll()
    for queue in 1...3 { host.sendDoorbell(queue, 6) }
    host.bench.fabric.runUntilIdle()
    let order = host.interrupts
    #expect(order.count == 18)
    // No queue is done before another has had its first turn.
    #expect(Set(order.prefix(6)) == [1, 2, 3])
    #expect(Set(order.suffix(6)) == [1, 2, 3])
  }

  @Test func everyQueueHasItsVector() throws {
    var host = try host()
    for queue in 1...8 { host.createQueues(queue) }
    for queue in 1...8 {
      host.bench.host.arrivals.removeAll()
      let end = host.execute(Command(opcode: 0, namespace: 1), in: queue)
      let vectors = host.interrupts
      #expect(end.status == 0 && vectors == [queue])
    }
  }

  @Test func interruptComesBehindTheCompletionAndThatBehindTheData() throws {
    var host = try host()
    host.createQueues(1)
    host.bench.host.arrivals.removeAll()
    let status = host.transfer(2, first: 0, blocks: 8)
    #expect(status == 0)
    let writes = host.bench.host.arrivals.writes.map(\.header.address)
    let data = writes.lastIndex { (NVMeHost.data..<NVMeHost.data + 4096).contains($0) }
    let completion = writes.firstIndex(of: UInt64(NVMeHost.completionBase(1)))
    let interrupt = writes.firstIndex(of: 0xf_f004)
    let (first, second, third) = (try #require(data), try #require(completion), try #require(interrupt))
    #expect(first < second && second < third)
  }

  @Test func queuesWithoutInterruptsRaiseNone() throws {
    var host = try host()
    let made = host.execute(
      Command(opcode: 5, pages: (UInt64(NVMeHost.completionBase(1)), 0), words: [0x001f_0001, 1]))
    let also = host.execute(
      Command(
        opcode: 1, pages: (UInt64(NVMeHost.submissionBase(1)), 0), words: [0x001f_0001, 0x0001_0001]))
    #expect(made.status == 0 && also.status == 0)
    host.bench.host.memory.replaceSubrange(
      NVMeHost.submissionBase(1)..<NVMeHost.submissionBase(1) + 64,
      with: Command(opcode: 0, namespace: 1).bytes(1))
    host.bench.host.arrivals.removeAll()
    host.ring(1, isCompletion: false, 1)
    let interrupts = host.interrupts
    #expect(interrupts.isEmpty)
    #expect(host.bench.host.memory[NVMeHost.completionBase(1) + 14] == 1)
  }

  @Test func commandsThatCannotBeReadAreFatal() throws {
    var host = try host()
    host.bench.host.answer = .status(.unsupportedRequest)
    host.put(Command(opcode: 6, pages: (NVMeHost.data, 0), words: [1]))
    host.ring(0)
    host.bench.host.answer = .serve
    let status = host.get(NVMeRegister.status)
    #expect(status == 3)
    // Nothing goes on until the reset.
    host.ring(0, isCompletion: false, 0)
    let none = host.take()
    #expect(none.isEmpty)
    host.set(NVMeRegister.configuration, 0)
    host.enable()
    let end = host.identify(1)
    #expect(end.status == 0)
  }

  @Test func withoutBusMasteringTheControllerFails() throws {
    var host = try host()
    host.bench.configurationWrite(HeaderRegister.command, 0x0002, bytes: 2)
    host.put(Command(opcode: 6, pages: (NVMeHost.data, 0), words: [1]))
    host.ring(0)
    let status = host.get(NVMeRegister.status)
    #expect(status == 3)
  }

  @Test func doorbellsBeforeReadyAreIgnored() throws {
    var host = try NVMeHost()
    host.ring(0, isCompletion: false, 1)
    host.enable()
    let (none, failed) = (host.take(), host.bench.device.hasFailed)
    #expect(none.isEmpty && !failed)
  }
}

// Whatever a host puts into queues and registers, the controller lives, and works after a reset.
extension NVMeQueueTests {
  @Test(arguments: 0..<4)
  func hostileHostsAreSurvived(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var host = try host()
    for queue in 1...2 { host.createQueues(queue, entries: 16) }
    for _ in 0..<150 {
      let queue = Int(generator.below(3))
      var bytes = generator.bytes(64)
      // Mostly commands that there are, with fields that are small.
      if generator.below(4) > 0 { bytes[0] &= 15 }
      if generator.below(4) > 0 { bytes[1] = 0 }
      if generator.below(2) == 0 { bytes.replaceSubrange(4..<8, with: [1, 0, 0, 0]) }
      if generator.below(2) == 0 {
        for index in [27, 28, 29, 30, 31, 35, 36, 37, 38, 39, 43, 44, 45, 46, 47, 50, 51] { bytes[index] = 0 }
      }
      let place = NVMeHost.submissionBase(queue) + Int(generator.below(16)) * 64
      host.bench.host.memory.replaceSubrange(place..<place + 64, with: bytes)
      if generator.below(8) == 0 { host.bench.host.failsAfter = (Int(generator.below(3)), .poisoned) }
      host.ring(queue, isCompletion: generator.below(3) == 0, Int(generator.below(18)))
      host.bench.host.failsAfter = nil
      host.bench.host.arrivals.removeAll(keepingCapacity: true)
      if host.bench.device.hasFailed {
        host.set(NVMeRegister.configuration, 0)
        host.enable()
      }
    }
    host.set(NVMeRegister.configuration, 0)
    host.enable()
    host.createQueues(1)
    let status = host.transfer(2, first: 0, blocks: 1)
    #expect(status == 0)
    #expect(host.bench.fabric.payloads.used == 0)
  }
}

extension NVMeHost {
  /// Sends a tail on its way without waiting for what follows.
  mutating func sendDoorbell(_ queue: Int, _ tail: UInt32) {
    send(NVMeRegister.doorbell(ofQueue: queue, isCompletion: false), tail)
  }

  /// Sends a value of a register on its way without waiting for what follows.
  mutating func send(_ register: Int, _ value: UInt32) {
    bench.send(
      .memoryWrite(
        address: barAddress + UInt64(register), bytes: 4, requester: DeviceBench<NVMeController>.hostID),
      (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
  }

  @Test func queuesBeyondThoseThatSoftwareHasBeenGivenAreNone() throws {
    var host = try NVMeHost()
    host.enable()
    let given = host.execute(NVMeHost.Command(opcode: 9, words: [7, 1 << 16]))
    #expect(given.status == 0 && given.result == 1 << 16)
    func create(_ opcode: UInt8, _ queue: UInt32, _ word: UInt32) -> NVMeHost.Command {
      NVMeHost.Command(opcode: opcode, pages: (0x3_0000, 0), words: [15 << 16 | queue, word])
    }
    let statuses = [create(5, 3, 1), create(5, 2, 1), create(1, 2, 2 << 16 | 1), create(1, 1, 2 << 16 | 1)]
      .map {
        host.execute($0).status
      }
    #expect(statuses == [0x4101, 0, 0x4101, 0])
  }

  @Test func aQueueWithoutInterruptsMayNameAnyVector() throws {
    var host = try NVMeHost()
    host.enable()
    let words: [UInt32] = [15 << 16 | 1, 0xffff_0001]
    let without = host.execute(NVMeHost.Command(opcode: 5, pages: (0x3_0000, 0), words: words))
    let with = host.execute(
      NVMeHost.Command(opcode: 5, pages: (0x3_0000, 0), words: [15 << 16 | 2, 0xffff_0003]))
    #expect(without.status == 0 && with.status == 0x4108)
  }
}
