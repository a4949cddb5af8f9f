import LinkBroker
import PCIe
import Testing

@testable import Endpoints

@Suite struct NVMeAdminTests {
  typealias Command = NVMeHost.Command

  private func host(_ change: (inout NVMeConfiguration) -> Void = { _ in }) throws -> NVMeHost {
    var host = try NVMeHost(change)
    host.enable()
    return host
  }

  @Test func identifyControllerSaysWhatItHas() throws {
    var host = try host()
    let (status, page) = host.identify(1)
    #expect(status == 0)
    #expect(page.loadLE(at: 0, as: UInt16.self) == 0x16c3)
    #expect(String(decoding: page[24..<41], as: UTF8.self) == "pcie-harness nvme")
    #expect(page[77] == 8 && page[111] == 1 && page[512] == 0x66 && page[513] == 0x44)
    #expect(page.loadLE(at: 80, as: UInt32.self) == 0x0001_0400)
    #expect(page.loadLE(at: 516, as: UInt32.self) == 1)
    #expect(page[525] == 7)
    let name = String(decoding: page[768...].prefix { $0 != 0 }, as: UTF8.self)
    #expect(name.hasPrefix("nqn.2014-08.org.nvmexpress:uuid:") && name.count == 32 + 36)
  }

  @Test func identitiesDifferBySeed() throws {
    var first = try host()
    var second = try host { $0.seed = 8 }
    let (one, other) = (first.identify(1).page, second.identify(1).page)
    #expect(one[4..<24] != other[4..<24] && one[768...] != other[768...])
    let (left, right) = (first.identify(3, namespace: 1).page, second.identify(3, namespace: 1).page)
    #expect(left[0..<4] == [2, 16, 0, 0] && left[4..<20] != right[4..<20])
  }

  @Test func identifyNamespaceTellsItsBlocks() throws {
    var host = try host {
      $0.namespaces.append(NVMeNamespace(storage: MemoryStorage(byteCount: 1 << 30), blockBytes: 4096))
    }
    let first = host.identify(0, namespace: 1)
    #expect(first.status == 0 && first.page.loadLE(at: 0, as: UInt64.self) == 32768 && first.page[130] == 9)
    let second = host.identify(0, namespace: 2)
    #expect(
      second.status == 0 && second.page.loadLE(at: 8, as: UInt64.self) == 1 << 18 && second.page[130] == 12)
    let list = host.identify(2).page
    #expect(list[0..<12] == [1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0])
    let rest = host.identify(2, namespace: 1).page
    #expect(rest[0..<8] == [2, 0, 0, 0, 0, 0, 0, 0])
  }

  static let wrong: [(UInt32, UInt32, UInt16)] = [
    (0, 0, 0x400b), (0, 2, 0x400b), (0, .max, 0x400b), (3, 2, 0x400b), (2, .max - 1, 0x400b), (6, 0, 0x4002),
    (0x10, 0, 0x4002),
  ]

  @Test(arguments: wrong)
  func identifyRefuses(kind: UInt32, namespace: UInt32, status: UInt16) throws {
    var host = try host()
    host.bench.host.memory[Int(NVMeHost.data)] = 0x77
    let end = host.identify(kind, namespace: namespace)
    #expect(end.status == status && end.page[0] == 0x77)
  }

  @Test(arguments: [UInt8(0x03), 0x0d, 0x10, 0x18, 0x80, 0xc0])
  func unknownOpcodesAreInvalid(opcode: UInt8) throws {
    var host = try host()
    let end = host.execute(Command(opcode: opcode))
    #expect(end.status == 0x4001 && end.more)
  }

  @Test(arguments: [UInt8(1), 2, 0x40, 0x80])
  func fusedCommandsAndScatterListsAreInvalid(flags: UInt8) throws {
    var host = try host()
    let end = host.execute(Command(opcode: 6, flags: flags, pages: (NVMeHost.data, 0), words: [1]))
    #expect(end.status == 0x4002)
  }

  @Test func identifiersInUseConflict() throws {
    var host = try host()
    host.put(Command(opcode: 0x0c, identifier: 0x700))
    host.put(Command(opcode: 6, identifier: 0x700, pages: (NVMeHost.data, 0), words: [1]))
    host.ring(0)
    let ends = host.take()
    #expect(ends.map(\.status) == [0x4003])
  }
}

// Features.
extension NVMeAdminTests {
  @Test func featuresAreKeptAndResetWithTheController() throws {
    var host = try host()
    for (feature, value) in [(1, 5), (4, 0x150), (5, 10), (6, 0), (8, 0x105), (10, 1), (11, 3)]
      as [(UInt32, UInt32)]
    {
      let set = host.execute(Command(opcode: 9, words: [feature, value]))
      let get = host.execute(Command(opcode: 10, words: [feature]))
      #expect(set.status == 0 && get.status == 0 && get.result == value, "feature \(feature)")
    }
    host.set(NVMeRegister.configuration, 0)
    host.enable()
    let cache = host.execute(Command(opcode: 10, words: [6]))
    #expect(cache.result == 1)
  }

  @Test func numberOfQueuesIsWhatThereIs() throws {
    var host = try host { $0.queueCount = 4 }
    let many = host.execute(Command(opcode: 9, words: [7, 0x001f_001f]))
    #expect(many.status == 0 && many.result == 0x0003_0003)
    let few = host.execute(Command(opcode: 9, words: [7, 0x0000_0001]))
    #expect(few.result == 0x0000_0001)
    let wrong = host.execute(Command(opcode: 9, words: [7, 0xffff_0000]))
    #expect(wrong.status == 0x4002)
    host.createQueues(1)
    let late = host.execute(Command(opcode: 9, words: [7, 0]))
    #expect(late.status == 0x400c)
  }

  @Test func vectorsAreConfiguredOneByOne() throws {
    var host = try host()
    let set = host.execute(Command(opcode: 9, words: [9, 1 << 16 | 3]))
    let (third, second) = (
      host.execute(Command(opcode: 10, words: [9, 3])), host.execute(Command(opcode: 10, words: [9, 2]))
    )
    #expect(set.status == 0 && third.result == 1 << 16 | 3 && second.result == 2)
    let wrong = host.execute(Command(opcode: 9, words: [9, 9]))
    #expect(wrong.status == 0x4002)
  }

  static let refusals: [(UInt8, [UInt32], UInt16)] = [
    (9, [0x8000_0001, 0], 0x410d), (9, [0x0c, 0], 0x4002), (9, [3, 0], 0x4002), (9, [2, 1], 0x4002),
    (9, [4, 0x0001_0150], 0x4002), (9, [4, 0x0020_0150], 0x4002), (10, [0x0d], 0x4002), (10, [0x101], 0x4002),
    (10, [9, 9], 0x4002),
  ]

  @Test(arguments: refusals)
  func featuresAreRefused(opcode: UInt8, words: [UInt32], status: UInt16) throws {
    var host = try host()
    let end = host.execute(Command(opcode: opcode, words: words))
    #expect(end.status == status)
  }
}

// Logs and events.
extension NVMeAdminTests {
  @Test func errorsAreLogged() throws {
    var host = try host()
    let empty = host.log(1, bytes: 256)
    #expect(empty.status == 0 && empty.page.allSatisfy { $0 == 0 })
    let identifier = host.put(Command(opcode: 0x7f, namespace: 5))
    host.ring(0)
    _ = host.take()
    let page = host.log(1, bytes: 64).page
    #expect(page.loadLE(at: 0, as: UInt64.self) == 1 && page.loadLE(at: 8, as: UInt16.self) == 0)
    #expect(page.loadLE(at: 10, as: UInt16.self) == identifier)
    #expect(page.loadLE(at: 12, as: UInt16.self) == 0x6001 << 1)
    #expect(page.loadLE(at: 24, as: UInt32.self) == 5)
    // The newest first, as many as there are places.
    for _ in 0..<6 { _ = host.execute(Command(opcode: 0x7e)) }
    let more = host.log(1, bytes: 256).page
    #expect((0..<4).map { more.loadLE(at: $0 * 64, as: UInt64.self) } == [7, 6, 5, 4])
    let part = host.log(1, bytes: 8, offset: 64).page
    #expect(part.loadLE(at: 0, as: UInt64.self) == 6)
  }

  @Test func healthCountsWhatWasDone() throws {
    var host = try host()
    host.createQueues(1)
    _ = host.transfer(1, first: 0, blocks: 4)
    _ = host.transfer(2, first: 0, blocks: 2)
    _ = host.transfer(2, first: 1, blocks: 1)
    _ = host.transfer(2, first: .max, blocks: 1)
    let (status, page) = host.log(2, bytes: 512)
    #expect(status == 0 && page.loadLE(at: 1, as: UInt16.self) == 300 && page[3] == 100)
    #expect(page.loadLE(at: 32, as: UInt64.self) == 1 && page.loadLE(at: 48, as: UInt64.self) == 1)
    #expect(page.loadLE(at: 64, as: UInt64.self) == 2 && page.loadLE(at: 80, as: UInt64.self) == 1)
    #expect(page.loadLE(at: 176, as: UInt64.self) == 1)
    let firmware = host.log(3, bytes: 512).page
    #expect(firmware[0] == 1 && firmware[8] == UInt8(ascii: "1"))
  }

  /// A model has 300 K.
  @Test(arguments: [(0x12c, 2), (0x12d, 0), (0x10_012b, 0), (0x10_012c, 2)] as [(UInt32, UInt8)])
  func reachedThresholdsAreWarnedOf(threshold: UInt32, warning: UInt8) throws {
    var host = try host()
    let set = host.execute(Command(opcode: 9, words: [4, threshold]))
    #expect(set.status == 0)
    let page = host.log(2, bytes: 512).page
    #expect(page[0] == warning)
  }

  @Test func aResetIsNoLossOfPower() throws {
    var host = try host()
    host.bench.device.functionReset(.conventional, in: &host.bench.fabric)
    host.enable()
    let page = host.log(2, bytes: 512).page
    #expect(page.loadLE(at: 112, as: UInt64.self) == 1 && page.loadLE(at: 144, as: UInt64.self) == 0)
  }

  @Test func logPagesAreRefused() throws {
    var host = try host()
    let unknown = host.log(5, bytes: 64)
    #expect(unknown.status == 0x4109)
    let long = host.execute(Command(opcode: 2, namespace: .max, pages: (NVMeHost.data, 0), words: [1, 0x10]))
    #expect(long.status == 0x4002)
    let offset = host.log(1, bytes: 64, offset: 2)
    #expect(offset.status == 0x4002)
    let namespace = host.execute(Command(opcode: 2, namespace: 1, pages: (NVMeHost.data, 0), words: [2]))
    #expect(namespace.status == 0x400b)
  }

  @Test func eventRequestsWaitAndHaveALimit() throws {
    var host = try host(entries: 2...)
    for _ in 0..<5 { host.put(Command(opcode: 0x0c)) }
    host.ring(0)
    let ends = host.take()
    #expect(ends.map(\.status) == [0x4105])
    // They hold neither slots nor places of the queue.
    let other = host.identify(1)
    #expect(other.status == 0)
  }

  private func host(entries: PartialRangeFrom<Int>) throws -> NVMeHost {
    var host = try NVMeHost()
    host.enable(entries: 8, completions: entries.lowerBound)
    return host
  }

  @Test func wrongDoorbellsAreEvents() throws {
    var host = try host()
    let identifier = host.put(Command(opcode: 0x0c))
    host.ring(0)
    host.ring(0, isCompletion: false, 32)
    let value = host.take()
    #expect(value.map(\.identifier) == [identifier] && value.first?.result == 0x0001_0100)
    // The type is silent until its log has been read.
    let second = host.put(Command(opcode: 0x0c))
    host.ring(0)
    host.ring(5, isCompletion: false, 1)
    let none = host.take()
    #expect(none.isEmpty)
    // It has not been read by a command that is refused.
    let refused = host.log(1, bytes: 64, offset: 2)
    host.ring(5, isCompletion: true, 1)
    let still = host.take()
    #expect(refused.status == 0x4002 && still.isEmpty)
    let page = host.log(1, bytes: 64).page
    #expect(page.loadLE(at: 8, as: UInt16.self) == .max && page.loadLE(at: 0, as: UInt64.self) == 4)
    host.ring(5, isCompletion: true, 1)
    let register = host.take()
    #expect(register.map(\.identifier) == [second] && register.first?.result == 0x0001_0000)
  }

  @Test func completionHeadsPastTheTailAreWrong() throws {
    var host = try host()
    let identifier = host.put(Command(opcode: 0x0c))
    host.ring(0)
    host.ring(0, isCompletion: true, 3)
    let event = host.take()
    #expect(event.map(\.identifier) == [identifier] && event.first?.result == 0x0001_0100)
  }

  @Test func eventRequestsCanBeAborted() throws {
    var host = try host()
    let identifier = host.put(Command(opcode: 0x0c))
    host.put(Command(opcode: 8, words: [UInt32(identifier) << 16]))
    host.ring(0)
    let ends = host.take()
    #expect(ends.map(\.status) == [0x4007, 0] && ends.map(\.result) == [0, 0])
    #expect(ends.first?.identifier == identifier)
    // What has ended, or never was, is not aborted.
    let again = host.execute(Command(opcode: 8, words: [UInt32(identifier) << 16]))
    #expect(again.status == 0 && again.result == 1)
  }
}
