import LinkBroker
import PCIe

// Address translation services: what has been translated goes by its translation, and the rest as it is.
//
// A function need not wait for a translation: a request for a page that nothing is known of asks for it, and
// goes untranslated itself.
extension Requester {
  /// The translated address of a request within one page; nil for a request that goes as it is.
  mutating func translated(
    _ address: UInt64, _ prefix: TLPPrefix?, isWrite: Bool, over path: borrowing some RequestPath & ~Copyable,
    in fabric: inout Fabric
  ) -> UInt64? {
    let page = address >> 12
    let space = Self.space(prefix)
    switch translations.answer(for: page, space, isWrite: isWrite) {
    case .translated(let target): return target << 12 | address & 0xfff
    case .untranslated: return nil
    case .unknown:
      // Without a tag the next request asks.
      guard tags.available > 0 else { return nil }
      translations.ask(page, space)
      let index = open(.translation, total: 8, timeout: nil)
      transfers[index].address = page << 12
      transfers[index].prefix = prefix
      issue(index, over: path, in: &fabric)
      if transfers[index].isDone { settleTranslation(index) }
      return nil
    }
  }

  private static func space(_ prefix: TLPPrefix?) -> UInt32 {
    prefix.map { $0.processAddressSpaceID } ?? .max
  }

  /// A translation request has ended.
  mutating func settleTranslation(_ index: Int) {
    let transfer = transfers[index]
    var value: UInt64 = 0
    for byte in transfer.buffer { value = value << 8 | UInt64(byte) }
    let entry = transfer.status == .successful ? TranslationEntry(rawValue: value) : nil
    translations.settle(transfer.address >> 12, Self.space(transfer.prefix), entry)
    release(RequestOperation(index: index))
  }

  /// Software wants translations forgotten; `takeSettledInvalidations` has the requests to be answered.
  ///
  /// - Source: PCI Express Base 5.0, 10.3.2 "Invalidate Completion": what was sent by them has ended before.
  mutating func invalidate(_ range: InvalidatedRange, for request: TLPHeader) {
    var owed = 0
    for tag in pending.indices where !pending[tag].isFree && pending[tag].isTranslated && !pending[tag].isOwed
    {
      pending[tag].isOwed = true
      owed += 1
    }
    let prefix = request.prefixes.processAddressSpace
    translations.invalidate(range, Self.space(prefix), for: request, owed: owed)
  }
}
