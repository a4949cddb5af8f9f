public import RunEvents

/// Whoever shows or keeps the events of a run.
public protocol RunObserver {
  /// Takes the next event, in the order in which events happen.
  mutating func observe(_ event: Event)
  /// Some time has passed.
  ///
  /// - Units: nanoseconds since the run began.
  mutating func tick(nanoseconds: UInt64)
  /// The terminal has a new size.
  mutating func terminalChanged()
}
