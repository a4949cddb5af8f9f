/// What a scenario has written to a region and not written over.
///
/// Writes count up from a byte, so that any part of one is told by its length and its first byte.
struct MemoryShadow {
  struct Run: Hashable {
    var offset: UInt64
    var length: UInt64
    var first: UInt8
  }

  private(set) var runs: [Run] = []

  /// Takes in a write; what it covers is no longer there.
  mutating func write(_ new: Run) {
    let end = new.offset + new.length
    runs = runs.flatMap { run -> [Run] in
      let runEnd = run.offset + run.length
      guard run.offset < end, new.offset < runEnd else { return [run] }
      var rest: [Run] = []
      if run.offset < new.offset { rest.append(run.part(0, new.offset - run.offset)) }
      if runEnd > end { rest.append(run.part(end - run.offset, runEnd - end)) }
      return rest
    }
    runs.append(new)
    // Older ones are seldom read again.
    if runs.count > 32 { runs.removeFirst() }
  }
}

extension MemoryShadow.Run {
  /// A part of the run.
  func part(_ start: UInt64, _ length: UInt64) -> MemoryShadow.Run {
    MemoryShadow.Run(
      offset: offset + start, length: length, first: first &+ UInt8(truncatingIfNeeded: start))
  }
}
