/// The union of some address ranges, to tell quickly that a request goes elsewhere.
struct AddressCover: Sendable {
  /// Disjoint and ascending.
  private var ranges: ContiguousArray<ClosedRange<UInt64>> = []
  /// A stretch without any range, the one where a request went last; empty before.
  private var gap: (first: UInt64, last: UInt64) = (1, 0)

  init(_ ranges: [ClosedRange<UInt64>]) {
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = self.ranges.last, range.lowerBound <= last.upperBound {
        self.ranges[self.ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        self.ranges.append(range)
      }
    }
  }

  /// Whether one of these addresses lies in a range.
  ///
  /// - Complexity: O(1) in the gap of the last call, else O(log n).
  @inline(__always)
  mutating func touches(_ addresses: (first: UInt64, last: UInt64)) -> Bool {
    if addresses.first >= gap.first, addresses.last <= gap.last { return false }
    return search(addresses)
  }

  private mutating func search(_ addresses: (first: UInt64, last: UInt64)) -> Bool {
    // The first range that begins behind the addresses.
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound > addresses.last { high = middle } else { low = middle + 1 }
    }
    if low > 0, ranges[low - 1].upperBound >= addresses.first { return true }
    let before = low > 0 ? ranges[low - 1].upperBound + 1 : 0
    gap = (before, low < ranges.count ? ranges[low].lowerBound - 1 : .max)
    return false
  }
}
