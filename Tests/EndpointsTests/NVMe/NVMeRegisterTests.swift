import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

@Suite struct NVMeRegisterTests {
  @Test func registersAreThoseOfTheSpecification() throws {
    var host = try NVMeHost()
    // MQES 255, CQR, TO 20, the NVM command set, pages of 4 KiB to 64 KiB.
    let (low, high) = (host.get(NVMeRegister.capabilities), host.get(NVMeRegister.capabilities + 4))
    #expect(low == 0x1401_00ff && high == 0x0040_0020)
    let version = host.get(NVMeRegister.version)
    #expect(version == 0x0001_0400)
    let identity = host.bench.register(0x08)
    #expect(identity == 0x0108_0200)
    let pin = host.bench.register(0x3c)
    #expect(pin.map { $0 >> 8 & 0xff } == 0)
  }

  @Test func enablingMakesReadyAndDisablingKeepsTheAdminQueues() throws {
    var host = try NVMeHost()
    let before = host.get(NVMeRegister.status)
    let ready = host.enable()
    #expect(before == 0 && ready == 1)
    host.createQueues(1)
    host.set(NVMeRegister.configuration, 0x0046_0000)
    let disabled = host.get(NVMeRegister.status)
    #expect(disabled == 0)
    let sizes = host.get(NVMeRegister.adminQueueSizes)
    let base = host.get(NVMeRegister.adminSubmissionBase)
    #expect(sizes == 0x001f_001f && base == 0x1000)
    // I/O queues are gone: the same one can be made again.
    host.enable()
    host.createQueues(1)
  }

  static let unusable: [(NVMeUnusable, String)] = [
    (NVMeUnusable(settings: 0x0046_0011), "another command set"),
    (NVMeUnusable(settings: 0x0046_0281), "pages of 128 KiB"),
    (NVMeUnusable(settings: 0x0046_0801), "weighted round robin"),
    (NVMeUnusable(sizes: 0x001f_0000), "a submission queue of one entry"),
    (NVMeUnusable(sizes: 0x0000_001f), "a completion queue of one entry"),
    (NVMeUnusable(settings: 0x0046_0081, submission: 0x1000), "a submission queue within a page"),
    (NVMeUnusable(settings: 0x0046_0081, completion: 0x1000), "a completion queue within a page"),
  ]

  struct NVMeUnusable: Sendable {
    var settings: UInt32 = 0x0046_0001
    var sizes: UInt32 = 0x001f_001f
    var submission: UInt32 = 0x2000
    var completion: UInt32 = 0x4000
  }

  @Test(arguments: unusable)
  func whatCannotWorkIsFatal(case wrong: NVMeUnusable, name: String) throws {
    var host = try NVMeHost()
    host.set(NVMeRegister.adminQueueSizes, wrong.sizes)
    host.set(NVMeRegister.adminSubmissionBase, wrong.submission)
    host.set(NVMeRegister.adminCompletionBase, wrong.completion)
    host.set(NVMeRegister.configuration, wrong.settings)
    let status = host.get(NVMeRegister.status)
    #expect(status == 2, "\(name)")
    // A reset is the way out.
    host.set(NVMeRegister.configuration, 0)
    let ready = host.enable()
    #expect(ready == 1)
  }

  @Test func pagesOf64KiBAreUsed() throws {
    var host = try NVMeHost()
    host.set(NVMeRegister.adminQueueSizes, 0x001f_001f)
    host.set(NVMeRegister.adminSubmissionBase, 0x1_0000)
    host.set(NVMeRegister.adminCompletionBase, 0x2_0000)
    host.set(NVMeRegister.configuration, 0x0046_0201)
    let status = host.get(NVMeRegister.status)
    #expect(status == 1)
  }

  @Test func adminQueuesCannotChangeUnderTheController() throws {
    var host = try NVMeHost()
    host.enable()
    host.set(NVMeRegister.adminSubmissionBase, 0x9000)
    let base = host.get(NVMeRegister.adminSubmissionBase)
    #expect(base == 0x1000)
  }

  @Test func shutdownIsTold() throws {
    let storage = FlushedStorage()
    var host = try NVMeHost { $0.namespaces = [NVMeNamespace(storage: storage)] }
    host.enable()
    host.set(NVMeRegister.configuration, 0x0046_4001)
    let status = host.get(NVMeRegister.status)
    #expect(status == 1 | 2 << 2)
    #expect(storage.flushes == 1)
    host.set(NVMeRegister.configuration, 0x0046_0000)
    let after = host.get(NVMeRegister.status)
    #expect(after == 0)
  }

  @Test func aCacheThatIsSwitchedOffIsFlushed() throws {
    let storage = FlushedStorage()
    var host = try NVMeHost { $0.namespaces = [NVMeNamespace(storage: storage)] }
    host.enable()
    for value: UInt32 in [1, 0, 0] {
      let status = host.execute(NVMeHost.Command(opcode: 9, words: [6, value])).status
      #expect(status == 0)
    }
    #expect(storage.flushes == 1)
  }

  /// The reserved code of SHN asks for nothing.
  @Test func theReservedShutdownIsNone() throws {
    var host = try NVMeHost()
    host.enable()
    host.set(NVMeRegister.configuration, 0x0046_c001)
    let status = host.get(NVMeRegister.status)
    #expect(status == 1)
  }

  @Test func partsOfADoubleWordChangeNothing() throws {
    var host = try NVMeHost()
    host.bench.write(barAddress + 0x24, [0xff])
    host.bench.write(barAddress + 0x26, [0xff, 0x0f])
    let sizes = host.get(NVMeRegister.adminQueueSizes)
    #expect(sizes == 0)
    // A write over two registers reaches both, and a 64-bit one in one write.
    host.bench.write(barAddress + 0x24, [0x1f, 0, 0x1f, 0, 0, 0x10, 0, 0, 1, 0, 0, 0])
    let bytes = host.bench.read(barAddress + 0x24, bytes: 12).data
    #expect(bytes == [0x1f, 0, 0x1f, 0, 0, 0x10, 0, 0, 1, 0, 0, 0])
  }

  @Test func functionLevelResetStartsAllAnewButTheData() throws {
    var host = try NVMeHost()
    host.enable()
    host.createQueues(1)
    host.bench.host.memory[Int(NVMeHost.data)] = 0x5a
    let written = host.transfer(1, first: 3, blocks: 1)
    #expect(written == 0)
    if let place = host.bench.function.space.places.express {
      host.bench.configurationWrite(place + 8, 0xa830)
    }
    host.bench.fabric.run(until: host.bench.fabric.now + VirtualDuration.milliseconds(2))
    host.bench.setUp()
    let status = host.get(NVMeRegister.status)
    let sizes = host.get(NVMeRegister.adminQueueSizes)
    #expect(status == 0 && sizes == 0)
    host.enable()
    host.createQueues(1)
    host.bench.host.memory[Int(NVMeHost.data)] = 0
    let read = host.transfer(2, first: 3, blocks: 1)
    #expect(read == 0 && host.bench.host.memory[Int(NVMeHost.data)] == 0x5a)
  }

  @Test func pageSizeAndCommandSetStayWhileEnabled() throws {
    var host = try NVMeHost()
    host.enable()
    host.set(NVMeRegister.configuration, 0x0046_0a71)
    let settings = host.get(NVMeRegister.configuration)
    #expect(settings == 0x0046_0001)
    host.createQueues(1)
    let status = host.transfer(1, first: 0, blocks: 16)
    #expect(status == 0)
  }

  @Test func configurationsOutOfRangeAreRefused() {
    func error(_ change: (inout NVMeConfiguration) -> Void) -> EndpointError? {
      var configuration = NVMeConfiguration()
      change(&configuration)
      do throws(EndpointError) { _ = try NVMeController(configuration) } catch { return error }
      return nil
    }
    #expect(error { $0.msixVectorCount = 0 } == .vectorCount(0, allowed: 1...2048))
    #expect(error { $0.queueCount = 256 } == .resource("pairs of I/O queues", 256, allowed: 1...255))
    #expect(error { $0.namespaces = [] } == .resource("namespaces", 0, allowed: 1...256))
    #expect(
      error { $0.namespaces[0].blockBytes = 1024 } == .resource("bytes in a block", 1024, allowed: 512...4096)
    )
    #expect(
      error { $0.namespaces = [NVMeNamespace(storage: MemoryStorage(byteCount: 511))] }
        == .resource("blocks in a namespace", 0, allowed: 1...Int.max))
    #expect(error { $0.queueCount = 255 } == nil)
  }
}

/// Storage that counts flushes, and fails when told.
final class FlushedStorage: NamespaceStorage {
  let byteCount: UInt64 = 1 << 20
  private let memory = MemoryStorage(byteCount: 1 << 20)
  var flushes = 0
  var isBroken = false

  func read(at offset: UInt64, count: Int, into target: inout [UInt8]) -> Bool {
    !isBroken && memory.read(at: offset, count: count, into: &target)
  }
  func write(_ bytes: [UInt8], count: Int, at offset: UInt64) -> Bool {
    !isBroken && memory.write(bytes, count: count, at: offset)
  }
  func clear(at offset: UInt64, count: UInt64) -> Bool {
    !isBroken && memory.clear(at: offset, count: count)
  }
  func flush() -> Bool {
    flushes += 1
    return !isBroken
  }
}
