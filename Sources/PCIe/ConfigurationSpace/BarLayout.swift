/// What one base address register asks for.
///
/// - Source: PCI Express Base 5.0, 7.5.1.2.1 "Base Address Registers".
public struct BarLayout: Hashable, Sendable {
  /// The address space of the register and its width.
  public enum Kind: Hashable, Sendable {
    case memory32(prefetchable: Bool)
    /// Takes the slot after its own for the upper half of the address.
    case memory64(prefetchable: Bool)
    case io
  }

  /// The slot, 0 to 5 in a type 0 header, 0 or 1 in a type 1 header.
  public var index: Int
  /// - Units: bytes, a power of two.
  public var bytes: UInt64
  public var kind: Kind

  public init(index: Int, bytes: UInt64, kind: Kind) {
    self.index = index
    self.bytes = bytes
    self.kind = kind
  }

  /// Whether the register decodes I/O addresses.
  public var isIO: Bool { kind == .io }

  /// Whether the address takes two slots.
  public var is64Bit: Bool {
    if case .memory64 = kind { true } else { false }
  }

  /// Whether reads have no side effects and writes may be merged.
  public var isPrefetchable: Bool {
    switch kind {
    case .memory32(let prefetchable), .memory64(let prefetchable): prefetchable
    case .io: false
    }
  }

  /// The slots that the register takes.
  public var slots: Range<Int> { index..<index + (is64Bit ? 2 : 1) }

  /// The read-only bits at the bottom of the register.
  var flags: UInt32 {
    switch kind {
    case .memory32(let prefetchable): prefetchable ? 0x8 : 0
    case .memory64(let prefetchable): prefetchable ? 0xc : 0x4
    case .io: 0x1
    }
  }

  /// The smallest and the largest size of this kind.
  var sizeBounds: ClosedRange<UInt64> {
    switch kind {
    case .memory32: 16...1 << 31
    case .memory64: 16...1 << 63
    case .io: 4...256
    }
  }
}

extension BarLayout {
  /// Checks registers alone and against each other.
  ///
  /// - Throws: one of the `bar…` errors, for the first register that breaks a rule.
  public static func validate(_ layouts: [BarLayout], slotCount: Int = 6) throws(ConfigurationSpaceError) {
    var owner = [Int?](repeating: nil, count: max(0, slotCount))
    for layout in layouts {
      guard layout.index >= 0 && layout.index < slotCount else {
        throw .barIndexOutOfRange(index: layout.index, slotCount: slotCount)
      }
      guard layout.slots.upperBound <= slotCount else {
        throw .barNeedsTwoSlots(index: layout.index, slotCount: slotCount)
      }
      guard layout.bytes.nonzeroBitCount == 1 else {
        throw .barSizeNotPowerOfTwo(index: layout.index, bytes: layout.bytes)
      }
      guard layout.sizeBounds.contains(layout.bytes) else {
        throw .barSizeOutOfRange(index: layout.index, bytes: layout.bytes, allowed: layout.sizeBounds)
      }
      for slot in layout.slots {
        if let other = owner[slot] { throw .barSlotTaken(index: layout.index, slot: slot, by: other) }
        owner[slot] = layout.index
      }
    }
  }
}
