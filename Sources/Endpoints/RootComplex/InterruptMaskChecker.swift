import PCIe

/// Sees that no MSI-X vector is sent after software has masked it.
///
/// A mask has certainly taken effect once a completion of the function has come for a request that was sent
/// after it: writes reach the function before later requests do, and an interrupt sent before the completion
/// arrives before it.
/// - Source: PCI Express Base 5.0, 2.4.1 (ordering) and 6.1.4.5 "Per-vector Masking and Function Masking".
struct InterruptMaskChecker: Sendable {
  private enum Mask: Sendable, Equatable {
    case open
    /// Written; the requests of before, whose completions prove nothing.
    case requested(before: Set<UInt16>)
    case effective

    var isWaiting: Bool {
      if case .requested = self { true } else { false }
    }
  }

  /// The table of one function as software knows it.
  private struct Table: Sendable {
    var base: UInt64
    var vectors: [Mask]
    var function = Mask.open
    /// Where Message Control stands in configuration space.
    var control: Int
    /// Software has rewritten addresses or data, so that arrivals no longer tell the vector.
    var isRewritten = false

    var isWaiting: Bool { function.isWaiting || vectors.contains(where: \.isWaiting) }
  }

  private var tables: [FunctionAddress: Table] = [:]
  /// Whether a mask may wait for its proof; completions need not be looked at otherwise.
  private(set) var isWaiting = false
  // Around all tables, so that a write elsewhere costs two comparisons.
  private var first = UInt64.max
  private var end: UInt64 = 0

  /// Starts to watch a function whose vectors are all unmasked.
  mutating func watch(_ function: FunctionAddress, base: UInt64, vectors: Int, control: Int) {
    tables[function] = Table(
      base: base, vectors: Array(repeating: .open, count: vectors), control: control)
    first = min(first, base)
    end = max(end, base + UInt64(vectors) * 16)
  }

  /// Software writes memory; masks and unmasks what lies in a table.
  mutating func wrote(_ data: [UInt8], at address: UInt64, outstanding: () -> Set<UInt16>) {
    guard address < end, address + UInt64(data.count) > first else { return }
    for (function, table) in tables {
      let end = table.base + UInt64(table.vectors.count) * 16
      guard address < end, address + UInt64(data.count) > table.base else { continue }
      for (index, byte) in data.enumerated() {
        let place = address + UInt64(index)
        guard place >= table.base, place < end else { continue }
        let vector = Int((place - table.base) / 16)
        switch (place - table.base) % 16 {
        case 0..<12: tables[function]?.isRewritten = true
        case 12:
          tables[function]?.vectors[vector] = byte & 1 == 0 ? .open : .requested(before: outstanding())
          isWaiting = true
        default: break
        }
      }
    }
  }

  /// Software writes configuration space; masks and unmasks a whole function.
  mutating func wrote(
    _ data: [UInt8], to function: FunctionAddress, offset: Int, outstanding: () -> Set<UInt16>
  ) {
    guard let table = tables[function] else { return }
    // Function Mask is bit 14 of Message Control, in its upper byte.
    let place = table.control + 1 - offset
    guard data.indices.contains(place) else { return }
    tables[function]?.function = data[place] & 0x40 == 0 ? .open : .requested(before: outstanding())
    isWaiting = true
  }

  /// A completion has come from a function.
  mutating func completed(tag: UInt16, by function: FunctionAddress) {
    guard var table = tables[function] else { return }
    Self.settle(&table.function, tag)
    for vector in table.vectors.indices where table.vectors[vector] != .open {
      Self.settle(&table.vectors[vector], tag)
    }
    tables[function] = table
    isWaiting = tables.values.contains(where: \.isWaiting)
  }

  private static func settle(_ mask: inout Mask, _ tag: UInt16) {
    guard case .requested(var before) = mask else { return }
    mask = before.remove(tag) == nil ? .effective : .requested(before: before)
  }

  /// Whether a vector that has arrived was certainly masked when it was sent.
  func isMasked(_ source: InterruptTarget.Source) -> Bool {
    guard source.kind == .msix, let table = tables[source.function], !table.isRewritten,
      table.vectors.indices.contains(source.vector)
    else { return false }
    return table.function == .effective || table.vectors[source.vector] == .effective
  }
}
