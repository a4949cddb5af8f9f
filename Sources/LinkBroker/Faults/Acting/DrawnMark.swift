/// One strike of a fault: the match that it was, and what was drawn for it.
///
/// A fate of a TLP waits in one until the TLP is delivered.
struct DrawnMark: Sendable {
  /// The order of sending of the TLP.
  var sequence: UInt64 = 0
  var rule: Int
  var match: UInt64
  var value: UInt64 = 0
  /// What is to happen where the TLP is delivered; nothing for a strike that has acted.
  var fate: FaultMarks.Fates = []

  /// The same with a value.
  func drawing(_ value: UInt64) -> DrawnMark {
    var mark = self
    mark.value = value
    return mark
  }
}

/// The fates of the TLPs on the wire of one direction.
struct DrawnMarks: Sendable {
  /// In the order of sending and, for one TLP, of the rules.
  private var drawn: ContiguousArray<DrawnMark> = []

  mutating func keep(_ mark: DrawnMark) { drawn.append(mark) }

  /// Takes the first mark of a TLP that is one of some fates.
  mutating func take(_ sequence: UInt64, _ fates: FaultMarks.Fates) -> DrawnMark? {
    guard let place = drawn.firstIndex(where: { $0.sequence == sequence && fates.contains($0.fate) }) else {
      return nil
    }
    return drawn.remove(at: place)
  }

  /// What is still to happen to a TLP.
  func fates(_ sequence: UInt64) -> FaultMarks.Fates {
    drawn.reduce(into: []) { if $1.sequence == sequence { $0.formUnion($1.fate) } }
  }

  var isEmpty: Bool { drawn.isEmpty }

  mutating func removeAll() { drawn.removeAll(keepingCapacity: true) }
}
