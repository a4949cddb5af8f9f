/// What cases take of the machine while they run.
struct CaseWeight: Hashable {
  var slots: Int
  /// - Units: bytes.
  var memory: UInt64

  /// Whether it fits into a whole beside what is taken of that.
  func fits(into whole: CaseWeight, beside taken: CaseWeight) -> Bool {
    let both = taken.adding(self)
    return both.slots <= whole.slots && both.memory <= whole.memory
  }

  func adding(_ other: CaseWeight) -> CaseWeight {
    let (sum, overflow) = memory.addingReportingOverflow(other.memory)
    return CaseWeight(slots: slots + other.slots, memory: overflow ? .max : sum)
  }
}
