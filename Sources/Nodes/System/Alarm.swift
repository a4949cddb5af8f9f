import CSystem

/// A timer that a poller can watch.
public struct Alarm: ~Copyable {
  private let descriptor: Descriptor
  private var armed: UInt64 = 0

  /// Makes one that is not set.
  public init() throws(SystemError) {
    let result = csys_timer()
    if result < 0 { throw SystemError("make a timer", result: result) }
    descriptor = Descriptor(owning: result)
  }

  /// The descriptor to watch.
  public var number: CInt { descriptor.number }

  /// Fires once at an instant of the monotonic clock; nil disarms.
  public mutating func set(_ instant: MonotonicInstant?) {
    let nanoseconds = instant.map { max(1, $0.nanoseconds) } ?? 0
    if nanoseconds == armed { return }
    armed = nanoseconds
    _ = csys_timer_set(number, nanoseconds)
  }

  /// Takes the fact that it fired.
  public mutating func acknowledge() {
    armed = 0
    _ = try? descriptor.read(upTo: 8)
  }
}
