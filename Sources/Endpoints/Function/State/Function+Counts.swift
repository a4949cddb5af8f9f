extension Function {
  /// Starts all counts anew.
  public func resetCounts() {
    tally = FunctionCounters()
    requester.resetCounts()
  }
}
