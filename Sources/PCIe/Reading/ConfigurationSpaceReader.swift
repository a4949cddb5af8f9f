/// Reads a configuration space back the way Linux does, through reads and writes alone.
///
/// It works on its own copy: sizing the registers disturbs nobody.
///
/// - Source: PCI Express Base 5.0, 7.5.1.1.11, 7.5.1.2.1 and 7.6.3; the bounds are those of Linux
///   `drivers/pci/pci.c` (48 steps below 0x100, then 480).
public struct ConfigurationSpaceReader: Sendable {
  /// A capability as the walk found it.
  public struct FoundCapability: Hashable, Sendable {
    public var id: CapabilityID
    public var offset: Int
  }

  /// An extended capability as the walk found it.
  public struct FoundExtendedCapability: Hashable, Sendable {
    public var id: ExtendedCapabilityID
    public var version: UInt8
    public var offset: Int
  }

  /// What makes a list or a register unusable.
  public enum Problem: Hashable, Sendable {
    /// A link points into the header, or an extended one below 0x100.
    case badLink(from: Int, to: Int)
    /// The list comes back to a capability that it has visited.
    case loop(at: Int)
    /// The writable bits of a BAR are no power of two.
    case badBar(index: Int, readBack: UInt64)
    /// A 64-bit BAR stands in the last slot.
    case barWithoutUpperHalf(index: Int)
  }

  private var space: ConfigurationSpace
  /// What the walks have found wrong so far.
  public private(set) var problems: [Problem] = []

  static let stepsMax = 48
  static let extendedStepsMax = (ConfigurationSpace.byteCount - HeaderRegister.extendedSpace) / 8

  /// Starts on a copy of a space.
  public init(_ space: ConfigurationSpace) { self.space = space }

  /// Walks the list in the first 256 bytes.
  public mutating func capabilities() -> [FoundCapability] {
    guard space.read(offset: HeaderRegister.status, size: 2) & 1 << 4 != 0 else { return [] }
    var found: [FoundCapability] = []
    var from = HeaderRegister.capabilitiesPointer
    var pointer = Int(space.read(offset: from, size: 1)) & ~3
    while pointer != 0 {
      guard pointer >= HeaderRegister.endOfHeader else {
        problems.append(.badLink(from: from, to: pointer))
        break
      }
      guard found.count < Self.stepsMax, !found.contains(where: { $0.offset == pointer }) else {
        problems.append(.loop(at: pointer))
        break
      }
      let id = UInt8(space.read(offset: pointer, size: 1))
      if id == 0xff { break }
      found.append(FoundCapability(id: CapabilityID(rawValue: id), offset: pointer))
      from = pointer + 1
      pointer = Int(space.read(offset: from, size: 1)) & ~3
    }
    return found
  }

  /// Walks the list from 0x100 on.
  public mutating func extendedCapabilities() -> [FoundExtendedCapability] {
    var found: [FoundExtendedCapability] = []
    var offset = HeaderRegister.extendedSpace
    while true {
      let header = space.read(offset: offset)
      if header == 0 || header == .max { break }
      found.append(
        FoundExtendedCapability(
          id: ExtendedCapabilityID(rawValue: UInt16(header & 0xffff)), version: UInt8(header >> 16 & 0xf),
          offset: offset))
      let next = Int(header >> 20) & ~3
      if next == 0 { break }
      guard next >= HeaderRegister.extendedSpace else {
        problems.append(.badLink(from: offset, to: next))
        break
      }
      guard found.count < Self.extendedStepsMax, !found.contains(where: { $0.offset == next }) else {
        problems.append(.loop(at: next))
        break
      }
      offset = next
    }
    return found
  }

  /// Sizes every base address register by writing all ones with decoding off, and puts it back.
  public mutating func bars() -> [BarLayout] {
    let command = space.read(offset: HeaderRegister.command, size: 2)
    space.write(offset: HeaderRegister.command, size: 2, value: command & ~3)
    defer { space.write(offset: HeaderRegister.command, size: 2, value: command) }
    let slotCount = space.read(offset: HeaderRegister.headerType, size: 1) & 0x7f == 1 ? 2 : 6
    var found: [BarLayout] = []
    var slot = 0
    while slot < slotCount {
      let flags = space.read(offset: HeaderRegister.bar(slot))
      let low = size(slot)
      let isIO = low & 1 == 1
      let isWide = !isIO && flags & 0b110 == 0b100
      if isWide && slot + 1 == slotCount {
        problems.append(.barWithoutUpperHalf(index: slot))
        break
      }
      let high = isWide ? size(slot + 1) : 0
      let mask = UInt64(high) << 32 | UInt64(low & (isIO ? ~3 : ~15))
      if mask != 0 {
        let bytes = mask & (~mask &+ 1)
        let whole = isWide ? mask : mask | 0xffff_ffff_0000_0000
        if whole &+ bytes != 0 {
          problems.append(.badBar(index: slot, readBack: mask))
        } else {
          let isPrefetchable = flags & 8 != 0
          let kind: BarLayout.Kind =
            isIO
            ? .io : isWide ? .memory64(prefetchable: isPrefetchable) : .memory32(prefetchable: isPrefetchable)
          found.append(BarLayout(index: slot, bytes: bytes, kind: kind))
        }
      }
      slot += isWide ? 2 : 1
    }
    return found
  }

  private mutating func size(_ slot: Int) -> UInt32 {
    let offset = HeaderRegister.bar(slot)
    let before = space.read(offset: offset)
    space.write(offset: offset, value: .max)
    let answer = space.read(offset: offset)
    space.write(offset: offset, value: before)
    return answer
  }
}
