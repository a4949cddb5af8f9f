import PCIe
import Simulation

/// The requests that a program has sent for its function and that wait for completions.
///
/// - Complexity: constant for a request and for a completion; linear in the tags for what comes too late.
struct OutsideRequests: Sendable {
  /// When each tag is given up; zero for one that nobody waits on.
  private var deadlines = ContiguousArray(repeating: VirtualTime.zero, count: 1024)
  /// When the timer runs out that watches over them.
  private(set) var timerAt = VirtualTime.never

  /// Whether a completion with that tag is waited for.
  func isOpen(_ tag: UInt16) -> Bool { deadlines[Int(tag)] != .zero }

  /// Waits for completions with a tag; true when the timer has to be set to the deadline.
  mutating func open(_ tag: UInt16, until deadline: VirtualTime) -> Bool {
    deadlines[Int(tag)] = deadline
    guard deadline < timerAt else { return false }
    timerAt = deadline
    return true
  }

  /// The last completion with a tag has come.
  mutating func close(_ tag: UInt16) { deadlines[Int(tag)] = .zero }

  /// Gives up what has waited too long; the timer is to be set to `timerAt` then. Nil where it is not due.
  mutating func expire(at now: VirtualTime) -> [UInt16]? {
    guard now >= timerAt else { return nil }
    timerAt = .never
    var late: [UInt16] = []
    for tag in deadlines.indices where deadlines[tag] != .zero {
      if deadlines[tag] <= now {
        deadlines[tag] = .zero
        late.append(UInt16(truncatingIfNeeded: tag))
      } else {
        timerAt = min(timerAt, deadlines[tag])
      }
    }
    return late
  }

  /// Gives up everything; the tags that were waited on.
  mutating func removeAll() -> [UInt16] {
    let open = deadlines.indices.filter { deadlines[$0] != .zero }
    for tag in open { deadlines[tag] = .zero }
    return open.map { UInt16(truncatingIfNeeded: $0) }
  }
}
