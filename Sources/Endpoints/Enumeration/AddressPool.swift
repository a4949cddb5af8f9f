/// A range of addresses that is handed out from its start, aligned as asked.
struct AddressPool {
  let name: String
  private(set) var next: UInt64
  let end: UInt64

  init(name: String, _ range: Range<UInt64>) {
    self.name = name
    next = range.lowerBound
    end = range.upperBound
  }

  /// The next multiple of an alignment, nil when the range is used up.
  mutating func align(_ alignment: UInt64) -> UInt64? {
    let (sum, overflow) = next.addingReportingOverflow(alignment - 1)
    guard !overflow else { return nil }
    let aligned = sum & ~(alignment - 1)
    guard aligned <= end else { return nil }
    next = aligned
    return aligned
  }

  /// A range of so many bytes, nil when too few are left.
  mutating func take(_ bytes: UInt64, alignedTo alignment: UInt64) -> UInt64? {
    let before = next
    guard let start = align(alignment), bytes <= end - start else {
      next = before
      return nil
    }
    next = start + bytes
    return start
  }
}
