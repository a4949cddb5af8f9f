import Nodes
import Simulation

/// The clock of a case: virtual where every node is a model, the real one where a process takes part.
///
/// Either way it is the fabric's clock that steps and faults count on. On the real clock the fabric's events
/// happen when their instant has come.
struct CaseClock {
  /// The instant of the first step, or of the start of the first process, on the fabric's clock.
  let origin: VirtualTime
  /// The same instant on the machine's clock; nil for a virtual clock.
  let start: MonotonicInstant?

  /// Now on the fabric's clock; nil for a virtual clock, where it is now when the fabric says so.
  var now: VirtualTime? {
    start.map { VirtualTime(picoseconds: Self.add(origin, MonotonicInstant.now.nanoseconds(since: $0))) }
  }

  private static func add(_ origin: VirtualTime, _ nanoseconds: UInt64) -> UInt64 {
    let (picoseconds, overflow) = nanoseconds.multipliedReportingOverflow(by: 1000)
    let (sum, carries) = origin.picoseconds.addingReportingOverflow(picoseconds)
    return overflow || carries ? .max : sum
  }

  /// When an instant of the fabric's clock comes on the machine's; nil for a virtual clock.
  func instant(_ time: VirtualTime) -> MonotonicInstant? {
    guard let start else { return nil }
    guard time > origin else { return start }
    let picoseconds = (time - origin).picoseconds
    return start.adding(nanoseconds: picoseconds / 1000 + (picoseconds % 1000 == 0 ? 0 : 1))
  }

  /// A machine's instant on the fabric's clock.
  func time(_ instant: MonotonicInstant) -> VirtualTime {
    origin + VirtualDuration(picoseconds: picoseconds(instant))
  }

  /// A machine's instant on the clock of the case, which starts at zero.
  ///
  /// - Units: picoseconds.
  func picoseconds(_ instant: MonotonicInstant) -> UInt64 {
    guard let start else { return 0 }
    let (picoseconds, overflow) = instant.nanoseconds(since: start).multipliedReportingOverflow(by: 1000)
    return overflow ? .max : picoseconds
  }
}
