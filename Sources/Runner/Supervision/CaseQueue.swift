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

  /// Whether a case for which something holds waits for its first try or a further one.
  func holds(_ condition: (Int) -> Bool) -> Bool {
    again.contains { condition($0.number) } || shared.contains(where: condition)
      || exclusive.contains(where: condition)
  }

  /// The next try to start while so many run; nil when none may start now.
  ///
  /// A case that does not fit beside those that run waits, and those behind it with it, so that none waits
  /// for ever. One that needs a worker which is busy is passed over.
  mutating func next(
    whileRunning running: Int, fits: (Int) -> Bool = { _ in true }, isBound: (Int) -> Bool = { _ in false }
  ) -> Entry? {
    func mayStart(_ number: Int) -> Bool { running == 0 || fits(number) }
    if let place = again.firstIndex(where: { !isBound($0.number) }) {
      return mayStart(again[place].number) ? again.remove(at: place) : nil
    }
    if let place = shared.firstIndex(where: { !isBound($0) }) {
      return mayStart(shared[place]) ? Entry(number: shared.remove(at: place), attempt: 1) : nil
    }
    guard running == 0, again.isEmpty, shared.isEmpty, let number = exclusive.popFirst() else { return nil }
    return Entry(number: number, attempt: 1)
  }
}
