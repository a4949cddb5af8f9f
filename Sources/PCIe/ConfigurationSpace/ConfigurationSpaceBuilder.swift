/// Lays out a configuration space from a header and capability values, and refuses overlap.
///
/// Capabilities are linked in the order in which they are added: the first one is the first of its list.
///
/// - Source: PCI Express Base 5.0, 7.5.1.1.11 and 7.6.3 for the two lists.
public struct ConfigurationSpaceBuilder: Sendable {
  /// A capability with its place.
  struct Placement: Sendable {
    var name: String
    var offset: Int
    var byteCount: Int
  }

  public let header: HeaderLayout
  private var registers = [RegisterMasks](repeating: RegisterMasks(), count: ConfigurationSpace.byteCount / 4)
  private var rules: [FieldRule] = []
  private var dependents: [DependentRegister] = []
  private var placements: [Placement] = []
  private var offsets: [CapabilityID: Int] = [:]
  private var extendedOffsets: [ExtendedCapabilityID: Int] = [:]
  private var lastCapability: Int?
  private var lastExtended: Int?
  private var firstExtended: Placement?

  /// Starts with the header alone.
  ///
  /// - Throws: the `bar…`, `expansionROMSize` and `interruptPin` errors.
  public init(header: HeaderLayout) throws(ConfigurationSpaceError) {
    try header.validate()
    self.header = header
    var block = RegisterBlock(byteCount: HeaderRegister.endOfHeader)
    header.install(in: &block)
    merge(block, at: 0)
  }

  /// Adds a capability at an offset, or in the first gap that holds it.
  ///
  /// - Throws: when the place is taken, misaligned or outside 0x40 to 0xff, when the capability is there
  ///   already, or when a field is out of range.
  public mutating func add(_ capability: some Capability, at offset: Int? = nil)
    throws(ConfigurationSpaceError)
  {
    let type = type(of: capability)
    try capability.validate(in: header)
    if type.id != .vendorSpecific && offsets[type.id] != nil { throw .capabilityTwice(name: type.name) }
    let place = try reserve(
      type.name, bytes: capability.byteCount, at: offset,
      within: HeaderRegister.endOfHeader..<HeaderRegister.extendedSpace)
    var block = RegisterBlock(byteCount: capability.byteCount)
    capability.install(in: &block)
    block.byte(0, type.id.rawValue)
    merge(block, at: place)
    let pointer = lastCapability.map { $0 + 1 } ?? HeaderRegister.capabilitiesPointer
    registers[pointer / 4].initial |= UInt32(place) << (UInt32(pointer & 3) * 8)
    registers[HeaderRegister.status / 4].initial |= UInt32(StatusBits.capabilitiesList.rawValue) << 16
    lastCapability = place
    if offsets[type.id] == nil { offsets[type.id] = place }
  }

  /// Adds an extended capability at an offset, or in the first gap that holds it.
  ///
  /// The list starts at 0x100: the first one added without an offset lands there.
  ///
  /// - Throws: when the place is taken, misaligned or outside 0x100 to 0xfff, when the capability is there
  ///   already, or when a field is out of range.
  public mutating func add(
    _ capability: some ExtendedCapability, at offset: Int? = nil
  ) throws(ConfigurationSpaceError) {
    let type = type(of: capability)
    try capability.validate(in: header)
    if type.id != .vendorSpecific && extendedOffsets[type.id] != nil {
      throw .capabilityTwice(name: type.name)
    }
    let place = try reserve(
      type.name, bytes: capability.byteCount, at: offset,
      within: HeaderRegister.extendedSpace..<ConfigurationSpace.byteCount)
    var block = RegisterBlock(byteCount: capability.byteCount)
    capability.install(in: &block)
    block.doubleWord(0, UInt32(type.id.rawValue) | UInt32(type.version & 15) << 16)
    merge(block, at: place)
    if let last = lastExtended { registers[last / 4].initial |= UInt32(place) << 20 }
    lastExtended = place
    if firstExtended == nil { firstExtended = placements.last }
    if extendedOffsets[type.id] == nil { extendedOffsets[type.id] = place }
  }

  /// Makes the space, with every register at its power-on value.
  ///
  /// - Throws: `extendedWithoutExpress`, or `extendedListStart` when the first extended one is not at 0x100.
  public func build() throws(ConfigurationSpaceError) -> ConfigurationSpace {
    if let first = firstExtended {
      guard offsets[.express] != nil else { throw .extendedWithoutExpress(name: first.name) }
      guard first.offset == HeaderRegister.extendedSpace else {
        throw .extendedListStart(name: first.name, offset: first.offset)
      }
    }
    return ConfigurationSpace(
      ConfigurationLayout(
        header: header, registers: registers, rules: rules, dependents: dependents, offsets: offsets,
        extendedOffsets: extendedOffsets))
  }

  private mutating func reserve(
    _ name: String, bytes: Int, at offset: Int?, within range: Range<Int>
  ) throws(ConfigurationSpaceError) -> Int {
    precondition(bytes >= 2, "a capability holds its own header")
    if let offset {
      guard offset % 4 == 0 else { throw .capabilityMisaligned(name: name, offset: offset) }
      guard offset >= range.lowerBound, bytes <= range.upperBound, offset <= range.upperBound - bytes else {
        throw .capabilityOutOfRange(name: name, offset: offset, bytes: bytes, allowed: range)
      }
      if let other = occupant(of: offset..<offset + bytes) {
        throw .capabilityOverlap(name: name, offset: offset, bytes: bytes, other: other.name)
      }
      placements.append(Placement(name: name, offset: offset, byteCount: bytes))
      return offset
    }
    var candidate = range.lowerBound
    while candidate + bytes <= range.upperBound {
      guard let other = occupant(of: candidate..<candidate + bytes) else {
        placements.append(Placement(name: name, offset: candidate, byteCount: bytes))
        return candidate
      }
      candidate = (other.offset + other.byteCount + 3) & ~3
    }
    throw .noRoom(name: name, bytes: bytes)
  }

  private func occupant(of range: Range<Int>) -> Placement? {
    placements.first { $0.offset < range.upperBound && range.lowerBound < $0.offset + $0.byteCount }
  }

  private mutating func merge(_ block: RegisterBlock, at offset: Int) {
    for (index, masks) in block.registers.enumerated() { registers[offset / 4 + index].merge(masks) }
    for var rule in block.rules {
      rule.register += offset / 4
      rules.append(rule)
    }
    for var dependent in block.dependents {
      dependent.register += offset / 4
      dependent.other += offset / 4
      dependents.append(dependent)
    }
  }
}
