/// A range of addresses that a bridge passes on.
@frozen
public struct AddressWindow: Hashable, Sendable {
  public var base: UInt64
  /// The last address inside.
  public var limit: UInt64

  /// A window is closed, and absent, when its base lies above its limit.
  @inlinable
  public init?(base: UInt64, limit: UInt64) {
    if base > limit { return nil }
    self.base = base
    self.limit = limit
  }

  /// Whether an address lies inside.
  @inlinable
  public func contains(_ address: UInt64) -> Bool { address >= base && address <= limit }
}

// What a switch port or root port asks of its type 1 header. Every register here is zero in a type 0 header.
extension ConfigurationSpace {
  /// The bus above the bridge.
  @inlinable public var primaryBus: UInt8 { byte(HeaderRegister.primaryBus) }
  /// The bus right below the bridge.
  @inlinable public var secondaryBus: UInt8 { byte(HeaderRegister.secondaryBus) }
  /// The highest bus below the bridge.
  @inlinable public var subordinateBus: UInt8 { byte(HeaderRegister.subordinateBus) }

  /// Whether a bus number lies behind this bridge.
  @inlinable
  public func isBehind(bus: UInt8) -> Bool {
    header.isBridge && secondaryBus != 0 && bus >= secondaryBus && bus <= subordinateBus
  }

  /// The window for non-prefetchable memory.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.1.3.8 "Memory Base Register/Memory Limit Register".
  public var memoryWindow: AddressWindow? {
    guard header.isBridge else { return nil }
    return AddressWindow(
      base: UInt64(word(HeaderRegister.memoryBase) & 0xfff0) << 16,
      limit: UInt64(word(HeaderRegister.memoryLimit) & 0xfff0) << 16 | 0xf_ffff)
  }

  /// The window for prefetchable memory.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.1.3.9 and 7.5.1.3.10.
  public var prefetchableWindow: AddressWindow? {
    guard case .bridge(let windows) = header.kind, windows.hasPrefetchable else { return nil }
    let upperBase = UInt64(doubleWord(HeaderRegister.prefetchableBaseUpper)) << 32
    let upperLimit = UInt64(doubleWord(HeaderRegister.prefetchableLimitUpper)) << 32
    return AddressWindow(
      base: upperBase | UInt64(word(HeaderRegister.prefetchableBase) & 0xfff0) << 16,
      limit: upperLimit | UInt64(word(HeaderRegister.prefetchableLimit) & 0xfff0) << 16 | 0xf_ffff)
  }

  /// The window for I/O.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.1.3.6 and 7.5.1.3.11.
  public var ioWindow: AddressWindow? {
    guard case .bridge(let windows) = header.kind, windows.hasIO else { return nil }
    let upperBase = UInt64(word(HeaderRegister.ioBaseUpper)) << 16
    let upperLimit = UInt64(word(HeaderRegister.ioLimitUpper)) << 16
    return AddressWindow(
      base: upperBase | UInt64(byte(HeaderRegister.ioBase) & 0xf0) << 8,
      limit: upperLimit | UInt64(byte(HeaderRegister.ioLimit) & 0xf0) << 8 | 0xfff)
  }

  /// Whether the bridge passes a memory address down; memory enable rules both windows.
  public func forwardsDownstream(memory address: UInt64) -> Bool {
    command.contains(.memoryEnable)
      && (memoryWindow?.contains(address) ?? false || prefetchableWindow?.contains(address) ?? false)
  }

  /// Whether the bridge passes an I/O address down.
  public func forwardsDownstream(io address: UInt64) -> Bool {
    command.contains(.ioEnable) && ioWindow?.contains(address) ?? false
  }

  /// The Bridge Control register; empty for an endpoint.
  @inlinable
  public var bridgeControl: BridgeControlBits {
    BridgeControlBits(rawValue: header.isBridge ? word(HeaderRegister.bridgeControl) : 0)
  }

  /// The Secondary Status register; empty for an endpoint.
  @inlinable
  public var secondaryStatus: StatusBits {
    StatusBits(rawValue: header.isBridge ? word(HeaderRegister.secondaryStatus) : 0)
  }

  /// Sets bits of the secondary status as an event on the downstream side does.
  public mutating func raiseSecondary(_ bits: StatusBits) {
    precondition(header.isBridge, "only a bridge has a secondary status")
    raise(bits.rawValue, inWord: HeaderRegister.secondaryStatus)
  }
}
