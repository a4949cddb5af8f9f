import PCIe

extension Function {
  /// Starts all counts and the record of errors anew.
  public func resetCounts() {
    space.forgetRecordedErrors()
    tally = FunctionCounters()
    requester.resetCounts()
  }
}
