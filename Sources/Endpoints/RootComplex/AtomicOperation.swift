import PCIe

/// What AtomicOps do to the operand in memory, whose bytes stand least significant first.
///
/// - Source: PCI Express Base 5.0, 6.15.1 "AtomicOp Use Models and Benefits" and 2.2.7.
enum AtomicOperation {
  /// The new content of memory; anything but an AtomicOp leaves the old one.
  static func result(_ kind: TLPKind, old: [UInt8], operands: [UInt8]) -> [UInt8] {
    switch kind {
    case .fetchAdd: add(old, operands)
    case .swap: operands
    case .compareAndSwap:
      Array(operands.prefix(old.count)) == old ? Array(operands.suffix(old.count)) : old
    default: old
    }
  }

  private static func add(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var carry: UInt16 = 0
    return zip(left, right).map { pair in
      carry = UInt16(pair.0) + UInt16(pair.1) + carry >> 8
      return UInt8(truncatingIfNeeded: carry)
    }
  }
}
