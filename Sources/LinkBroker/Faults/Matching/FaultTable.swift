import PCIe

/// What the faults of one direction look for, sorted by the kind of TLP.
///
/// - Complexity: a TLP is compared with the patterns of its own kind only, by two masks each.
struct FaultTable: Sendable {
  /// A match that somebody waits for.
  struct Watch: Sendable {
    var match: LinkFault.Match
    var rule: Int
    /// Whether it counts towards the start of the fault instead of being struck.
    var isStart: Bool
  }

  struct Entry: Sendable {
    var pattern: FaultPattern
    var rule: Int32
    var isStart: Bool
  }

  private var entries: ContiguousArray<Entry> = []
  /// Where the entries of a kind begin; the kinds in the order of their raw values, then none.
  private var starts = InlineArray<20, Int32>(repeating: 0)

  init() {}

  init(_ watches: ContiguousArray<Watch>) {
    for kind in 0...18 {
      starts[kind] = Int32(truncatingIfNeeded: entries.count)
      for watch in watches {
        guard let pattern = FaultPattern(watch.match, kind: TLPKind(rawValue: UInt8(kind))) else { continue }
        let rule = Int32(truncatingIfNeeded: watch.rule)
        entries.append(Entry(pattern: pattern, rule: rule, isStart: watch.isStart))
      }
    }
    starts[19] = Int32(truncatingIfNeeded: entries.count)
  }

  var isEmpty: Bool { entries.isEmpty }

  subscript(place: Int) -> Entry { entries[place] }

  /// The places of the entries that a TLP may fit.
  @inline(__always)
  func range(_ kind: TLPKind?) -> Range<Int> {
    let row = kind.map { Int($0.rawValue) } ?? 18
    return Int(starts[row])..<Int(starts[row + 1])
  }

  /// The first entry of a range that a TLP fits, nil when there is none.
  @inline(__always)
  func first(_ range: Range<Int>, _ tlp: FabricTLP) -> Int? {
    for place in range where entries[place].pattern.fits(tlp) { return place }
    return nil
  }
}
