import PCIe
import Testing

@testable import Endpoints

/// What a function keeps of translations, and what it forgets.
@Suite struct TranslationCacheTests {
  /// Falls on the line of page 256 of space 1, and on that of page 256 of no space.
  private static let (page, sibling, space): (UInt64, UInt64, UInt32) = (256, 0x1_0000 + 257, 1)

  private func cache(
    _ keys: [(page: UInt64, space: UInt32)], _ change: (inout TranslationEntry) -> Void = { _ in }
  )
    -> TranslationCache
  {
    var cache = TranslationCache()
    for key in keys { keep(key.page, key.space, in: &cache, change) }
    return cache
  }

  private func keep(
    _ page: UInt64, _ space: UInt32, in cache: inout TranslationCache,
    _ change: (inout TranslationEntry) -> Void = { _ in }
  ) {
    var entry = TranslationEntry(page: page + 0x1000, isReadable: true, isWritable: true)
    change(&entry)
    cache.ask(page, space)
    cache.settle(page, space, entry)
  }

  /// "known", "plain" for what goes as it is, or "unknown".
  private func answer(
    _ cache: TranslationCache, _ page: UInt64, _ space: UInt32 = Self.space, isWrite: Bool = false
  ) -> String {
    switch cache.answer(for: page, space, isWrite: isWrite) {
    case .translated(let target): target == page + 0x1000 ? "known" : "wrong"
    case .untranslated: "plain"
    case .unknown: "unknown"
    }
  }

  @Test func aPageIsKnownInItsSpaceAlone() {
    let cache = cache([(Self.page, Self.space)])
    #expect(answer(cache, Self.page) == "known")
    // The same line, another space or another page.
    #expect(answer(cache, Self.page, Self.space + 256) == "unknown")
    #expect(answer(cache, Self.sibling) == "unknown")
  }

  @Test func rightsAreKeptTo() {
    let reads = cache([(Self.page, Self.space)]) { $0.rawValue &= ~2 }
    #expect(answer(reads, Self.page) == "known" && answer(reads, Self.page, isWrite: true) == "plain")
    let writes = cache([(Self.page, Self.space)]) { $0.rawValue &= ~1 }
    #expect(answer(writes, Self.page) == "plain" && answer(writes, Self.page, isWrite: true) == "known")
    // U: only requests that are not translated.
    let plain = cache([(Self.page, Self.space)]) { $0.rawValue |= 4 }
    #expect(answer(plain, Self.page) == "plain")
    let nothing = cache([(Self.page, Self.space)]) { $0.rawValue &= ~3 }
    #expect(answer(nothing, Self.page) == "unknown")
  }

  @Test func whatWasForgottenMeanwhileIsNotKept() {
    var cache = TranslationCache()
    let entry = TranslationEntry(page: Self.page + 0x1000, isReadable: true, isWritable: true)
    cache.ask(Self.page, Self.space)
    #expect(answer(cache, Self.page) == "plain")
    cache.invalidate(
      InvalidatedRange(firstPage: Self.page, count: 1), Self.space, for: TLPHeader.none, owed: 0)
    cache.settle(Self.page, Self.space, entry)
    #expect(answer(cache, Self.page) == "unknown")
    // Its line waits for another page, or for the same of another space.
    for other in [(Self.sibling, Self.space), (Self.page, Self.space + 256)] {
      cache.ask(Self.page, Self.space)
      cache.ask(other.0, other.1)
      cache.settle(Self.page, Self.space, entry)
      #expect(answer(cache, Self.page) == "unknown")
      #expect(answer(cache, other.0, other.1) == "plain")
    }
    // An answer that brings nothing leaves nothing.
    cache.ask(Self.page, Self.space)
    cache.settle(Self.page, Self.space, nil)
    #expect(answer(cache, Self.page) == "unknown")
  }

  @Test(arguments: [false, true]) func requestsForgetTheirSpaceUnlessTheyAreGlobal(isGlobal: Bool) {
    var cache = cache([(Self.page, 1), (Self.page, 2), (Self.page + 1, 1)])
    var range = InvalidatedRange(firstPage: Self.page, count: 1)
    if isGlobal { range.rawValue |= 1 }
    cache.invalidate(range, isGlobal ? .max : 1, for: TLPHeader.none, owed: 0)
    #expect(answer(cache, Self.page, 1) == "unknown")
    #expect(answer(cache, Self.page, 2) == (isGlobal ? "unknown" : "known"))
    #expect(answer(cache, Self.page + 1, 1) == "known")
  }

  @Test func requestsAreSettledWhenWhatTheyAreOwedHasEnded() {
    var cache = TranslationCache()
    let range = InvalidatedRange(firstPage: 0, count: 1)
    cache.invalidate(range, .max, for: TLPHeader.none, owed: 2)
    for _ in 0..<2 {
      #expect(!cache.hasSettled && cache.takeSettled().isEmpty)
      cache.readEnded()
    }
    #expect(cache.hasSettled && cache.takeSettled().count == 1)
    #expect(!cache.hasSettled)
    // A reset leaves neither requests nor what they wait for.
    cache.invalidate(range, .max, for: TLPHeader.none, owed: 1)
    cache.removeAll()
    cache.invalidate(range, .max, for: TLPHeader.none, owed: 0)
    #expect(cache.takeSettled().count == 1)
  }
}

extension TLPHeader {
  fileprivate static let none = TLPHeader.message(
    .invalidateRequest, requester: FunctionAddress(rawValue: 0), lengthDW: 2)
}
