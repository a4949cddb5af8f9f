/// The address translation services capability.
///
/// - Layout: 8 bytes.
/// - Source: PCI Express Base 5.0, 10.5.1 "ATS Extended Capability".
public struct AddressTranslationCapability: ExtendedCapability, Hashable {
  public static let id = ExtendedCapabilityID.addressTranslation
  public static let name = "address translation services"
  public static let version: UInt8 = 1
  /// The whole length.
  public var byteCount: Int { 8 }

  /// Invalidate requests the function can queue: 1 to 32.
  public var invalidateQueueDepth: Int
  public var isPageAligned: Bool
  public var supportsGlobalInvalidate: Bool
  /// The depth and the smallest translation unit of the physical function hold for a virtual one.
  public var isVirtualFunction = false

  public init(
    invalidateQueueDepth: Int = 32, isPageAligned: Bool = true, supportsGlobalInvalidate: Bool = false
  ) {
    self.invalidateQueueDepth = invalidateQueueDepth
    self.isPageAligned = isPageAligned
    self.supportsGlobalInvalidate = supportsGlobalInvalidate
  }

  /// Checks the fields.
  public func validate(in header: HeaderLayout) throws(ConfigurationSpaceError) {
    try require(invalidateQueueDepth, in: 1...32, Self.name, "invalidate queue depth")
  }

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    // A depth of 32 is written as zero.
    block.word(
      4,
      UInt16(isVirtualFunction ? 0 : invalidateQueueDepth & 31) | (isPageAligned ? 1 << 5 : 0)
        | (supportsGlobalInvalidate ? 1 << 6 : 0))
    block.word(6, writable: isVirtualFunction ? 0x8000 : 0x801f)
  }
}

extension ConfigurationSpace {
  /// Whether software lets the function ask for translations.
  public var isAddressTranslationEnabled: Bool {
    guard let place = places[.addressTranslation] else { return false }
    return word(place + 6) & 0x8000 != 0
  }
}
