// What a model asks of the common header.
extension ConfigurationSpace {
  /// The Command register.
  @inlinable
  public var command: CommandBits { CommandBits(rawValue: word(HeaderRegister.command)) }

  /// The Status register.
  @inlinable
  public var status: StatusBits { StatusBits(rawValue: word(HeaderRegister.status)) }

  /// Sets status bits as an event does; software clears them by writing one.
  @inlinable
  public mutating func raise(_ bits: StatusBits) { raise(bits.rawValue, inWord: HeaderRegister.status) }

  /// Clears a status bit that hardware owns, such as the interrupt status.
  @inlinable
  public mutating func lower(_ bits: StatusBits) { lower(bits.rawValue, inWord: HeaderRegister.status) }

  /// Who made the function.
  public var vendorID: UInt16 { word(HeaderRegister.vendorID) }
  /// The vendor's number for the function.
  public var deviceID: UInt16 { word(HeaderRegister.deviceID) }
  /// Base class, sub-class and programming interface from bit 23 down.
  public var classCode: UInt32 { doubleWord(HeaderRegister.revisionID) >> 8 }
  /// What software noted about the routing of the legacy interrupt.
  public var interruptLine: UInt8 { byte(HeaderRegister.interruptLine) }
}

// Base address registers.
extension ConfigurationSpace {
  /// The address that a base address register decodes, whether or not decoding is enabled.
  public func address(of bar: BarLayout) -> UInt64 {
    let low = doubleWord(HeaderRegister.bar(bar.index))
    if bar.isIO { return UInt64(low & ~3) }
    return bar.is64Bit
      ? UInt64(doubleWord(HeaderRegister.bar(bar.index + 1))) << 32 | UInt64(low & ~15) : UInt64(low & ~15)
  }

  /// Whether the command register lets a base address register claim requests.
  @inlinable
  public func isDecoding(_ bar: BarLayout) -> Bool {
    command.contains(bar.kind == .io ? .ioEnable : .memoryEnable)
  }

  /// Finds the enabled register that holds all bytes of a request, with the offset of the first byte.
  ///
  /// - Units: `address` and `bytes` in bytes; a request of zero bytes counts as one.
  public func claim(address: UInt64, bytes: Int, isIO: Bool) -> (bar: BarLayout, offset: UInt64)? {
    guard command.contains(isIO ? .ioEnable : .memoryEnable) else { return nil }
    for bar in header.bars where bar.isIO == isIO {
      let (offset, below) = address.subtractingReportingOverflow(self.address(of: bar))
      if !below && offset < bar.bytes && UInt64(max(bytes, 1)) <= bar.bytes - offset { return (bar, offset) }
    }
    return nil
  }

  /// The address of the expansion ROM when the function has one and it is enabled.
  public var expansionROMAddress: UInt64? {
    guard header.expansionROMBytes != 0 else { return nil }
    let value = doubleWord(header.expansionROMOffset)
    return value & 1 == 1 ? UInt64(value & ~0x7ff) : nil
  }
}
