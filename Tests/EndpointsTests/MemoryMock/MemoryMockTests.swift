import LinkBroker
import PCIe
import Testing

@testable import Endpoints

private let bar0: UInt64 = 0x9000_0000
private let bar1: UInt64 = 0x9010_0000

@Suite struct MemoryMockTests {
  @Test func defaultsAreThoseOfTheWellKnownMock() throws {
    var bench = DeviceBench(try MemoryMock())
    let id = bench.register(0)
    #expect(id == 0x0002_0001)
    let pattern = bench.read(bar0, bytes: 128).data
    #expect(pattern == (0x10...0x8f).map { UInt8($0) })
    bench.write(bar0 + 4, [0xff, 0xff, 0xff, 0xff])
    let after = bench.read(bar0, bytes: 128).data
    #expect(after == pattern)
    let sizes = bench.function.space.header.bars.map(\.bytes)
    #expect(sizes == [128, 2048])
    #expect(bench.violations.isEmpty)
  }

  @Test(arguments: [(0, 1), (1, 1), (3, 2), (2, 7), (0, 64), (0x3fd, 253), (1, 255), (2047, 1), (1024, 256)])
  func bytesComeBack(offset: Int, count: Int) throws {
    var bench = DeviceBench(try MemoryMock())
    let data = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    bench.write(bar1 + UInt64(offset), data)
    let seen = bench.read(bar1 + UInt64(offset), bytes: count).data
    #expect(seen == data)
    let all = bench.read(bar1, bytes: 2048).data
    var due = [UInt8](repeating: 0, count: 2048)
    due.replaceSubrange(offset..<offset + count, with: data)
    #expect(all == due)
    #expect(bench.fabric.payloads.used == 0)
  }

  @Test(arguments: [UInt64(0x8fff_fffc), 0x9000_0080, 0x9010_0800, 0x1_9000_0000, 0])
  func outsideEveryBarIsUnsupported(address: UInt64) throws {
    var bench = DeviceBench(try MemoryMock())
    let statuses = bench.read(address, bytes: 4).statuses
    #expect(statuses == [.unsupportedRequest])
    let silence = bench.write(address, [1, 2, 3, 4])
    #expect(silence.isEmpty)
    #expect(bench.violations == [.unsupportedRequest, .unsupportedRequest])
  }

  @Test func requestThatLeavesItsBarIsUnsupported() throws {
    var bench = DeviceBench(try MemoryMock())
    let statuses = bench.read(bar0 + 124, bytes: 8).statuses
    #expect(statuses == [.unsupportedRequest])
    #expect(bench.fabric.findings.first?.text.contains("bar0 0x90000000 to 0x9000007f") == true)
  }

  @Test func identityBarsAndVectorsAreSettable() throws {
    var configuration = MemoryMockConfiguration()
    configuration.vendorID = 0x1234
    configuration.deviceID = 0x5678
    configuration.classCode = 0x01_0802
    configuration.msixVectorCount = 300
    configuration.bars = [
      MemoryBar(BarLayout(index: 0, bytes: 1 << 32, kind: .memory64(prefetchable: true))),
      MemoryBar(BarLayout(index: 3, bytes: 64, kind: .io), contents: [1, 2, 3]),
    ]
    let mock = try MemoryMock(configuration)
    let header = mock.function.space.header
    #expect(header.vendorID == 0x1234 && header.deviceID == 0x5678 && header.classCode == 0x01_0802)
    // BAR0 takes two slots, so the MSI-X table of 4800 bytes goes to BAR2.
    #expect(header.bars.map(\.index) == [0, 3, 2])
    #expect(header.bars.last?.bytes == 8192)
    #expect(mock.function.msixVectorCount == 300)
  }

  @Test func largeBarKeepsWhatIsWrittenFarApart() throws {
    var configuration = MemoryMockConfiguration()
    configuration.bars = [MemoryBar(BarLayout(index: 0, bytes: 1 << 40, kind: .memory64(prefetchable: true)))]
    var bench = DeviceBench(try MemoryMock(configuration), isSetUp: false)
    bench.configurationWrite(HeaderRegister.bar(0), 0)
    bench.configurationWrite(HeaderRegister.bar(1), 0x100)
    bench.configurationWrite(HeaderRegister.command, 2)
    let base: UInt64 = 1 << 40
    bench.write(base + 0x12_3456_7890, [1, 2, 3, 4])
    bench.write(base + 0xff_ffff_fffc, [5, 6, 7, 8])
    let first = bench.read(base + 0x12_3456_7890, bytes: 4).data
    let last = bench.read(base + 0xff_ffff_fff8, bytes: 8).data
    #expect(first == [1, 2, 3, 4])
    #expect(last == [0, 0, 0, 0, 5, 6, 7, 8])
  }

  @Test func configurationsThatCannotBeAreRefused() {
    func error(_ change: (inout MemoryMockConfiguration) -> Void) -> EndpointError? {
      var configuration = MemoryMockConfiguration()
      change(&configuration)
      do {
        _ = try MemoryMock(configuration)
        return nil
      } catch { return error }
    }
    let memory = BarLayout.Kind.memory32(prefetchable: false)
    let notPower = error { $0.bars = [MemoryBar(BarLayout(index: 0, bytes: 100, kind: memory))] }
    #expect(notPower == .configurationSpace(.barSizeNotPowerOfTwo(index: 0, bytes: 100)))
    let full = error {
      $0.bars = (0..<6).map { MemoryBar(BarLayout(index: $0, bytes: 128, kind: memory)) }
      $0.msixVectorCount = 1
    }
    #expect(full == .noBarForMSIX)
    let long = error {
      $0.bars = [
        MemoryBar(BarLayout(index: 0, bytes: 16, kind: memory), contents: .init(repeating: 1, count: 17))
      ]
    }
    #expect(long == .contentsTooLong(bar: 0, bytes: 17, barBytes: 16))
    let large = error {
      $0.bars = [MemoryBar(BarLayout(index: 0, bytes: 1 << 41, kind: .memory64(prefetchable: true)))]
    }
    #expect(large == .barTooLarge(bar: 0, barBytes: 1 << 41))
    for refusal in [notPower, full, long, large] { #expect(refusal?.description.isEmpty == false) }
  }

  @Test func resetBringsTheFirstContentsBack() throws {
    var bench = DeviceBench(try MemoryMock())
    bench.write(bar1, [9, 9, 9, 9])
    bench.fabric.takeDown(link: bench.link, .hotReset)
    bench.fabric.bringUp(link: bench.link)
    bench.fabric.runUntilIdle()
    bench.setUp()
    let data = bench.read(bar1, bytes: 4).data
    #expect(data == [0, 0, 0, 0])
  }
}
