import PCIe

/// What the faults of one direction look for, sorted by the kind of TLP.
///
/// - Complexity: a TLP is compared with the patterns of its own kind only, by one mask each, and with none
///   when it lacks what they have in common or goes where no rule looks: O(1) while TLPs go to one place.
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
  /// By kind, what all patterns of it demand alike.
  private var screens: ContiguousArray<HeaderMask> = []
  /// The kinds all of whose patterns have addresses, a bit for each.
  private var addressedKinds: UInt32 = 0
  /// All addresses of all patterns.
  private var cover = AddressCover([])

  init() {}

  init(_ watches: ContiguousArray<Watch>) {
    if watches.isEmpty { return }
    for kind in 0...18 {
      starts[kind] = Int32(truncatingIfNeeded: entries.count)
      for watch in watches {
        guard let pattern = FaultPattern(watch.match, kind: TLPKind(rawValue: UInt8(kind))) else { continue }
        let rule = Int32(truncatingIfNeeded: watch.rule)
        entries.append(Entry(pattern: pattern, rule: rule, isStart: watch.isStart))
      }
    }
    starts[19] = Int32(truncatingIfNeeded: entries.count)
    screens.reserveCapacity(19)
    for kind in 0...18 {
      let patterns = entries[Int(starts[kind])..<Int(starts[kind + 1])].map(\.pattern)
      screens.append(
        patterns.first.map { first in patterns.reduce(first.mask) { $0.merged(with: $1.mask) } } ?? .none)
      if patterns.allSatisfy({ $0.address != nil }) { addressedKinds |= 1 << UInt32(kind) }
    }
    cover = AddressCover(entries.compactMap(\.pattern.address))
  }

  var isEmpty: Bool { entries.isEmpty }

  subscript(place: Int) -> Entry { entries[place] }

  /// The places of the entries that a TLP may fit, often none for one that fits no entry.
  @inline(__always)
  mutating func range(_ tlp: FabricTLP) -> Range<Int> {
    let row = tlp.kind.map { Int($0.rawValue) } ?? 18
    guard !entries.isEmpty, screens[row].fits(tlp.header) else { return 0..<0 }
    if addressedKinds & 1 << UInt32(truncatingIfNeeded: row) != 0, !cover.touches(tlp.header.addresses) {
      return 0..<0
    }
    return Int(starts[row])..<Int(starts[row + 1])
  }

  /// The first entry of a range that a TLP fits, nil when there is none.
  @inline(__always)
  func first(_ range: Range<Int>, _ tlp: FabricTLP) -> Int? {
    for place in range where entries[place].pattern.fits(tlp) { return place }
    return nil
  }
}
