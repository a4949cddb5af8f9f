import LinkBroker
import PCIe

/// The memory behind all BARs of a model.
struct BarMemories: ~Copyable {
  /// By BAR number; one that the model does not have is empty.
  private var memories: ContiguousArray<BarMemory>
  private let bars: [MemoryBar]
  private let writable: UInt8

  /// - Throws: when a BAR cannot be kept, or its contents do not fit.
  init(_ bars: [MemoryBar]) throws(EndpointError) {
    for bar in bars {
      let (index, bytes) = (bar.layout.index, bar.layout.bytes)
      guard bytes <= BarMemory.byteCountMax else { throw .barTooLarge(bar: index, barBytes: bytes) }
      guard UInt64(bar.contents.count) <= bytes else {
        throw .contentsTooLong(bar: index, bytes: bar.contents.count, barBytes: bytes)
      }
    }
    self.bars = bars
    writable = bars.reduce(0) { $0 | ($1.isWritable ? 1 << UInt8($1.layout.index) : 0) }
    memories = Self.memories(bars)
  }

  /// Keeps the contents of a BAR in a place that others have too.
  mutating func share(_ bar: Int, in storage: any BarStorage) {
    precondition(storage.byteCount == memories[bar].byteCount, "as large as the BAR")
    memories[bar] = BarMemory(storage, contents: contents(of: bar))
  }

  private func contents(of bar: Int) -> [UInt8] { bars.first { $0.layout.index == bar }?.contents ?? [] }

  private static func memories(_ bars: [MemoryBar]) -> ContiguousArray<BarMemory> {
    ContiguousArray(
      (0..<6).map { index in
        let bar = bars.first { $0.layout.index == index }
        return BarMemory(byteCount: bar?.layout.bytes ?? 0, contents: bar?.contents ?? [])
      })
  }

  /// Brings the first contents back.
  mutating func reset() {
    var fresh = Self.memories(bars)
    for bar in memories.indices {
      guard let storage = memories[bar].storage else { continue }
      fresh[bar] = BarMemory(storage, contents: contents(of: bar))
    }
    memories = fresh
  }

  subscript(bar: Int) -> BarMemory { memories[bar] }

  func read(_ range: BarRange, into payload: PayloadReference, at place: Int, in fabric: inout Fabric) {
    memories[range.bar].read(at: range.offset, count: range.count, into: payload, at: place, in: &fabric)
  }

  /// Copies bytes of a BAR that stands in one piece.
  @inline(__always)
  func read(bar: Int, at offset: Int, into target: inout MutableRawSpan) {
    memories[bar].read(at: offset, into: &target)
  }

  /// Copies bytes to a place in a BAR that stands in one piece, unless it is read-only.
  @inline(__always)
  mutating func write(_ bytes: RawSpan, toBar bar: Int, at offset: Int) {
    guard writable >> UInt8(bar) & 1 == 1 else { return }
    memories[bar].write(bytes, at: offset)
  }

  /// Writes to a read-only BAR are taken and change nothing.
  mutating func write(
    _ range: BarRange, from payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) {
    guard writable >> UInt8(range.bar) & 1 == 1 else { return }
    memories[range.bar].write(at: range.offset, count: range.count, from: payload, at: place, in: &fabric)
  }
}
