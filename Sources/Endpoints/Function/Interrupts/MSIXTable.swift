import LinkBroker
import PCIe

/// The MSI-X table and the pending bits of a function.
///
/// - Layout: a vector has address low and high, data, vector control (bit 0 masks), and a pending bit.
/// - Source: PCI Express Base 5.0, 7.7.2.5 to 7.7.2.12 "MSI-X Table" and "MSI-X PBA".
struct MSIXTable: Sendable {
  /// What an access to a BAR meets.
  enum Region: Hashable, Sendable {
    /// An offset into the table.
    case table(Int)
    /// An offset into the pending bits.
    case pendingBits(Int)
    /// Neither; the offset stays that of the BAR.
    case other
  }

  let count: Int
  /// The BAR has nothing but this: what is neither table nor pending bits reads as zero.
  let ownsBar: Bool
  private let tableBar: Int
  private let tableOffset: Int
  private let pendingBar: Int
  private let pendingOffset: Int
  /// Four words a vector; none as long as all stand as a reset leaves them, so that functions whose software
  /// uses no interrupts cost nothing.
  private var words: [UInt32] = []
  private var pending: [UInt64]

  init(_ capability: MSIXCapability, ownsBar: Bool) {
    count = capability.vectorCount
    self.ownsBar = ownsBar
    tableBar = capability.tableBar
    tableOffset = Int(capability.tableOffset)
    pendingBar = capability.pbaBar
    pendingOffset = Int(capability.pbaOffset)
    pending = [UInt64](repeating: 0, count: (capability.vectorCount + 63) / 64)
  }

  /// The BARs that table and pending bits stand in.
  var bars: [Int] { [tableBar, pendingBar] }

  /// Every vector masked, nothing pending.
  mutating func reset() {
    words = []
    for index in pending.indices { pending[index] = 0 }
  }

  /// A word of the table: vector control masks after a reset, all else is zero.
  private func word(_ index: Int) -> UInt32 { words.isEmpty ? (index & 3 == 3 ? 1 : 0) : words[index] }

  func address(of vector: Int) -> UInt64 {
    UInt64(word(vector * 4 + 1)) << 32 | UInt64(word(vector * 4) & ~3)
  }

  func data(of vector: Int) -> UInt32 { word(vector * 4 + 2) }
  func isMasked(_ vector: Int) -> Bool { word(vector * 4 + 3) & 1 == 1 }
  func isPending(_ vector: Int) -> Bool { pending[vector >> 6] >> UInt64(vector & 63) & 1 == 1 }

  mutating func setPending(_ vector: Int, _ value: Bool) {
    let bit = UInt64(1) << UInt64(vector & 63)
    if value { pending[vector >> 6] |= bit } else { pending[vector >> 6] &= ~bit }
  }

  /// The lowest vector of a range that is pending and not masked.
  ///
  /// - Complexity: 64 vectors at a time, and each that is pending.
  func deliverable(in vectors: Range<Int>) -> Int? {
    var vector = vectors.lowerBound
    while vector < vectors.upperBound {
      let later = pending[vector >> 6] >> UInt64(vector & 63)
      guard later != 0 else {
        vector = (vector | 63) + 1
        continue
      }
      vector += later.trailingZeroBitCount
      if vector < vectors.upperBound, !isMasked(vector) { return vector }
      vector += 1
    }
    return nil
  }
}

// As the BAR shows it.
extension MSIXTable {
  /// What stands at an offset of a BAR, and how many bytes of it follow there.
  func region(_ range: BarRange) -> (region: Region, count: Int) {
    var end = Int.max
    if range.bar == tableBar {
      let offset = range.offset - tableOffset
      if offset >= 0, offset < count * 16 {
        return (.table(offset), Swift.min(range.count, count * 16 - offset))
      }
      if offset < 0 { end = Swift.min(end, -offset) }
    }
    if range.bar == pendingBar {
      let offset = range.offset - pendingOffset
      let bytes = pending.count * 8
      if offset >= 0, offset < bytes { return (.pendingBits(offset), Swift.min(range.count, bytes - offset)) }
      if offset < 0 { end = Swift.min(end, -offset) }
    }
    return (.other, Swift.min(range.count, end))
  }

  func read(
    _ region: Region, count: Int, into payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) {
    for index in 0..<count {
      let byte: UInt8 =
        switch region {
        case .table(let start):
          UInt8(truncatingIfNeeded: word((start + index) >> 2) >> (UInt32((start + index) & 3) * 8))
        case .pendingBits(let start):
          UInt8(truncatingIfNeeded: pending[(start + index) >> 3] >> (UInt64((start + index) & 7) * 8))
        case .other: 0
        }
      fabric.payloads.setByte(payload, at: place + index, to: byte)
    }
  }

  /// Writes table bytes and gives the vectors they belong to.
  mutating func write(
    at start: Int, count: Int, from payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> Range<Int> {
    if words.isEmpty { words = (0..<self.count * 4).map { word($0) } }
    for index in 0..<count {
      let offset = start + index
      // The rest of vector control is reserved.
      let kept: UInt8 = offset & 15 == 12 ? 1 : offset & 15 > 12 ? 0 : 0xff
      let shift = UInt32(offset & 3) * 8
      let byte = UInt32(fabric.payloads.byte(payload, at: place + index) & kept) << shift
      words[offset >> 2] = words[offset >> 2] & ~(0xff << shift) | byte
    }
    return start / 16..<(start + count + 15) / 16
  }
}
