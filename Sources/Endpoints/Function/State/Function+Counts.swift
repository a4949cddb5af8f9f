extension Function {
  /// Starts all counts anew.
  public func resetCounts() {
    counters = FunctionCounters()
    requester.resetCounts()
  }
}
