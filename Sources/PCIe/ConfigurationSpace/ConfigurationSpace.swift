/// The 4 KiB configuration space of one function, with the masks that say what software may change.
///
/// A value that its model keeps in place: a copy costs nothing until one of the two is written.
///
/// - Layout: 1024 DWs; byte n of the space stands in bits 8·(n mod 4) of DW n / 4.
/// - Complexity: reads and writes are O(1) and never allocate.
/// - Source: PCI Express Base 5.0, 7.2 and 7.5.1.
public struct ConfigurationSpace: Sendable {
  public static let byteCount = 4096

  @usableFromInline let layout: ConfigurationLayout
  @usableFromInline var values: [UInt32]
  /// The error bits set since the record was last emptied, whatever software or a reset has cleared since.
  public internal(set) var recordedErrors = ErrorRecord()

  init(_ layout: ConfigurationLayout) {
    self.layout = layout
    values = layout.registers.map(\.initial)
  }

  /// The values that hardware fixed.
  @inlinable
  public var header: HeaderLayout { layout.header }

  /// Where the capabilities stand.
  @inlinable
  public var places: CapabilityPlaces { layout.places }

  // MARK: Software's side

  /// Reads one, two or four bytes; what lies outside the space, or has another size, reads as all ones.
  public func read(offset: Int, size: Int = 4) -> UInt32 {
    guard offset >= 0, size == 4 || size == 2 || size == 1, offset <= Self.byteCount - size else {
      return .max
    }
    let shift = UInt32(offset & 3) * 8
    var value = values[offset / 4] >> shift
    let bytesHere = 4 - (offset & 3)
    if size > bytesHere { value |= values[offset / 4 + 1] << (UInt32(bytesHere) * 8) }
    return size == 4 ? value : value & (1 << (UInt32(size) * 8) - 1)
  }

  /// Writes the enabled bytes of one DW as software does: read-only bits stay, RW1C bits clear.
  ///
  /// - Layout: bit n of `byteEnables` stands for byte n of the DW that holds `offset`.
  @discardableResult
  public mutating func write(offset: Int, value: UInt32, byteEnables: UInt8 = 0xf) -> ConfigurationWrite {
    guard offset >= 0 && offset < Self.byteCount else { return ConfigurationWrite() }
    let index = offset / 4
    let enabled = Self.bitMask(byteEnables)
    let masks = layout.registers[index]
    let before = values[index]
    let writable = masks.writable & enabled
    var after = before & ~writable | value & writable
    after &= ~(masks.clearable & enabled & value)
    for rule in layout.rules where rule.register == index { after = rule.filter(after, old: before) }
    for rule in layout.dependents where rule.register == index {
      after = rule.filter(after, old: before, other: values[rule.other], enabled: enabled)
    }
    values[index] = after
    return ConfigurationWrite(
      offset: index * 4, before: before, after: after, written: value & enabled, enabled: enabled)
  }

  /// Writes one, two or four bytes that do not cross a DW; anything else changes nothing.
  @discardableResult
  public mutating func write(offset: Int, size: Int, value: UInt32) -> ConfigurationWrite {
    guard offset >= 0, size == 4 || size == 2 || size == 1, offset & 3 + size <= 4 else {
      return ConfigurationWrite()
    }
    let place = offset & 3
    return write(
      offset: offset, value: value << (UInt32(place) * 8), byteEnables: UInt8(1 << size - 1) << UInt8(place))
  }

  /// What may change the DW that holds an offset.
  public func masks(at offset: Int) -> RegisterMasks { layout.registers[offset / 4] }

  /// The bits of a DW that its byte enables name.
  @inlinable
  static func bitMask(_ byteEnables: UInt8) -> UInt32 {
    let bits = UInt32(byteEnables & 0xf)
    return (bits & 1 | bits << 7 & 0x100 | bits << 14 & 0x1_0000 | bits << 21 & 0x100_0000) &* 0xff
  }

  // MARK: Hardware's side

  /// Reads a 16-bit register at an even offset.
  @inlinable
  public func word(_ offset: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: values[offset >> 2] >> (UInt32(offset & 2) * 8))
  }

  /// Reads a byte.
  @inlinable
  public func byte(_ offset: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: values[offset >> 2] >> (UInt32(offset & 3) * 8))
  }

  /// Reads a 32-bit register at a DW-aligned offset.
  @inlinable
  public func doubleWord(_ offset: Int) -> UInt32 { values[offset >> 2] }

  /// Replaces the bits of a mask in the DW that holds an offset, whatever software may do there.
  @inlinable
  public mutating func replace(_ mask: UInt32, with value: UInt32, at offset: Int) {
    values[offset >> 2] = values[offset >> 2] & ~mask | value & mask
  }

  /// Replaces a 16-bit register at an even offset.
  @inlinable
  public mutating func setWord(_ offset: Int, _ value: UInt16) {
    let shift = UInt32(offset & 2) * 8
    replace(0xffff << shift, with: UInt32(value) << shift, at: offset)
  }

  /// Sets bits of a 16-bit register, as an event does with a status bit.
  @inlinable
  public mutating func raise(_ bits: UInt16, inWord offset: Int) { setWord(offset, word(offset) | bits) }

  /// Clears bits of a 16-bit register.
  @inlinable
  public mutating func lower(_ bits: UInt16, inWord offset: Int) { setWord(offset, word(offset) & ~bits) }
}

extension ConfigurationSpace: Equatable {
  /// Whether two spaces are built alike and hold the same values now.
  public static func == (left: ConfigurationSpace, right: ConfigurationSpace) -> Bool {
    left.values == right.values && (left.layout === right.layout || left.isBuiltLike(right))
  }

  private func isBuiltLike(_ other: ConfigurationSpace) -> Bool {
    header == other.header && layout.registers == other.layout.registers && layout.rules == other.layout.rules
      && layout.dependents == other.layout.dependents
  }
}

/// What one write did, so that a model can act on it.
@frozen
public struct ConfigurationWrite: Hashable, Sendable {
  /// The DW-aligned offset; below zero when the write hit nothing.
  public var offset = -4
  public var before: UInt32 = 0
  public var after: UInt32 = 0
  /// The bits that software sent, read-only ones included: a bit that acts and reads as zero shows here.
  public var written: UInt32 = 0
  /// The bits whose bytes were enabled.
  public var enabled: UInt32 = 0

  /// A write that hit nothing.
  @inlinable
  public init() {}

  @inlinable
  public init(offset: Int, before: UInt32, after: UInt32, written: UInt32, enabled: UInt32) {
    self.offset = offset
    self.before = before
    self.after = after
    self.written = written
    self.enabled = enabled
  }

  /// The bits that differ now.
  @inlinable public var changed: UInt32 { before ^ after }

  /// Whether any bit of the register at an offset has changed.
  @inlinable
  public func changes(_ registerOffset: Int, bits: UInt16 = .max) -> Bool {
    offset == registerOffset & ~3 && changed >> (UInt32(registerOffset & 3) * 8) & UInt32(bits) != 0
  }

  /// Whether software wrote ones to any of the bits of the register at an offset.
  @inlinable
  public func sendsOnes(_ registerOffset: Int, bits: UInt16) -> Bool {
    offset == registerOffset & ~3 && written >> (UInt32(registerOffset & 3) * 8) & UInt32(bits) != 0
  }
}
