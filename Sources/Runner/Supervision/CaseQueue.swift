/// Which case runs next.
///
/// Cases run in the order of the plan; those that want to be alone follow when all others are over.
struct CaseQueue {
  /// A try that is due.
  struct Entry: Hashable {
    /// The place of the case in the run.
    var number: Int
    /// The try, from one.
    var attempt: Int
  }

  private var shared: ArraySlice<Int>
  private var exclusive: ArraySlice<Int>
  private var again: [Entry] = []

  /// Makes a queue of cases, of which some want to run alone.
  init(count: Int, isExclusive: (Int) -> Bool) {
    var shared: [Int] = []
    var exclusive: [Int] = []
    for number in 0..<count {
      if isExclusive(number) { exclusive.append(number) } else { shared.append(number) }
    }
    self.shared = shared[...]
    self.exclusive = exclusive[...]
  }

  /// Whether nothing waits.
  var isEmpty: Bool { shared.isEmpty && exclusive.isEmpty && again.isEmpty }

  /// Puts a case back for a further try, which comes before all else.
  mutating func tryAgain(_ entry: Entry) { again.append(entry) }

  /// The next try to start while so many run; nil when none may start now.
  mutating func next(whileRunning running: Int) -> Entry? {
    if !again.isEmpty { return again.removeFirst() }
    if let number = shared.popFirst() { return Entry(number: number, attempt: 1) }
    guard running == 0, let number = exclusive.popFirst() else { return nil }
    return Entry(number: number, attempt: 1)
  }
}
