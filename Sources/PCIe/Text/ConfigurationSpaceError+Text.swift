extension ConfigurationSpaceError: CustomStringConvertible {
  /// What is wrong, the value seen and what is allowed, for a person.
  public var description: String {
    switch self {
    case .barIndexOutOfRange(let index, let slotCount):
      "there is no BAR \(index); the header has 0 to \(slotCount - 1)"
    case .barNeedsTwoSlots(let index, let slotCount):
      "BAR \(index) is 64 bits wide and needs the slot after it; the last slot is \(slotCount - 1)"
    case .barSizeNotPowerOfTwo(let index, let bytes):
      "the size of BAR \(index) is \(bytes) bytes; it must be a power of two"
    case .barSizeOutOfRange(let index, let bytes, let allowed):
      "the size of BAR \(index) is \(bytes) bytes; allowed are \(allowed.lowerBound) to \(allowed.upperBound)"
    case .barSlotTaken(let index, let slot, let other):
      "BAR \(index) needs slot \(slot), which belongs to BAR \(other)"
    case .expansionROMSize(let bytes):
      "the expansion ROM has \(bytes) bytes; it must be a power of two from 2048 to 16777216"
    case .interruptPin(let pin):
      "the interrupt pin is \(pin); allowed are 0 for none and 1 to 4 for INTA to INTD"
    default: capabilityDescription
    }
  }

  private var capabilityDescription: String {
    switch self {
    case .capabilityMisaligned(let name, let offset):
      "the \(name) capability is at \(hex(offset)); it must start at a multiple of 4"
    case .capabilityOutOfRange(let name, let offset, let bytes, let allowed):
      "the \(name) capability of \(bytes) bytes at \(hex(offset)) does not lie in "
        + "\(hex(allowed.lowerBound)) to \(hex(allowed.upperBound - 1))"
    case .capabilityOverlap(let name, let offset, let bytes, let other):
      "the \(name) capability of \(bytes) bytes at \(hex(offset)) overlaps the \(other) capability"
    case .capabilityTwice(let name): "the \(name) capability is there twice; a function has one"
    case .noRoom(let name, let bytes): "no gap of \(bytes) bytes is left for the \(name) capability"
    case .extendedListStart(let name, let offset):
      "the first extended capability, \(name), is at \(hex(offset)); the list starts at 0x100"
    case .extendedWithoutExpress(let name):
      "the \(name) capability needs the PCI Express capability in the same function"
    default: fieldDescription
    }
  }

  private var fieldDescription: String {
    switch self {
    case .fieldOutOfRange(let name, let field, let value, let allowed):
      "\(name): \(field) is \(value); allowed are \(allowed.lowerBound) to \(allowed.upperBound)"
    case .fieldNotPowerOfTwo(let name, let field, let value):
      "\(name): \(field) is \(value); it must be a power of two"
    case .fieldMisaligned(let name, let field, let value, let alignment):
      "\(name): \(field) is \(hex(value)); it must be a multiple of \(alignment)"
    case .outsideBar(let name, let structure, let bar, let end, let barBytes):
      "\(name): the \(structure) ends at \(hex(Int(truncatingIfNeeded: end)))"
        + ", past the \(barBytes) bytes of BAR \(bar)"
    case .noSuchBar(let name, let structure, let bar):
      "\(name): the \(structure) is in BAR \(bar), which is not a memory BAR of this function"
    case .structuresOverlap(let name, let bar): "\(name): table and pending bits overlap in BAR \(bar)"
    default: ""
    }
  }

  private func hex(_ value: Int) -> String {
    "0x" + hexadecimal(UInt64(truncatingIfNeeded: value), digits: 2)
  }
}
