import RunEvents
import SuiteLanguage

// Shorter scenarios.
extension Shrinker {
  /// Drops what comes after the step that fails.
  mutating func cutTail() {
    guard let last = trial.failingStep, last + 1 < best.steps.count else { return }
    var candidate = best
    candidate.steps.removeSubrange((last + 1)...)
    _ = adopt(candidate, changesSteps: true)
  }

  mutating func dropSteps() {
    reduce(\.steps) { shrinker, range in shrinker.dropSteps(range) }
  }

  private mutating func dropSteps(_ range: Range<Int>) -> Bool {
    guard mayDropWrites || best.steps[range].allSatisfy(\.onlyAsks) else { return false }
    var candidate = best
    candidate.steps.removeSubrange(range)
    guard !candidate.steps.isEmpty else { return false }
    bringForward(&candidate, without: range)
    if adopt(candidate, changesSteps: true) { return true }
    guard let moved = renumbered(candidate) else { return false }
    return adopt(moved, changesSteps: true)
  }

  /// Lets rules that wait for a time begin earlier by what the dropped steps took.
  private func bringForward(_ candidate: inout CaseInstance, without range: Range<Int>) {
    guard let start = trial.begun[range.lowerBound], let end = trial.begun[range.upperBound], end > start
    else { return }
    for index in candidate.faults.indices {
      guard case .time(let time) = candidate.faults[index].trigger.after, time.picoseconds >= end else {
        continue
      }
      let saved = (end - start) / 1000 * 1000
      candidate.faults[index].trigger.after = .time(TimeSpan(picoseconds: time.picoseconds - saved))
    }
  }

  /// Takes steps out of `repeat` and `parallel`, and lets loops run less often.
  mutating func flatten() {
    var index = 0
    while index < best.steps.count, !budget.isSpent {
      let hasChanged = best.steps[index].simpler.contains { steps in
        var candidate = best
        candidate.steps.replaceSubrange(index...index, with: steps)
        if adopt(candidate, changesSteps: true) { return true }
        return renumbered(candidate).map { adopt($0, changesSteps: true) } ?? false
      }
      if !hasChanged { index += 1 }
    }
  }

  /// Halves each length that steps move, wherever it stands.
  mutating func shortenData() {
    guard mayDropWrites else { return }
    var lengths = Set(best.steps.flatMap(\.lengths)).filter { $0 > 4 }.sorted(by: >)
    while let length = lengths.first, !budget.isSpent {
      lengths.removeFirst()
      var candidate = best
      candidate.steps = best.steps.map { $0.replacing(length: length, by: length / 2) }
      let isSmaller =
        adopt(candidate, changesSteps: true)
        || renumbered(candidate).map { adopt($0, changesSteps: true) } ?? false
      if isSmaller, length / 2 > 4 { lengths.insert(length / 2, at: 0) }
    }
  }
}

extension Step {
  /// Whether nothing can build on the step.
  fileprivate var onlyAsks: Bool {
    switch action {
    case .memoryRead, .dmaRead, .configurationRead, .expect, .note: true
    case .repeat(_, let steps): steps.allSatisfy(\.onlyAsks)
    case .parallel(let branches): branches.joined().allSatisfy(\.onlyAsks)
    default: false
    }
  }

  /// Lists of steps that do less, the shortest first.
  fileprivate var simpler: [[Step]] {
    switch action {
    case .repeat(let times, let steps):
      if times <= 1 { return [steps] }
      var fewer = self
      fewer.action = .repeat(times: times / 2, steps: steps)
      return [steps, [fewer]]
    case .parallel(let branches):
      guard branches.count > 1 else { return [branches.flatMap(\.self)] }
      return branches.indices.map { index in
        var rest = branches
        rest.remove(at: index)
        var fewer = self
        fewer.action = .parallel(branches: rest)
        return [fewer]
      } + [branches.flatMap(\.self)]
    default: return []
    }
  }

  /// The lengths that the step moves.
  fileprivate var lengths: [UInt64] {
    switch action {
    case .memoryRead(let read): [read.length]
    case .dmaRead(let read): [read.length]
    case .memoryWrite(let write): [write.data.length].compactMap(\.self)
    case .dmaWrite(let write): [write.data.length].compactMap(\.self)
    case .repeat(_, let steps): steps.flatMap(\.lengths)
    case .parallel(let branches): branches.joined().flatMap(\.lengths)
    default: []
    }
  }

  fileprivate func replacing(length: UInt64, by new: UInt64) -> Step {
    var step = self
    switch action {
    case .memoryRead(var read):
      if read.length == length { read.length = new }
      read.expectation.data = read.expectation.data?.replacing(length: length, by: new)
      step.action = .memoryRead(read)
    case .dmaRead(var read):
      if read.length == length { read.length = new }
      read.expectation.data = read.expectation.data?.replacing(length: length, by: new)
      step.action = .dmaRead(read)
    case .memoryWrite(var write):
      write.data = write.data.replacing(length: length, by: new)
      step.action = .memoryWrite(write)
    case .dmaWrite(var write):
      write.data = write.data.replacing(length: length, by: new)
      step.action = .dmaWrite(write)
    case .repeat(let times, let steps):
      step.action = .repeat(times: times, steps: steps.map { $0.replacing(length: length, by: new) })
    case .parallel(let branches):
      step.action = .parallel(
        branches: branches.map { $0.map { $0.replacing(length: length, by: new) } })
    default: break
    }
    return step
  }
}

extension DataSource {
  fileprivate func replacing(length: UInt64, by new: UInt64) -> DataSource {
    guard self.length == length else { return self }
    return switch self {
    case .bytes(let bytes): .bytes(Array(bytes.prefix(Int(clamping: new))))
    case .fill(let byte, _): .fill(byte, length: new)
    case .count(_, let start): .count(length: new, start: start)
    case .random: .random(length: new)
    case .file, .saved, .inverted: self
    }
  }
}
