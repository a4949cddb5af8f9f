/// Why a configuration space cannot be built as described.
public enum ConfigurationSpaceError: Error, Hashable, Sendable {
  case barIndexOutOfRange(index: Int, slotCount: Int)
  case barNeedsTwoSlots(index: Int, slotCount: Int)
  case barSizeNotPowerOfTwo(index: Int, bytes: UInt64)
  case barSizeOutOfRange(index: Int, bytes: UInt64, allowed: ClosedRange<UInt64>)
  case barSlotTaken(index: Int, slot: Int, by: Int)
  case expansionROMSize(bytes: UInt64)
  case interruptPin(UInt8)

  case capabilityMisaligned(name: String, offset: Int)
  case capabilityOutOfRange(name: String, offset: Int, bytes: Int, allowed: Range<Int>)
  case capabilityOverlap(name: String, offset: Int, bytes: Int, other: String)
  case capabilityTwice(name: String)
  /// No gap left that holds the capability.
  case noRoom(name: String, bytes: Int)
  /// The extended list has to begin at 0x100.
  case extendedListStart(name: String, offset: Int)
  /// Extended capabilities are reachable only in a function with the PCI Express capability.
  case extendedWithoutExpress(name: String)
  /// A field of a capability value is outside its range.
  case fieldOutOfRange(name: String, field: String, value: Int, allowed: ClosedRange<Int>)
  case fieldNotPowerOfTwo(name: String, field: String, value: Int)
  case fieldMisaligned(name: String, field: String, value: Int, alignment: Int)
  /// A structure in memory, such as an MSI-X table, lies outside the register that should hold it.
  case outsideBar(name: String, structure: String, bar: Int, end: UInt64, barBytes: UInt64)
  case noSuchBar(name: String, structure: String, bar: Int)
  /// Two structures in the same register overlap.
  case structuresOverlap(name: String, bar: Int)
}
