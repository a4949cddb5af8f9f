// What whoever runs the fabric does with faults.
extension Fabric {
  /// Arms faults; their numbers go on from those armed before.
  public mutating func arm(_ faults: [LinkFault]) {
    for fault in faults { preconditionFailure("\(fault.action) does not act yet") }
  }

  /// What faults have done so far, in order.
  public var strikes: [FaultStrike] { faults.strikes }

  /// How often a fault has struck.
  public func strikeCount(_ rule: Int) -> UInt64 { 0 }

  /// How many matches a fault has seen since it was armed.
  public func matchCount(_ rule: Int) -> UInt64 { 0 }

  /// Arms a fault whose start is manual.
  public mutating func trigger(_ rule: Int) {
    preconditionFailure("fault \(rule) is not armed; there are none")
  }

  /// The faults that have signalled since the last call, in order.
  public mutating func takeSignals() -> [Int] {
    defer { faults.signals.removeAll(keepingCapacity: true) }
    return faults.signals
  }

  /// Whether `takeSignals` has something to give.
  public var hasSignals: Bool { !faults.signals.isEmpty }
}
