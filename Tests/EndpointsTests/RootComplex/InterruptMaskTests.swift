import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Endpoints

@Suite("Interrupts that software has masked")
struct InterruptMaskTests {
  /// A root complex above a memory mock whose vectors are enabled; the test plays a function that ignores masks.
  private final class Bench {
    var fabric = Fabric()
    let root: RootComplex
    let mock: MemoryMock
    let function: DiscoveredFunction
    let table: UInt64

    init() throws {
      root = RootComplex(node: 0, memoryBytes: 4096)
      var configuration = MemoryMockConfiguration()
      configuration.msixVectorCount = 2
      mock = try MemoryMock(configuration)
      _ = fabric.add(root)
      let lower = fabric.add(mock)
      _ = fabric.connect(upstream: (0, 0), downstream: (lower, 0), LinkConfiguration())
      function = try #require(try Enumerator.run(root, in: &fabric).last)
      let place = try #require(mock.function.space.places.msix)
      let word = mock.function.space.doubleWord(place + 4)
      table = try #require(function.bar(Int(word & 7))).address + UInt64(word & ~7)
      fabric.resetMeasurements()
    }

    func mask(_ vector: UInt64, _ value: UInt8) {
      _ = root.write(address: table + vector * 16 + 12, data: [value, 0, 0, 0], in: &fabric)
    }

    func flush() { _ = root.read(address: table, count: 4, in: &fabric) }

    /// Sends a vector whatever the masks say.
    func send(_ vector: Int) throws {
      let data = try #require(mock.function.msix).data(of: vector)
      let payload = fabric.payloads.take(bytes: 4)
      fabric.payloads.setWord(payload, to: data)
      let header = TLPHeader.memoryWrite(
        address: InterruptTarget.address, bytes: 4, requester: function.address)
      fabric.send(FabricTLP(header: header, payload: payload), from: try #require(mock.function.port))
      fabric.run(until: fabric.now + .microseconds(10))
    }

    var violations: [Violation] { fabric.findings.map(\.violation) }
  }

  @Test func vectorSentAfterItsMaskIsAFinding() throws {
    let bench = try Bench()
    bench.mask(1, 1)
    bench.flush()
    try bench.send(1)
    #expect(bench.violations == [.msixMasked])
    #expect(bench.fabric.findings.first?.text == "01:00.0 sent vector 1 while it is masked")
  }

  @Test func otherVectorsMayCome() throws {
    let bench = try Bench()
    bench.mask(1, 1)
    bench.flush()
    try bench.send(0)
    #expect(bench.violations.isEmpty)
  }

  @Test func withoutProofThatTheMaskHasArrivedNothingIsSaid() throws {
    let bench = try Bench()
    bench.mask(1, 1)
    try bench.send(1)
    #expect(bench.violations.isEmpty)
  }

  @Test func readSentBeforeTheMaskProvesNothing() throws {
    let bench = try Bench()
    let early = bench.root.beginRead(address: bench.table, count: 4, in: &bench.fabric)
    bench.mask(1, 1)
    _ = bench.root.finish(early, in: &bench.fabric)
    try bench.send(1)
    #expect(bench.violations.isEmpty)
  }

  @Test func unmaskedVectorMayComeAgain() throws {
    let bench = try Bench()
    bench.mask(1, 1)
    bench.flush()
    bench.mask(1, 0)
    try bench.send(1)
    #expect(bench.violations.isEmpty)
  }

  @Test func functionMaskHoldsForAllVectors() throws {
    let bench = try Bench()
    let place = try #require(bench.mock.function.space.places.msix)
    bench.root.configurationWrite(
      to: bench.function.address, offset: place + 2, size: 2, value: 0xc000, in: &bench.fabric)
    try bench.send(0)
    #expect(bench.violations == [.msixMasked])
  }

  @Test func rewrittenTableIsNoLongerJudged() throws {
    let bench = try Bench()
    _ = bench.root.write(address: bench.table + 8, data: [1, 0, 0, 0], in: &bench.fabric)
    bench.mask(1, 1)
    bench.flush()
    try bench.send(1)
    #expect(bench.violations.isEmpty)
  }
}
