import CPCIeLink
import Glibc

/// Looks for work for some microseconds before its owner sleeps, as long as that pays.
///
/// On a machine without a processor to spare it never spins: it would take the processor from the very
/// program that it waits for.
public struct AdaptiveSpin: Sendable {
  private var state = pcie_link_spin()

  /// - Units: `threads` are those that wait for one another.
  public init(threads: Int) { unsafe pcie_link_spin_open(&state, CInt(threads)) }

  /// - Units: `threads` are those that wait for one another; `nanoseconds` are what a look may take at most.
  public init(threads: Int, nanoseconds: UInt64) {
    self.init(threads: threads)
    guard state.full > 0 else { return }
    state.full = nanoseconds
    state.bound = nanoseconds
  }

  /// Looks at descriptors until one of them is ready; none when the time for it is over.
  ///
  /// Whoever else wants the processor has it between two looks.
  public mutating func find(among waits: [TransportWait], nanoseconds: UInt64?) -> [CInt] {
    let length = min(state.bound, nanoseconds ?? .max)
    if length == 0 {
      _ = ended(asleep: true)
      return []
    }
    let end = pcie_link_clock() + length
    var requests = Readiness.requests(for: waits)
    var ready = Readiness.wait(for: &requests, nanoseconds: 0)
    while ready.isEmpty, pcie_link_clock() < end {
      sched_yield()
      ready = Readiness.wait(for: &requests, nanoseconds: 0)
    }
    _ = ended(asleep: ready.isEmpty)
    return ready
  }

  /// Looks until there is work; false when the time for it is over.
  public mutating func find(by watch: borrowing LinkWatch) -> Bool {
    let hasWoken = watch.takeWoken()
    if state.bound > 0 {
      let bound = hasWoken ? max(state.bound, UInt64(PCIE_LINK_WAKE_NANOSECONDS)) : state.bound
      let end = pcie_link_clock() + bound
      repeat {
        for _ in 0..<Self.looks {
          pcie_link_pause()
          if watch.hasNews { return ended(asleep: false) }
        }
      } while pcie_link_clock() < end
    }
    for _ in 0..<Self.yields {
      sched_yield()
      if watch.hasNews { return ended(asleep: false) }
    }
    _ = ended(asleep: true)
    return false
  }

  private mutating func ended(asleep: Bool) -> Bool {
    unsafe pcie_link_spin_ended(&state, asleep ? 1 : 0)
    return true
  }

  /// Looks between two readings of the clock, which cost about as much as one of them.
  private static let looks = 8
  /// A hand-over by yielding costs half of one by sleeping.
  private static let yields = 2
}
