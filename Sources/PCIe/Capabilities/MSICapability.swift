/// The MSI capability.
///
/// - Layout: 12 to 24 bytes, by the address width and the masks.
/// - Source: PCI Express Base 5.0, 7.7.1 "MSI Capability Structures".
public struct MSICapability: Capability, Hashable {
  public static let id = CapabilityID.msi
  public static let name = "MSI"

  /// The vectors that the function asks for: a power of two up to 32.
  public var vectorCount: Int
  public var is64Bit: Bool
  public var hasPerVectorMasking: Bool

  public init(vectorCount: Int = 1, is64Bit: Bool = true, hasPerVectorMasking: Bool = false) {
    self.vectorCount = vectorCount
    self.is64Bit = is64Bit
    self.hasPerVectorMasking = hasPerVectorMasking
  }

  /// The whole length.
  public var byteCount: Int { (is64Bit ? 16 : 12) + (hasPerVectorMasking ? 8 : 0) }

  /// Bits of the Message Control register.
  @usableFromInline
  enum Control {
    @usableFromInline static let enable: UInt16 = 1
    @usableFromInline static let is64Bit: UInt16 = 1 << 7
    @usableFromInline static let perVectorMasking: UInt16 = 1 << 8
  }

  /// Checks the fields.
  public func validate(in header: HeaderLayout) throws(ConfigurationSpaceError) {
    try require(vectorCount, in: 1...32, Self.name, "vectors")
    guard vectorCount.nonzeroBitCount == 1 else {
      throw .fieldNotPowerOfTwo(name: Self.name, field: "vectors", value: vectorCount)
    }
  }

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    let log2 = UInt16(vectorCount.trailingZeroBitCount)
    block.word(
      2, log2 << 1 | (is64Bit ? Control.is64Bit : 0) | (hasPerVectorMasking ? Control.perVectorMasking : 0),
      writable: Control.enable | 7 << 4)
    block.allow((1 << UInt64(log2 + 1)) - 1, inField: 7 << 20, at: 0)
    block.doubleWord(4, writable: ~3)
    if is64Bit { block.doubleWord(8, writable: .max) }
    let data = is64Bit ? 12 : 8
    block.word(data, writable: .max)
    if hasPerVectorMasking {
      let vectors = UInt32(truncatingIfNeeded: UInt64(1) << UInt64(vectorCount) - 1)
      block.doubleWord(data + 4, writable: vectors)
      block.doubleWord(data + 8)
    }
  }
}

/// The MSI registers as software has set them.
///
/// - Source: PCI Express Base 5.0, 6.1.4 "MSI and MSI-X Operation".
extension ConfigurationSpace {
  /// Whether software has switched MSI on.
  @inlinable
  public var isMSIEnabled: Bool {
    guard let place = places.msi else { return false }
    return word(place + 2) & MSICapability.Control.enable != 0
  }

  /// The vectors that software has granted.
  public var msiVectorCount: Int {
    guard let place = places.msi else { return 0 }
    return 1 << Int(word(place + 2) >> 4 & 7)
  }

  /// The address that software wants the message written to.
  public var msiAddress: UInt64 {
    guard let place = places.msi else { return 0 }
    let low = UInt64(doubleWord(place + 4) & ~3)
    return word(place + 2) & MSICapability.Control.is64Bit != 0
      ? UInt64(doubleWord(place + 8)) << 32 | low : low
  }

  /// The message data for a vector: its number stands in as many low bits as software granted vectors.
  public func msiData(vector: Int) -> UInt16 {
    guard let place = places.msi else { return 0 }
    let data = word(place + (word(place + 2) & MSICapability.Control.is64Bit != 0 ? 12 : 8))
    let low = UInt16(truncatingIfNeeded: msiVectorCount - 1)
    return data & ~low | UInt16(truncatingIfNeeded: vector) & low
  }

  /// Whether per-vector masking holds a vector back.
  public func isMSIMasked(vector: Int) -> Bool {
    guard let mask = msiMaskOffset, vector >= 0 && vector < 32 else { return false }
    return doubleWord(mask) >> UInt32(vector) & 1 == 1
  }

  /// Marks a masked vector as pending, or no longer pending.
  public mutating func setMSIPending(vector: Int, _ pending: Bool) {
    guard let mask = msiMaskOffset, vector >= 0 && vector < 32 else { return }
    let bit = UInt32(1) << UInt32(vector)
    replace(bit, with: pending ? bit : 0, at: mask + 4)
  }

  /// Whether a masked vector waits to be sent.
  public func isMSIPending(vector: Int) -> Bool {
    guard let mask = msiMaskOffset, vector >= 0 && vector < 32 else { return false }
    return doubleWord(mask + 4) >> UInt32(vector) & 1 == 1
  }

  /// The offset of the mask register, nil without per-vector masking.
  public var msiMaskOffset: Int? {
    guard let place = places.msi else { return nil }
    let control = word(place + 2)
    guard control & MSICapability.Control.perVectorMasking != 0 else { return nil }
    return place + (control & MSICapability.Control.is64Bit != 0 ? 16 : 12)
  }
}
