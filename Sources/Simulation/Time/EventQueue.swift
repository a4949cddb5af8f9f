/// What is to happen, in the order of time and, at one instant, in the order of scheduling.
///
/// - Complexity: scheduling and taking are logarithmic in the number of waiting events; neither allocates
///   once the queue has held as many before.
@frozen
public struct EventQueue<Event: Sendable>: Sendable {
  @frozen @usableFromInline
  struct Entry: Sendable {
    @usableFromInline var time: VirtualTime
    @usableFromInline var sequence: UInt64
    @usableFromInline var event: Event

    @inlinable
    init(time: VirtualTime, sequence: UInt64, event: Event) {
      self.time = time
      self.sequence = sequence
      self.event = event
    }

    @inlinable
    func precedes(_ other: Entry) -> Bool {
      time.picoseconds != other.time.picoseconds
        ? time.picoseconds < other.time.picoseconds : sequence < other.sequence
    }
  }

  /// The event that was scheduled last where it comes before all in the heap: the next one, as a rule.
  @usableFromInline var front: Entry?
  @usableFromInline var heap: ContiguousArray<Entry> = []
  @usableFromInline var nextSequence: UInt64 = 0

  /// An empty queue that holds so many events before it allocates again.
  @inlinable
  public init(minimumCapacity: Int = 64) { heap.reserveCapacity(minimumCapacity) }

  /// Whether no event waits.
  @inlinable public var isEmpty: Bool { front == nil && heap.isEmpty }
  /// The events that wait.
  @inlinable public var count: Int { heap.count + (front == nil ? 0 : 1) }

  /// The instant of the first event, nil when none waits.
  @inlinable public var nextTime: VirtualTime? { front?.time ?? heap.first?.time }

  /// Adds an event; those of one instant are taken in the order they were added.
  @inlinable
  public mutating func schedule(_ event: Event, at time: VirtualTime) {
    let entry = Entry(time: time, sequence: nextSequence, event: event)
    nextSequence &+= 1
    if let first = front {
      guard entry.precedes(first) else { return push(entry) }
      push(first)
      front = entry
    } else if let first = heap.first, !entry.precedes(first) {
      push(entry)
    } else {
      front = entry
    }
  }

  @inlinable
  mutating func push(_ entry: Entry) {
    var index = heap.count
    heap.append(entry)
    var entries = heap.mutableSpan
    while index > 0 {
      let parent = (index - 1) >> 1
      guard entry.precedes(entries[parent]) else { break }
      entries[index] = entries[parent]
      index = parent
    }
    entries[index] = entry
  }

  /// Takes the first event, nil when none waits.
  @inlinable
  public mutating func next() -> (time: VirtualTime, event: Event)? {
    if let first = front {
      front = nil
      return (first.time, first.event)
    }
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    let count = heap.count
    if count > 0 { sink(last, count) }
    return (first.time, first.event)
  }

  @inlinable
  mutating func sink(_ entry: Entry, _ count: Int) {
    var entries = heap.mutableSpan
    var index = 0
    while true {
      var child = 2 * index + 1
      guard child < count else { break }
      if child + 1 < count, entries[child + 1].precedes(entries[child]) { child += 1 }
      guard entries[child].precedes(entry) else { break }
      entries[index] = entries[child]
      index = child
    }
    entries[index] = entry
  }

  /// Forgets every waiting event and keeps the storage.
  @inlinable
  public mutating func removeAll() {
    front = nil
    heap.removeAll(keepingCapacity: true)
  }
}
