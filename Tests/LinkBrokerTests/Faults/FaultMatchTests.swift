import PCIe
import Simulation
import Testing

@testable import LinkBroker

@Suite("What a fault matches")
struct FaultMatchTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var match: LinkFault.Match?
    /// The samples that fit.
    var fits: @Sendable (Sample) -> Bool
    var testDescription: String { name }

    init(_ name: String, _ match: LinkFault.Match?, fits: @escaping @Sendable (Sample) -> Bool) {
      self.name = name
      self.match = match
      self.fits = fits
    }
  }

  static let cases: [Case] = [
    Case("nothing said", nil) { _ in true },
    Case("any", .init()) { _ in true },
    Case("one kind", .init(.tlps(.init(.memoryWrite)))) { $0.header.kind == .memoryWrite },
    Case("two kinds", .init(.tlps(.init(.memoryRead, .completion)))) {
      $0.header.kind == .memoryRead || $0.header.kind == .completion
    },
    Case("no kind", .init(.tlps([]))) { _ in false },
    Case("address touched from below", .init(address: 0x2010...0x2013)) {
      $0.name == "write" && $0.payload.count == 64
    },
    Case("last byte of a request", .init(address: 0x203f...0x20ff)) { $0.payload.count == 64 },
    Case("first byte behind a request", .init(address: 0x2040...0x20ff)) { _ in false },
    Case("wide address", .init(address: 0x12_0000_0000...0x12_ffff_ffff)) { $0.name.hasPrefix("wide") },
    Case("I/O address", .init(address: 0x400...0x407)) { $0.name.hasPrefix("I/O") },
    Case("length of payload or read", .init(length: 16...32)) {
      $0.name.hasPrefix("wide") || $0.header.kind == .compareAndSwap
    },
    Case("length no TLP has", .init(length: 100...200)) { _ in false },
    Case("tag of request and completion", .init(tag: 5)) { $0.header.tag == 5 },
    Case("tag of nine bits", .init(tag: 0x1ff)) { $0.name == "wide read" },
    Case("tag with the same low bits", .init(tag: 0x2ff)) { _ in false },
    Case("requester", .init(requester: Sample.other)) { $0.name == "data" },
    Case("other requester", .init(requester: FunctionAddress(rawValue: 0x7777))) { _ in false },
    Case("byte enables", .init(firstByteEnables: 0b0001)) { $0.name == "I/O write" },
    Case("byte enables of two bytes", .init(firstByteEnables: 0b0011)) { $0.name == "configuration write" },
    Case("interrupt", .init(.interrupt(vector: 3))) { $0.name == "interrupt" },
    Case("other vector", .init(.interrupt(vector: 0))) { _ in false },
    Case(
      "all at once",
      .init(
        .tlps(.init(.memoryRead)), address: 0x1000...0x1003, length: 4...4, tag: 5, requester: requester,
        firstByteEnables: 0xf)
    ) { $0.name == "read" },
    Case(
      "all but one",
      .init(
        .tlps(.init(.memoryRead)), address: 0x1000...0x1003, length: 4...4, tag: 5, requester: requester,
        firstByteEnables: 0xe)
    ) { _ in false },
  ]

  @Test("match", arguments: cases)
  func match(_ test: Case) {
    for sample in Sample.kinds {
      var bench = FaultBench()
      bench.arm(
        LinkFault(.signal, on: FaultBench.down, match: test.match ?? LinkFault.Match()))
      bench.run([sample])
      let isExpected = test.fits(sample)
      #expect(bench.pair.fabric.matchCount(0) == (isExpected ? 1 : 0), "\(sample.name) \(sample.header)")
      #expect(bench.pair.fabric.takeSignals() == (isExpected ? [0] : []))
      #expect(bench.pair.fabric.strikes.map(\.header) == (isExpected ? [sample.header] : []))
    }
  }

  @Test("only the directions of a fault are watched")
  func directions() {
    for (directions, expected) in [
      (FaultBench.down, 1), (FaultBench.up, 0), (FaultBench.down + FaultBench.up, 1),
    ] {
      var bench = FaultBench()
      bench.arm(LinkFault(.drop, on: directions))
      bench.run([.write(0)])
      #expect(bench.device.arrivals.count == 1 - expected)
      #expect(bench.pair.fabric.strikes.map(\.isDownstream) == Array(repeating: true, count: expected))
    }
  }
}
