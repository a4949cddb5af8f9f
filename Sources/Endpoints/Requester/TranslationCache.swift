import PCIe

/// The translations that a function keeps: an address translation cache.
///
/// - Complexity: a look-up is constant; a page takes the place of another one that falls on its line.
/// - Source: PCI Express Base 5.0, 10.1 "ATS Architectural Overview".
struct TranslationCache: Sendable {
  /// What is known of a page.
  private struct Line: Sendable {
    var page: UInt64 = 0
    var space: UInt32 = 0
    var state = State.empty
    var entry = TranslationEntry(rawValue: 0)
  }

  private enum State: Sendable {
    case empty
    case asked
    case held
  }

  /// What a request is to do about its address.
  enum Answer: Sendable {
    /// The page that takes the place of its own.
    case translated(UInt64)
    /// It goes as it is.
    case untranslated
    /// It goes as it is, and the translation is to be asked for.
    case unknown
  }

  private static let lineCount = 256
  private var lines: [Line] = []
  /// Requests to forget translations whose answers wait for reads that were sent by them.
  private var invalidations: [TLPHeader] = []
  /// How many such reads there are.
  private var owed = 0

  /// Rings and buffers mostly stand a power of two apart, and spaces have pages of the same numbers.
  private func place(_ page: UInt64, _ space: UInt32) -> Int {
    let mixed = page ^ page >> 8 ^ page >> 16 ^ UInt64(space)
    return Int(truncatingIfNeeded: mixed) & (Self.lineCount - 1)
  }

  func answer(for page: UInt64, _ space: UInt32, isWrite: Bool) -> Answer {
    guard !lines.isEmpty else { return .unknown }
    let line = lines[place(page, space)]
    guard line.state != .empty, line.page == page, line.space == space else { return .unknown }
    let entry = line.entry
    guard line.state == .held, !entry.isUntranslatedOnly, isWrite ? entry.isWritable : entry.isReadable
    else { return .untranslated }
    return .translated(entry.page(of: page))
  }

  /// A translation has been asked for.
  mutating func ask(_ page: UInt64, _ space: UInt32) {
    if lines.isEmpty { lines = [Line](repeating: Line(), count: Self.lineCount) }
    lines[place(page, space)] = Line(page: page, space: space, state: .asked)
  }

  /// The answer has come, nil for one that brings nothing; what is forgotten since, or allows nothing, is
  /// not kept.
  mutating func settle(_ page: UInt64, _ space: UInt32, _ entry: TranslationEntry?) {
    guard !lines.isEmpty else { return }
    let place = place(page, space)
    guard lines[place].state == .asked, lines[place].page == page, lines[place].space == space else { return }
    lines[place].state = .empty
    guard let entry, entry.isReadable || entry.isWritable else { return }
    lines[place].entry = entry
    lines[place].state = .held
  }

  /// Forgets all.
  mutating func removeAll() {
    lines = []
    invalidations = []
    owed = 0
  }

  /// Forgets pages; the request is answered when so many reads that went by translations have ended.
  mutating func invalidate(
    _ range: InvalidatedRange, _ space: UInt32, for request: TLPHeader, owed reads: Int
  ) {
    for place in lines.indices
    where range.contains(page: lines[place].page) && (range.isGlobal || lines[place].space == space) {
      lines[place].state = .empty
    }
    invalidations.append(request)
    owed += reads
  }

  /// A read that an answer waits for has ended.
  mutating func readEnded() { owed -= 1 }

  /// The requests that can be answered now.
  mutating func takeSettled() -> [TLPHeader] {
    guard owed == 0, !invalidations.isEmpty else { return [] }
    defer { invalidations.removeAll(keepingCapacity: true) }
    return invalidations
  }

  var hasSettled: Bool { owed == 0 && !invalidations.isEmpty }
}
