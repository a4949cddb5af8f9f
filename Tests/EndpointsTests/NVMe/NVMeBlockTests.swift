import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

@Suite struct NVMeBlockTests {
  typealias Command = NVMeHost.Command

  private func host(_ change: (inout NVMeConfiguration) -> Void = { _ in }) throws -> NVMeHost {
    var host = try NVMeHost(change)
    host.enable()
    host.createQueues(1)
    return host
  }

  /// First block, blocks, and where in memory: within one page, two pages, lists, odd places.
  static let shapes: [(UInt64, Int, UInt64)] = [
    (0, 1, 0x8_0000), (7, 1, 0x8_0e04), (9, 1, 0x8_0ffc), (3, 8, 0x8_0000), (5, 8, 0x8_0004),
    (11, 9, 0x8_0ff8), (100, 16, 0x8_0000), (200, 17, 0x8_0000), (300, 128, 0x8_0200), (32767, 1, 0x8_0000),
    (32640, 128, 0x8_0ffc),
  ]

  @Test(arguments: shapes)
  func whatIsWrittenIsReadBack(first: UInt64, blocks: Int, address: UInt64) throws {
    var host = try host()
    let start = Int(address)
    let count = blocks * 512
    var generator = SeededGenerator(seed: first)
    let bytes = generator.bytes(count)
    host.bench.host.memory.replaceSubrange(start..<start + count, with: bytes)
    let written = host.transfer(1, first: first, blocks: blocks, at: address)
    host.bench.host.memory.replaceSubrange(
      start - 4..<start + count + 4, with: repeatElement(0xee, count: count + 8))
    let read = host.transfer(2, first: first, blocks: blocks, at: address)
    #expect(written == 0 && read == 0)
    #expect(Array(host.bench.host.memory[start..<start + count]) == bytes)
    #expect(host.bench.host.memory[start - 4..<start].allSatisfy { $0 == 0xee })
    #expect(host.bench.host.memory[start + count..<start + count + 4].allSatisfy { $0 == 0xee })
    #expect(host.bench.violations.isEmpty && host.bench.fabric.payloads.used == 0)
  }

  @Test(arguments: [UInt64(0x7_8ff8), 0x7_8ff0, 0x7_8f80])
  func listsAreChainedAcrossPages(list: UInt64) throws {
    var host = try host()
    var generator = SeededGenerator(seed: list)
    let count = 128 * 512
    let bytes = generator.bytes(count)
    host.bench.host.memory.replaceSubrange(0x8_0000..<0x8_0000 + count, with: bytes)
    let pages = host.pages(0x8_0000, count, list: list)
    let written = host.execute(Command(opcode: 1, namespace: 1, pages: pages, words: [8, 0, 127]), in: 1)
    #expect(written.status == 0)
    host.bench.host.memory.replaceSubrange(0x8_0000..<0x8_0000 + count, with: repeatElement(0, count: count))
    let read = host.execute(Command(opcode: 2, namespace: 1, pages: pages, words: [8, 0, 127]), in: 1)
    #expect(read.status == 0)
    #expect(Array(host.bench.host.memory[0x8_0000..<0x8_0000 + count]) == bytes)
  }

  static let places: [(UInt64, UInt64, UInt32, UInt16)] = [
    // Not a double word; a second page, and entries of lists, that begin within a page; a list at no entry.
    (0x8_0002, 0, 0, 0x4013), (0x8_0000, 0x8_1004, 15, 0x4013), (0x8_0000, 0x7_8004, 127, 0x4013),
    (0x8_0000, 0x7_9000, 127, 0x4013), (0x8_0000, 0x7_9ff8, 127, 0x4013),
  ]

  @Test(arguments: places)
  func pagesMustBeginWherePagesBegin(first: UInt64, second: UInt64, blocks: UInt32, status: UInt16) throws {
    var host = try host()
    host.bench.host.memory.storeLE(UInt64(0x8_1008), at: 0x7_9000)
    host.bench.host.memory.storeLE(UInt64(0x7_a008), at: 0x7_9ff8)
    for opcode in [UInt8(1), 2] {
      let end = host.execute(
        Command(opcode: opcode, namespace: 1, pages: (first, second), words: [0, 0, blocks]), in: 1)
      #expect(end.status == status)
    }
  }

  @Test func blocksPastTheEndAreRefused() throws {
    var host = try host()
    for (first, blocks) in [(32768, 1), (32767, 2), (.max, 1), (.max - 1, 8)] as [(UInt64, Int)] {
      for opcode in [UInt8(1), 2, 8] {
        let status = host.transfer(opcode, first: first, blocks: blocks)
        #expect(status == 0x4080, "\(opcode) of \(blocks) at \(first)")
      }
    }
    let last = host.transfer(2, first: 32767, blocks: 1)
    #expect(last == 0)
  }

  @Test func moreThanATransferHoldsIsRefused() throws {
    var host = try host()
    let end = host.execute(
      Command(opcode: 2, namespace: 1, pages: (0x8_0000, 0x7_8000), words: [0, 0, 2048]), in: 1)
    #expect(end.status == 0x4002)
  }

  @Test(arguments: [UInt32(0), 2, .max])
  func unknownNamespacesAreRefused(namespace: UInt32) throws {
    var host = try host()
    let status = host.transfer(2, first: 0, blocks: 1, namespace: namespace)
    #expect(status == 0x400b)
    let flush = host.execute(Command(opcode: 0, namespace: namespace), in: 1)
    #expect(flush.status == (namespace == .max ? 0 : 0x400b))
  }

  @Test(arguments: [UInt8(4), 5, 0x0d, 0x80])
  func unknownOpcodesAreInvalid(opcode: UInt8) throws {
    var host = try host()
    let end = host.execute(Command(opcode: opcode, namespace: 1), in: 1)
    #expect(end.status == 0x4001)
  }

  @Test func blocksOf4KiB() throws {
    var host = try host {
      $0.namespaces = [NVMeNamespace(storage: MemoryStorage(byteCount: 1 << 40), blockBytes: 4096)]
    }
    host.bench.host.memory[0x8_0fff] = 0x42
    let written = host.transfer(1, first: (1 << 28) - 1, blocks: 1, blockBytes: 4096)
    host.bench.host.memory[0x8_0fff] = 0
    let read = host.transfer(2, first: (1 << 28) - 1, blocks: 1, blockBytes: 4096)
    #expect(written == 0 && read == 0 && host.bench.host.memory[0x8_0fff] == 0x42)
  }

  static let failures: [(ScriptedHost.Answer, UInt8, Int)] = [
    (.status(.unsupportedRequest), 1, 1), (.status(.completerAbort), 1, 1), (.poisoned, 1, 8),
    (.silence, 1, 1),
    // The list cannot be read.
    (.status(.unsupportedRequest), 2, 64),
  ]

  @Test(arguments: failures)
  func dataThatDoesNotComeChangesNothing(answer: ScriptedHost.Answer, opcode: UInt8, blocks: Int) throws {
    var host = try host()
    host.bench.host.memory[0x8_0000] = 0x11
    let first = host.transfer(1, first: 0, blocks: 1)
    host.bench.host.memory[0x8_0000] = 0x22
    // The commands themselves are read; what comes after them is not.
    let pages = host.pages(0x8_0000, blocks * 512, list: 0x7_8000)
    host.put(Command(opcode: opcode, namespace: 1, pages: pages, words: [0, 0, UInt32(blocks - 1)]), in: 1)
    host.bench.host.failsAfter = (1, answer)
    host.ring(1)
    host.bench.host.failsAfter = nil
    let end = host.take(1)
    #expect(first == 0 && end.map(\.status) == [0x0004])
    let read = host.transfer(2, first: 0, blocks: 1)
    #expect(read == 0 && host.bench.host.memory[0x8_0000] == 0x11)
  }

  @Test func zerosAreWrittenAndRangesDeallocated() throws {
    var host = try host()
    for index in 0..<512 * 8 { host.bench.host.memory[0x8_0000 + index] = 0x33 }
    let written = host.transfer(1, first: 0, blocks: 8)
    let zeroed = host.transfer(8, first: 1, blocks: 2)
    // Ranges 4 and 6 to 7; without the attribute they are advice.
    for (place, (blocks, first)) in [(1, 4), (2, 6)].enumerated() {
      host.bench.host.memory.storeLE(UInt64(blocks) << 32, at: 0x8_0000 + place * 16)
      host.bench.host.memory.storeLE(UInt64(first), at: 0x8_0008 + place * 16)
    }
    let advice = host.execute(Command(opcode: 9, namespace: 1, pages: (0x8_0000, 0), words: [1, 1]), in: 1)
    let gone = host.execute(Command(opcode: 9, namespace: 1, pages: (0x8_0000, 0), words: [0, 4]), in: 1)
    let both = host.execute(Command(opcode: 9, namespace: 1, pages: (0x8_0000, 0), words: [1, 4]), in: 1)
    #expect([written, zeroed, advice.status, gone.status, both.status] == [0, 0, 0, 0, 0])
    _ = host.transfer(2, first: 0, blocks: 8)
    let kept = (0..<8).map { host.bench.host.memory[0x8_0000 + $0 * 512] == 0x33 }
    #expect(kept == [true, false, false, true, false, true, false, false])
    // A range past the end ends the command before anything is done.
    host.bench.host.memory.storeLE(UInt64(1) << 32, at: 0x8_0000)
    host.bench.host.memory.storeLE(UInt64(0), at: 0x8_0008)
    host.bench.host.memory.storeLE(UInt64(1) << 32, at: 0x8_0010)
    host.bench.host.memory.storeLE(UInt64(32768), at: 0x8_0018)
    let wrong = host.execute(Command(opcode: 9, namespace: 1, pages: (0x8_0000, 0), words: [1, 4]), in: 1)
    #expect(wrong.status == 0x4080)
    _ = host.transfer(2, first: 0, blocks: 1)
    #expect(host.bench.host.memory[0x8_0000] == 0x33)
  }

  /// As many ranges as there can be, each of them a whole namespace of 1 TiB of which one block was written.
  @Test func deallocatingALotTouchesOnlyWhatThereIs() throws {
    let blocks = UInt64(1) << 31
    var host = try host { $0.namespaces = [NVMeNamespace(storage: MemoryStorage(byteCount: blocks * 512))] }
    let written = host.transfer(1, first: blocks - 1, blocks: 1)
    for range in 0..<256 {
      host.bench.host.memory.storeLE((blocks - 1) << 32, at: 0x8_0000 + range * 16)
      host.bench.host.memory.storeLE(UInt64(1), at: 0x8_0008 + range * 16)
    }
    let gone = host.execute(Command(opcode: 9, namespace: 1, pages: (0x8_0000, 0), words: [255, 4]), in: 1)
    #expect(written == 0 && gone.status == 0)
    host.bench.host.memory[0x8_0000] = 1
    let read = host.transfer(2, first: blocks - 1, blocks: 1)
    #expect(read == 0 && host.bench.host.memory[0x8_0000..<0x8_0200].allSatisfy { $0 == 0 })
  }

  @Test func storageFailsAndIsFlushed() throws {
    let storage = FlushedStorage()
    var host = try host { $0.namespaces = [NVMeNamespace(storage: storage)] }
    _ = host.transfer(1, first: 0, blocks: 1)
    #expect(storage.flushes == 0)
    let forced = host.execute(
      Command(opcode: 1, namespace: 1, pages: (0x8_0000, 0), words: [0, 0, 1 << 30]), in: 1)
    #expect(forced.status == 0 && storage.flushes == 1)
    let flush = host.execute(Command(opcode: 0, namespace: .max), in: 1)
    #expect(flush.status == 0 && storage.flushes == 2)
    // Without the cache every write is safe at once.
    _ = host.execute(Command(opcode: 9, words: [6, 0]))
    _ = host.transfer(1, first: 0, blocks: 1)
    #expect(storage.flushes == 4)
    storage.isBroken = true
    let (read, write) = (host.transfer(2, first: 0, blocks: 1), host.transfer(1, first: 0, blocks: 1))
    let (zeroes, lost) = (
      host.transfer(8, first: 0, blocks: 1), host.execute(Command(opcode: 0, namespace: 1), in: 1)
    )
    #expect([read, write, zeroes, lost.status] == [0x4281, 0x4280, 0x4280, 0x4280])
    let health = host.log(2, bytes: 512).page
    #expect(health.loadLE(at: 160, as: UInt64.self) == 4)
  }
}

// Whatever is written by commands of any shape is what is read.
extension NVMeBlockTests {
  @Test(arguments: 0..<4)
  func namespaceIsAnArrayOfBlocks(seed: Int) throws {
    var host = try host { $0.namespaces = [NVMeNamespace(storage: MemoryStorage(byteCount: 1 << 21))] }
    host.createQueues(2, entries: 16, completions: 5)
    var generator = SeededGenerator(seed: UInt64(seed))
    var model = [UInt8](repeating: 0, count: 1 << 21)
    for _ in 0..<60 {
      let blocks = 1 + Int(generator.below(generator.below(8) == 0 ? 150 : 12))
      let first = Int(generator.below(UInt64(4096 - blocks)))
      let address = 0x8_0000 + generator.below(1024) * 4
      let list = 0x7_8000 + generator.below(512) * 8
      let (start, place, count) = (Int(address), first * 512, blocks * 512)
      let pages = host.pages(address, count, list: list)
      let words = [UInt32(first), 0, UInt32(blocks - 1)]
      let queue = 1 + Int(generator.below(2))
      switch generator.below(5) {
      case 0, 1:
        let bytes = generator.bytes(count)
        host.bench.host.memory.replaceSubrange(start..<start + count, with: bytes)
        model.replaceSubrange(place..<place + count, with: bytes)
        let end = host.execute(Command(opcode: 1, namespace: 1, pages: pages, words: words), in: queue)
        #expect(end.status == 0)
      case 2:
        model.replaceSubrange(place..<place + count, with: [UInt8](repeating: 0, count: count))
        let end = host.execute(Command(opcode: 8, namespace: 1, words: words), in: queue)
        #expect(end.status == 0)
      default:
        let end = host.execute(Command(opcode: 2, namespace: 1, pages: pages, words: words), in: queue)
        #expect(end.status == 0)
        let read = Array(host.bench.host.memory[start..<start + count])
        let isEqual = read == Array(model[place..<place + count])
        #expect(isEqual, "\(blocks) blocks at \(first)")
      }
      host.bench.host.arrivals.removeAll(keepingCapacity: true)
    }
    #expect(host.bench.violations.isEmpty && host.bench.fabric.payloads.used == 0)
  }
}
