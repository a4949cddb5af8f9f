public import PCIe

/// What a root complex makes of the addresses of requests: a translation agent.
///
/// A page that the table does not name is its own translation where host memory has it.
/// - Source: PCI Express Base 5.0, 10.1 "ATS Architectural Overview".
public struct TranslationTable: Sendable {
  private var pages: [UInt64: TranslationEntry] = [:]

  /// A table in which every page is its own translation.
  public init() {}

  /// Whether every page is its own translation.
  public var isEmpty: Bool { pages.isEmpty }

  /// Sets what a page of 4 KiB is translated to.
  public mutating func map(_ page: UInt64, to entry: TranslationEntry) { pages[page] = entry }

  /// Makes a page its own translation again.
  public mutating func unmap(_ page: UInt64) { pages[page] = nil }

  func entry(_ page: UInt64) -> TranslationEntry? { pages[page] }

  /// The address that a request which is not translated reaches; nil where it may not.
  func address(_ address: UInt64, isWrite: Bool) -> UInt64? {
    guard let entry = pages[address >> 12] else { return address }
    guard isWrite ? entry.isWritable : entry.isReadable else { return nil }
    return entry.page(of: address >> 12) << 12 | address & 0xfff
  }
}
