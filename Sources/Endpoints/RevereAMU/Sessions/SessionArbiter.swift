import Simulation

/// Who moves next: sessions by priority and in turn, and hardware contexts that have messages.
///
/// - Complexity: O(1) for each turn, whatever the number of sessions.
struct SessionArbiter: Sendable {
  /// A first-in, first-out list of numbers, which allocates only to grow.
  struct Line: Sendable {
    private var items: [Int32] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }

    mutating func append(_ item: Int) {
      if isEmpty {
        items.removeAll(keepingCapacity: true)
        head = 0
      }
      items.append(Int32(truncatingIfNeeded: item))
    }

    mutating func popFirst() -> Int? {
      guard !isEmpty else { return nil }
      defer { head += 1 }
      return Int(items[head])
    }
  }

  /// By priority: sessions whose messages are in host memory.
  private var fetching = [Line](repeating: Line(), count: 16)
  private var fetchingSet: UInt16 = 0
  /// By priority: sessions whose messages are in the unit.
  private var moving = [Line](repeating: Line(), count: 16)
  private var movingSet: UInt16 = 0
  private var working = Line()
  /// The DMA reads of rings that are under way.
  var fetches = 0
  /// What could move waits for a timer.
  var isResting = false

  /// The turns that may be taken at one instant.
  static let turnsMax = 4096
  static let rest = VirtualDuration.microseconds(1)
  /// The token of the timer, which no function has.
  static let timerToken: UInt64 = 1

  /// A session has something to move.
  mutating func append(session: Int, priority: Int, isFetching: Bool) {
    if isFetching {
      fetching[priority].append(session)
      fetchingSet |= 1 << UInt16(priority)
    } else {
      moving[priority].append(session)
      movingSet |= 1 << UInt16(priority)
    }
  }

  /// A hardware context has something to do.
  mutating func append(hardware: Int) { working.append(hardware) }

  /// The next session whose messages are in the unit.
  mutating func nextMoving() -> Int? { Self.take(&moving, &movingSet) }

  /// The next session to read for; nil while as many reads as may be are under way.
  mutating func nextFetching() -> Int? {
    fetches < AMUSizes.fetchesMax ? Self.take(&fetching, &fetchingSet) : nil
  }

  /// The next hardware context.
  mutating func nextWorking() -> Int? { working.popFirst() }

  private static func take(_ lines: inout [Line], _ set: inout UInt16) -> Int? {
    guard set != 0 else { return nil }
    let priority = 15 - set.leadingZeroBitCount
    let session = lines[priority].popFirst()
    if lines[priority].isEmpty { set &= ~(1 << UInt16(priority)) }
    return session
  }
}
