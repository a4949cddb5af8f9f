import PCIe
import Testing

@testable import Endpoints

/// AtomicOps on host memory.
///
/// - Source: PCI Express Base 5.0, 6.15 "Atomic Operations (AtomicOps)".
struct AtomicOperationTests {
  private func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
  }

  /// Kind, operand size, what stands in memory, operands, what stands there afterwards.
  static let operations: [(TLPKind, Int, UInt64, [UInt64], UInt64)] = [
    (.fetchAdd, 4, 5, [7], 12), (.fetchAdd, 4, 0xffff_ffff, [2], 1),
    (.fetchAdd, 8, 0xffff_ffff, [1], 0x1_0000_0000), (.fetchAdd, 8, .max, [.max], .max - 1),
    (.swap, 4, 1, [2], 2), (.swap, 8, 1, [0x0102_0304_0506_0708], 0x0102_0304_0506_0708),
    (.compareAndSwap, 4, 9, [9, 4], 4), (.compareAndSwap, 4, 9, [8, 4], 9),
    (.compareAndSwap, 8, 0x1_0000_0009, [0x1_0000_0009, 0], 0),
    (.compareAndSwap, 8, 0x1_0000_0009, [9, 0], 0x1_0000_0009),
  ]

  @Test(arguments: operations.indices) func operation(index: Int) {
    let (kind, size, before, operands, after) = Self.operations[index]
    let bench = RootComplexBench()
    bench.root.core.memory.bytes.replaceSubrange(0x100..<0x110, with: [UInt8](repeating: 0x77, count: 16))
    bench.root.core.memory.bytes.replaceSubrange(0x100..<0x100 + size, with: bytes(before, size))
    let header = TLPHeader.atomic(
      kind, address: 0x100, operandBytes: size, requester: RootComplexBench.deviceID(0), tag: 3)
    bench.send(header, operands.flatMap { bytes($0, size) })
    let answer = bench.devices[0].arrivals.first
    #expect(bench.devices[0].arrivals.count == 1)
    #expect(answer?.header.completionStatus == .successful)
    #expect((answer?.header.byteCount, answer?.header.lowerAddress) == (size, 0))
    #expect(answer?.payload == bytes(before, size))
    let memory = bench.root.core.memory.bytes
    #expect(Array(memory[0x100..<0x100 + size]) == bytes(after, size))
    #expect(memory[0x100 + size..<0x110].allSatisfy { $0 == 0x77 })
    #expect(bench.violations.isEmpty)
  }

  @Test func compareAndSwapOf128Bits() {
    let bench = RootComplexBench()
    let old = (0..<16).map { UInt8($0) }
    let new = (0..<16).map { UInt8(200 + $0) }
    bench.root.core.memory.bytes.replaceSubrange(0x200..<0x210, with: old)
    let header = TLPHeader.atomic(
      .compareAndSwap, address: 0x200, operandBytes: 16, requester: RootComplexBench.deviceID(0), tag: 3)
    bench.send(header, old + new)
    #expect(bench.devices[0].arrivals.map(\.payload) == [old])
    #expect(Array(bench.root.core.memory.bytes[0x200..<0x210]) == new)
  }

  @Test func outsideMemory() {
    let bench = RootComplexBench()
    let header = TLPHeader.atomic(
      .fetchAdd, address: 0x1_0000, operandBytes: 4, requester: RootComplexBench.deviceID(0), tag: 3)
    bench.send(header, [1, 0, 0, 0])
    #expect(bench.devices[0].arrivals.map(\.header.completionStatus) == [.unsupportedRequest])
  }

  @Test func poisonedOperandChangesNothing() {
    let bench = RootComplexBench()
    var header = TLPHeader.atomic(
      .swap, address: 0x100, operandBytes: 4, requester: RootComplexBench.deviceID(0), tag: 3)
    header.isPoisoned = true
    bench.send(header, [1, 2, 3, 4])
    #expect(bench.devices[0].arrivals.map(\.header.completionStatus) == [.unsupportedRequest])
    #expect(bench.root.core.memory.bytes[0x100..<0x104].allSatisfy { $0 == 0 })
  }
}
