import Simulation

/// Who moves next: sessions by priority and in turn, and hardware contexts that have messages.
///
/// - Complexity: O(1) for each turn, whatever the number of sessions.
struct SessionArbiter: Sendable {
  /// A first-in, first-out list of numbers, as long as what waits in it.
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
      let item = Int(items[head])
      head += 1
      // A line that is never empty would grow for ever.
      if head >= 64, head * 2 >= items.count {
        items.removeFirst(head)
        head = 0
      }
      return item
    }

    /// Takes a number out of the middle.
    mutating func remove(_ item: Int) {
      items.removeFirst(head)
      head = 0
      items.removeAll { $0 == Int32(truncatingIfNeeded: item) }
    }

    /// How many places it takes.
    var places: Int { items.count }
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

  /// A session is no more, so that its number may mean another one.
  ///
  /// - Complexity: linear in the sessions that wait.
  mutating func remove(session: Int, priority: Int, isFetching: Bool) {
    if isFetching {
      Self.remove(session, priority, &fetching, &fetchingSet)
    } else {
      Self.remove(session, priority, &moving, &movingSet)
    }
  }

  private static func remove(_ session: Int, _ priority: Int, _ lines: inout [Line], _ set: inout UInt16) {
    lines[priority].remove(session)
    if lines[priority].isEmpty { set &= ~(1 << UInt16(priority)) }
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
